//! What a place in a source is to a value that follows from it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use sovereign_language::expression;
use sovereign_language::input::{Holds, SourceMap};
use sovereign_language::keys::{self, Keys};
use sovereign_text::diag::Sources as _;
use sovereign_text::source::{Source, SourceId, Span};

/// How a value follows from its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It stands there.
    Written,
    /// It is made of what stands there.
    Derived,
    /// Nobody wrote it: it follows from a table, or from the manifest as a whole.
    Default,
    /// It stands in a blueprint.
    Kit,
    /// An expression of a blueprint gives it.
    Expression,
}

impl Kind {
    /// Returns the word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Derived => "derived",
            Self::Default => "default",
            Self::Kit => "kit",
            Self::Expression => "expression",
        }
    }

    /// Returns a phrase for people.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::Written => "written here",
            Self::Derived => "made of this",
            Self::Default => "not written; follows from this",
            Self::Kit => "written in the blueprint",
            Self::Expression => "worked out by this expression",
        }
    }
}

/// A place as a person finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// How the value follows from it.
    pub kind: Kind,
    /// The name of the source.
    pub source: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The key that the place belongs to; `None` for the text as a whole.
    pub key: Option<String>,
    /// The line.
    pub text: String,
    /// Whether a user wrote the source, and not a kit.
    pub is_input: bool,
}

impl Cause {
    /// Returns source and line: `sovereign.toml:17`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.source, self.line)
    }
}

/// The texts that places are in, and what is known of them.
pub struct Causes<'p> {
    sources: SourceMap<'p>,
    keys: RefCell<BTreeMap<SourceId, Rc<Keys>>>,
}

/// The longest line that is shown, in characters: what is longer is no line for people.
const LONGEST_LINE: usize = 200;

impl<'p> Causes<'p> {
    /// Takes the texts, and the keys of those that are no TOML.
    pub(super) fn new(sources: SourceMap<'p>, known: impl IntoIterator<Item = (SourceId, Keys)>) -> Self {
        let known = known.into_iter().map(|(id, keys)| (id, Rc::new(keys))).collect();
        Self { sources, keys: RefCell::new(known) }
    }

    /// Returns the source of a place.
    pub fn source(&self, id: SourceId) -> &Source {
        self.sources.source(id)
    }

    /// Returns the source of a name, as people write it: whole, or its last parts.
    pub fn named(&self, name: &str) -> Option<&'p Source> {
        let is = |source: &&Source| {
            source.name() == name || source.name().strip_suffix(name).is_some_and(|rest| rest.ends_with('/'))
        };
        let input = self.sources.input;
        let further = input.further().map(|file| file.source);
        let inputs = std::iter::once(input.manifest()).chain(further);
        let kits = self.sources.kits;
        let of_kits = kits.names().flat_map(|kit| kits.files(kit).unwrap_or_default());
        let mut all = inputs.chain(of_kits);
        all.find(is)
    }

    /// Returns what a place is to a value.
    pub fn cause(&self, span: Span, value: &str) -> Cause {
        let source = self.source(span.source);
        let (line, column) = source.position(span.start);
        let text = source.text().get(source.line(line)).unwrap_or_default().trim();
        Cause {
            kind: self.kind(span, value),
            source: source.name().to_owned(),
            line,
            column,
            key: self.keys(span.source).at(span).map(str::to_owned),
            text: text.chars().take(LONGEST_LINE).collect(),
            is_input: span.source.is_input(),
        }
    }

    /// Returns the names of facts that the expressions at a place read.
    pub(super) fn names(&self, span: Span) -> Vec<String> {
        let written = self.source(span.source).slice(span);
        if !self.is_blueprint(span.source) || !written.contains(EXPRESSION) {
            return Vec::new();
        }
        // What is no text of TOML is one of YAML, which may stand without quotes.
        let text = keys::text(written).unwrap_or_else(|| written.to_owned());
        expression::names(&text).into_iter().map(str::to_owned).collect()
    }

    /// Returns whether a line of a source is where a place is: the line that it is on, or one of those that it fills.
    pub fn is_on(&self, span: Span, source: &Source, line: usize) -> bool {
        span.source == source.id()
            && source.line_number(span.start) <= line
            && line <= source.line_number(span.end.saturating_sub(1).max(span.start))
    }

    fn kind(&self, span: Span, value: &str) -> Kind {
        let written = self.source(span.source).slice(span);
        let is_blueprint = self.is_blueprint(span.source);
        if is_blueprint && written.contains(EXPRESSION) {
            return Kind::Expression;
        }
        // The place of a text as a whole is empty, that of a table with a header the header.
        let is_table =
            written.is_empty() || written.starts_with('[') && written.ends_with(']') && self.is_header(span);
        let is_same = written == value || keys::text(written).is_some_and(|text| text == value);
        match (is_table, is_same, is_blueprint) {
            (true, _, false) => Kind::Default,
            (false, true, false) => Kind::Written,
            (false, true, true) => Kind::Kit,
            (true | false, false, _) | (true, true, true) => Kind::Derived,
        }
    }

    /// Returns whether a place in brackets is a header, and not a list.
    fn is_header(&self, span: Span) -> bool {
        let source = self.source(span.source);
        let line = source.line(source.line_number(span.start));
        source.text().get(line.start..span.start as usize).is_some_and(|before| before.trim().is_empty())
    }

    fn is_blueprint(&self, id: SourceId) -> bool {
        !id.is_input()
            || self
                .sources
                .input
                .further()
                .any(|file| matches!(file.holds, Holds::Kit | Holds::Blueprints) && file.source.id() == id)
    }

    fn keys(&self, id: SourceId) -> Rc<Keys> {
        let known = self.keys.borrow().get(&id).map(Rc::clone);
        known.unwrap_or_else(|| {
            let keys = Rc::new(Keys::new(self.source(id)));
            self.keys.borrow_mut().insert(id, Rc::clone(&keys));
            keys
        })
    }
}

/// What begins an expression in a text of a blueprint.
const EXPRESSION: &str = "{{";
