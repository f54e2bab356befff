//! The lines of a lock: a value, what it is by default, and who reads it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::{BEGIN, END};

/// Declares words of a lock.
macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $word_doc:literal])* $variant:ident $word:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $word_doc])* $variant,)* }

        impl $name {
            /// Returns the word in a lock.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// What kind of value stands somewhere.
    Kind {
        /// Nothing by default.
        Null "null",
        /// `true` or `false`.
        Bool "bool",
        /// A whole number.
        Integer "int",
        /// A number.
        Number "number",
        /// Text.
        Text "string",
        /// A sequence.
        List "list",
        /// A mapping.
        Map "map",
    }
}

words! {
    /// What else is known of a value.
    Mark {
        /// Anything may stand below it: templates use it as it is, or its schema says so.
        Open "open",
        /// No template reads it.
        Unread "unread",
        /// The values of a subchart that a template uses as they are. Anything below may be read.
        Whole "whole",
        /// The values of a subchart that was not opened.
        Unopened "unopened",
        /// The values of a subchart of which another version was opened than its parent asks for.
        Other "other-version",
        /// Its kinds are those that the schema of the chart says.
        Schema "schema",
        /// Its name is that of a secret.
        Sensitive "sensitive",
        /// A change of it loses data, or is refused by Kubernetes.
        KeepsData "keeps-data",
    }
}

/// A value of a chart: a line of its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueFact<'t> {
    path: Cow<'t, str>,
    kinds: Vec<Kind>,
    marks: Vec<Mark>,
    default: Option<Cow<'t, str>>,
}

impl<'t> ValueFact<'t> {
    /// Returns a value of which nothing is known but its path, as `path_text` writes it. White space in it is escaped.
    pub fn new(path: impl Into<Cow<'t, str>>) -> Self {
        let path = path.into();
        let path = if path.contains(' ') { Cow::Owned(path.replace(' ', "\\u0020")) } else { path };
        Self { path: literal(path), kinds: Vec::new(), marks: Vec::new(), default: None }
    }

    /// Adds a kind that it may have.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kinds.push(kind);
        self.kinds.sort_unstable();
        self.kinds.dedup();
        self
    }

    /// Adds a mark.
    #[must_use]
    pub fn marked(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self.marks.sort_unstable();
        self.marks.dedup();
        self
    }

    /// Adds a scalar that it is by default.
    #[must_use]
    pub fn with_default(mut self, scalar: impl Into<serde_json::Value>) -> Self {
        self.default = Some(literal(Cow::Owned(scalar.into().to_string())));
        self
    }

    /// Returns its path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the kinds that it may have; none where nothing is known of them.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Returns whether it has a mark.
    pub fn is(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    /// Returns the scalar that it is by default, as JSON. A long one is not in the lock.
    pub fn default(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// Returns a line of a lock.
    fn of_line(line: &'t str) -> Self {
        let (path, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (words, default) =
            rest.split_once(' ').map_or((rest, None), |(words, scalar)| (words, Some(scalar)));
        let mut words = words.split(',');
        let kinds = words.next().unwrap_or_default().split('|').filter_map(Kind::from_word).collect();
        Self {
            path: Cow::Borrowed(path),
            kinds,
            marks: words.filter_map(Mark::from_word).collect(),
            default: default.map(Cow::Borrowed),
        }
    }
}

/// Returns a text as it may stand in a literal of TOML that three quotes end.
fn literal(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(['\'', '\u{7f}']) {
        return Cow::Owned(text.replace('\'', "\\u0027").replace('\u{7f}', "\\u007f"));
    }
    text
}

impl fmt::Display for ValueFact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self.kinds.iter().map(|kind| kind.word()).collect();
        let kinds = if kinds.is_empty() { "any".to_owned() } else { kinds.join("|") };
        write!(f, "{} {kinds}", self.path)?;
        self.marks.iter().try_for_each(|mark| write!(f, ",{}", mark.word()))?;
        self.default.iter().try_for_each(|scalar| write!(f, " {scalar}"))
    }
}

/// The values of a lock, as they stand in its text.
#[derive(Clone, Copy, Debug)]
pub struct LockedValues<'t>(&'t str);

impl<'t> LockedValues<'t> {
    /// Returns the values of a lock; `None` where the chart was not opened.
    pub fn of_lock(lock: &'t str) -> Option<Self> {
        let (_, values) = lock.split_once(BEGIN)?;
        values.strip_suffix(END).map(Self)
    }

    /// Returns all values, sorted by path.
    pub fn lines(self) -> impl Iterator<Item = ValueFact<'t>> {
        self.0.lines().map(ValueFact::of_line)
    }

    /// Returns the value at a path.
    pub fn get(self, path: &str) -> Option<ValueFact<'t>> {
        let line = self.line_at(self.first_from(path))?;
        (path_of(line) == path).then(|| ValueFact::of_line(line))
    }

    /// Returns whether there is a value below a path.
    pub fn has_below(self, path: &str) -> bool {
        let start = format!("{path}.");
        self.line_at(self.first_from(&start)).is_some_and(|line| line.starts_with(&start))
    }

    fn line_at(self, start: usize) -> Option<&'t str> {
        self.0.get(start..)?.lines().next()
    }

    /// Returns where the first line stands whose path is not before this one: a search that halves the text.
    fn first_from(self, path: &str) -> usize {
        let bytes = self.0.as_bytes();
        let (mut low, mut high) = (0, bytes.len());
        while low < high {
            let middle = low.midpoint(high);
            let before = bytes.get(..middle).unwrap_or_default();
            let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
            let line = self.line_at(start).unwrap_or_default();
            if path_of(line).cmp(path) == Ordering::Less {
                low = start + line.len() + 1;
            } else {
                high = start;
            }
        }
        low
    }
}

/// Returns the path of a line.
fn path_of(line: &str) -> &str {
    line.split_once(' ').map_or(line, |(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "chart = \"x\"\n\nvalues = '''
a int 1
a-b string \"x y\"
a.b map,open
a.b.c bool true
ab any,open
z.\"k.l\".m string
'''
";

    #[test]
    fn every_value_is_found_and_nothing_else() {
        let values = LockedValues::of_lock(LOCK).expect("values");
        let paths: Vec<_> = values.lines().map(|line| line.path().to_owned()).collect();
        assert!(paths.is_sorted());
        for path in &paths {
            assert_eq!(values.get(path).expect("found").path(), path);
        }
        for absent in ["", "A", "a.a", "a.b.cc", "z", "z.\"k", "zz"] {
            assert_eq!(values.get(absent), None, "{absent}");
        }
        assert!(values.has_below("a") && values.has_below("a.b") && values.has_below("z"));
        assert!(!values.has_below("a-b") && !values.has_below("ab"));
    }

    #[test]
    fn a_line_is_what_it_was() {
        let values = LockedValues::of_lock(LOCK).expect("values");
        let fact = values.get("a-b").expect("found");
        assert_eq!((fact.kinds(), fact.default()), ([Kind::Text].as_slice(), Some("\"x y\"")));
        assert!(values.get("a.b").expect("found").is(Mark::Open));
        assert_eq!(values.get("ab").expect("found").kinds(), []);
        let text: Vec<_> = values.lines().map(|line| line.to_string()).collect();
        assert!(LOCK.contains(&(text.join("\n") + "\n")));
    }
}
