//! The lines of a lock: a value, what it is by default, and who reads it.

use std::borrow::Cow;
use std::fmt;

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

    /// Returns a value from what stands behind its path.
    fn of_words(path: String, words: &str, default: Option<&'t str>) -> Self {
        let mut words = words.split(',');
        let kinds = words.next().unwrap_or_default().split('|').filter_map(Kind::from_word).collect();
        Self {
            path: Cow::Owned(path),
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

/// The values of a lock, packed as [`super::pack`] does it.
#[derive(Clone, Copy, Debug)]
pub struct LockedValues<'t> {
    /// Kinds and marks, an end of line behind each.
    words: &'t str,
    /// Where each block begins among the lines.
    starts: &'t [[u8; 4]],
    lines: &'t [u8],
}

impl<'t> LockedValues<'t> {
    /// Returns values that were packed; none of them where the bytes are something else.
    pub fn of_packed(packed: &'t [u8]) -> Self {
        let parts = || {
            let end = packed.iter().position(|byte| *byte == 0)?;
            let (words, rest) = packed.split_at_checked(end)?;
            let (count, rest) = rest.get(1..)?.split_first_chunk::<4>()?;
            let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
            let (starts, lines) = rest.split_at_checked(count.checked_mul(4)?)?;
            Some(Self { words: std::str::from_utf8(words).ok()?, starts: starts.as_chunks().0, lines })
        };
        parts().unwrap_or(Self { words: "", starts: &[], lines: &[] })
    }

    /// Returns all values, sorted by path.
    pub fn lines(self) -> impl Iterator<Item = ValueFact<'t>> {
        let mut reader = self.reader_at(0);
        std::iter::from_fn(move || {
            let line = reader.next()?;
            Some(ValueFact::of_words(reader.path.clone(), self.word(line.word), line.default))
        })
    }

    /// Returns the value at a path.
    pub fn get(self, path: &str) -> Option<ValueFact<'t>> {
        let (reader, line) = self.first_from(path)?;
        (reader.path == path).then(|| ValueFact::of_words(reader.path, self.word(line.word), line.default))
    }

    /// Returns whether there is a value below a path.
    pub fn has_below(self, path: &str) -> bool {
        let start = format!("{path}.");
        self.first_from(&start).is_some_and(|(reader, _)| reader.path.starts_with(&start))
    }

    /// Returns the first line whose path is not before this one, with the reader that stands behind it.
    fn first_from(self, path: &str) -> Option<(Reader<'t>, Line<'t>)> {
        // The path stands in the last block that begins before it, or is the first of the next one.
        let block = self.starts.partition_point(|start| self.path_at(*start) < path.as_bytes());
        let mut reader = self.reader_at(block.saturating_sub(1));
        loop {
            let line = reader.next()?;
            if reader.path.as_str() >= path {
                return Some((reader, line));
            }
        }
    }

    /// Returns the path of the line that begins here, which says it whole.
    fn path_at(self, start: [u8; 4]) -> &'t [u8] {
        let line = self.from(start).get(2..).unwrap_or_default();
        let end = line.iter().position(|byte| matches!(byte, b' ' | b'\n')).unwrap_or(line.len());
        line.get(..end).unwrap_or_default()
    }

    fn reader_at(self, block: usize) -> Reader<'t> {
        Reader { rest: self.starts.get(block).map_or(&[], |start| self.from(*start)), path: String::new() }
    }

    fn from(self, start: [u8; 4]) -> &'t [u8] {
        let start = usize::try_from(u32::from_le_bytes(start)).unwrap_or(usize::MAX);
        self.lines.get(start..).unwrap_or_default()
    }

    fn word(self, place: u8) -> &'t str {
        self.words.lines().nth(usize::from(place)).unwrap_or_default()
    }
}

/// Reads lines one behind another.
struct Reader<'t> {
    rest: &'t [u8],
    /// The path of the line that was read last.
    path: String,
}

/// What stands in a line besides its path.
struct Line<'t> {
    word: u8,
    default: Option<&'t str>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<Line<'t>> {
        let (&[shared, word], rest) = self.rest.split_first_chunk::<2>()?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = rest.split_at_checked(end)?;
        self.rest = rest.get(1..)?;
        let line = std::str::from_utf8(line).ok()?;
        let (path, default) = line.split_once(' ').map_or((line, None), |(path, text)| (path, Some(text)));
        let shared = self.path.get(..usize::from(shared))?.len();
        self.path.truncate(shared);
        self.path.push_str(path);
        Some(Line { word, default })
    }
}

#[cfg(test)]
mod tests {
    use super::super::pack::pack;
    use super::*;

    const VALUES: &str = "a int 1
a-b string \"x y\"
a.b map,open
a.b.c bool true
ab any,open
z.\"k.l\".m string
";

    #[test]
    fn every_value_is_found_and_nothing_else() {
        let packed = pack(VALUES).expect("packed");
        let values = LockedValues::of_packed(&packed);
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
        let packed = pack(VALUES).expect("packed");
        let values = LockedValues::of_packed(&packed);
        let fact = values.get("a-b").expect("found");
        assert_eq!((fact.kinds(), fact.default()), ([Kind::Text].as_slice(), Some("\"x y\"")));
        assert!(values.get("a.b").expect("found").is(Mark::Open));
        assert_eq!(values.get("ab").expect("found").kinds(), []);
        let text: Vec<_> = values.lines().map(|line| line.to_string()).collect();
        assert_eq!(text.join("\n") + "\n", VALUES);
    }

    #[test]
    fn many_values_are_found_in_whichever_block() {
        let long = "l".repeat(300);
        let lines = (0..100).map(|number| format!("{long}.\u{e9}{number:03}.x int {number}\n"));
        let text: String = lines.collect();
        let packed = pack(&text).expect("packed");
        let values = LockedValues::of_packed(&packed);
        assert_eq!(values.lines().map(|fact| fact.to_string() + "\n").collect::<String>(), text);
        for number in 0..100 {
            let above = format!("{long}.\u{e9}{number:03}");
            let fact = values.get(&format!("{above}.x")).expect("found");
            assert_eq!(fact.default(), Some(number.to_string().as_str()));
            assert!(values.has_below(&above) && values.get(&above).is_none());
        }
        assert!(!values.has_below(&format!("{long}.\u{e9}100")));
    }

    #[test]
    fn what_was_not_packed_has_no_values() {
        for bytes in [b"".as_slice(), b"\0", b"int\n\0\xff\xff\xff\xff", b"\0\x01\0\0\0\xff\0\0\0"] {
            let values = LockedValues::of_packed(bytes);
            assert_eq!((values.lines().count(), values.get("a"), values.has_below("a")), (0, None, false));
        }
    }
}
