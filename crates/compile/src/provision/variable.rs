//! A variable of a module: its type, what it accepts, and what gives its value.
//!
//! What accepts it is what the module itself checks, said once: [`Variable::refuses`] holds a value against it,
//! [`Variable::schema`] says it to others, and a test holds the two together.

use std::fmt::Display;

use serde_json::{Value as Json, json};

use super::cost::Cost;
use crate::plan::{Plan, Region};
use sovereign_language::scalar::Scalar;
use sovereign_text::diag::suggest;
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{Span, Spanned};

/// The region that a value is for.
#[derive(Clone, Copy, Debug)]
pub struct RegionCtx<'p, 'a> {
    /// The plan.
    pub plan: &'p Plan<'a>,
    /// One of its regions.
    pub region: &'p Region<'a>,
}

/// What gives a variable its value in a region, if anything does.
pub(crate) type Gives = for<'p, 'a> fn(&RegionCtx<'p, 'a>) -> Option<Node>;

/// A variable of a module.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its type, and what it accepts.
    pub kind: Kind,
    /// What it is if the manifest does not give it.
    pub default: VariableDefault,
    /// What a change of it costs, if it costs something.
    pub cost: Option<Cost>,
    gives: Option<Gives>,
}

/// The type of a variable, and what it accepts.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `string`.
    Text(Rule),
    /// `list(string)`.
    Texts(Rule),
    /// `number`, whole and between these two.
    Number(i64, i64),
    /// `bool`.
    Flag,
    /// `list(object)`: a record for each region of the module, so many at least.
    Regions(&'static [Variable], usize),
}

/// What a text has to be.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Anything.
    Any,
    /// What follows a pattern.
    Pattern(&'static Pattern),
    /// A word of these.
    OneOf(&'static [&'static str]),
    /// Between so many characters and so many.
    Length(usize, usize),
    /// Anything but this.
    Not(&'static str),
}

/// A pattern as a program and as a schema.
#[derive(Debug)]
pub struct Pattern {
    /// What does not follow it, as a phrase: `is not …`.
    pub refusal: &'static str,
    /// Whether a text follows it.
    pub holds: fn(&str) -> bool,
    /// The JSON Schema of what does.
    pub schema: fn() -> Json,
}

impl Pattern {
    /// Returns what a grammar of the language accepts.
    pub const fn new<T: Scalar>(refusal: &'static str) -> Self {
        Self { refusal, holds: |text| T::parse(text).is_ok(), schema: T::schema }
    }
}

/// What a variable is if the manifest does not give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableDefault {
    /// The module's default, which is written down.
    Default(Literal),
    /// Nothing, and the module does not run without.
    Missing,
    /// What whoever runs the module may give. It is not written: a value in a file wins over the environment.
    AtRunTime,
    /// Never in a file. Whether the module does not run without.
    Secret {
        /// Whether the module does not run without.
        required: bool,
    },
}

/// A default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A text.
    Text(&'static str),
    /// A number.
    Number(i64),
    /// A flag.
    Flag(bool),
    /// A list with nothing in it.
    Nothing,
}

impl Literal {
    /// Returns the default as JSON.
    pub fn to_json(self) -> Json {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => number.into(),
            Self::Flag(flag) => flag.into(),
            Self::Nothing => json!([]),
        }
    }

    fn node(self, cause: Span) -> Node {
        match self {
            Self::Text(text) => Node::new(text, cause),
            Self::Number(number) => Node::new(number, cause),
            Self::Flag(flag) => Node::new(flag, cause),
            Self::Nothing => Node::new(Vec::new(), cause),
        }
    }
}

impl Variable {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, default: VariableDefault::Missing, cost: None, gives: None }
    }

    /// Returns a text.
    pub const fn text(name: &'static str, rule: Rule) -> Self {
        Self::new(name, Kind::Text(rule))
    }

    /// Returns a list of texts.
    pub const fn texts(name: &'static str, rule: Rule) -> Self {
        Self::new(name, Kind::Texts(rule))
    }

    /// Returns a whole number between two others.
    pub const fn number(name: &'static str, least: i64, most: i64) -> Self {
        Self::new(name, Kind::Number(least, most))
    }

    /// Returns a flag.
    pub const fn flag(name: &'static str) -> Self {
        Self::new(name, Kind::Flag)
    }

    /// Returns a record for each region, of so many at least.
    pub const fn regions(fields: &'static [Self], least: usize) -> Self {
        Self::new("regions", Kind::Regions(fields, least))
    }

    /// Returns a text that is never in a file.
    pub const fn secret(name: &'static str, rule: Rule) -> Self {
        Self { default: VariableDefault::Secret { required: false }, ..Self::text(name, rule) }
    }

    /// Returns a text that is never in a file, and that the module does not run without.
    pub(crate) const fn required_secret(name: &'static str, rule: Rule) -> Self {
        Self { default: VariableDefault::Secret { required: true }, ..Self::text(name, rule) }
    }

    /// With what gives its value.
    #[must_use]
    pub const fn given(self, gives: Gives) -> Self {
        Self { gives: Some(gives), ..self }
    }

    /// With a default.
    #[must_use]
    pub const fn or(self, default: Literal) -> Self {
        Self { default: VariableDefault::Default(default), ..self }
    }

    /// With what a change of it costs.
    #[must_use]
    pub(crate) const fn costs(self, cost: Cost) -> Self {
        Self { cost: Some(cost), ..self }
    }

    /// Left to whoever runs the module.
    #[must_use]
    pub(crate) const fn at_run_time(self) -> Self {
        Self { default: VariableDefault::AtRunTime, ..self }
    }

    /// Returns whether it is never in a file.
    pub fn is_secret(&self) -> bool {
        matches!(self.default, VariableDefault::Secret { .. })
    }

    /// Returns whether it speaks of all regions of a module.
    pub(crate) fn is_of_all_regions(&self) -> bool {
        self.fields().is_some()
    }

    /// Returns the fields of each region's record, if it speaks of all regions.
    pub fn fields(&self) -> Option<&'static [Self]> {
        if let Kind::Regions(fields, _) = self.kind { Some(fields) } else { None }
    }

    /// Returns its value in a region: what the manifest gives, or the default.
    pub fn value(&self, here: &RegionCtx<'_, '_>) -> Option<Node> {
        let default = || match self.default {
            VariableDefault::Default(literal) => Some(literal.node(here.region.written.span)),
            VariableDefault::Missing | VariableDefault::AtRunTime | VariableDefault::Secret { .. } => None,
        };
        self.gives.and_then(|gives| gives(here)).or_else(default)
    }

    /// Returns why the module refuses a value, if so, as a phrase that follows the value.
    pub fn refuses(&self, value: &Json) -> Option<String> {
        match (self.kind, value) {
            (Kind::Text(rule), Json::String(text)) => rule.refuses(text),
            (Kind::Texts(rule), Json::Array(items)) => items.iter().find_map(|item| {
                item.as_str()
                    .map_or_else(|| Some("is not a list of texts".to_owned()), |text| rule.refuses(text))
            }),
            (Kind::Number(least, most), Json::Number(number)) => {
                let within = number.as_i64().is_some_and(|number| (least..=most).contains(&number));
                (!within).then(|| format!("is not a whole number between {least} and {most}"))
            }
            (Kind::Flag, Json::Bool(_)) => None,
            (Kind::Regions(_, least), Json::Array(items)) if items.len() < least => {
                Some(format!("has fewer than {least}"))
            }
            (Kind::Regions(fields, _), Json::Array(items)) => {
                items.iter().find_map(|item| refused_record(fields, item))
            }
            _ => Some(format!("is not {}", self.kind.name())),
        }
    }

    /// Returns the JSON Schema of what the module accepts.
    pub fn schema(&self) -> Json {
        match self.kind {
            Kind::Text(rule) => rule.schema(),
            Kind::Texts(rule) => json!({ "type": "array", "items": rule.schema() }),
            Kind::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Regions(fields, least) => {
                let properties: serde_json::Map<_, _> =
                    fields.iter().map(|field| (field.name.to_owned(), field.schema())).collect();
                let required: Vec<_> = fields.iter().map(|field| field.name).collect();
                let record = json!({
                    "type": "object",
                    "properties": properties,
                    "required": required,
                    "additionalProperties": false,
                });
                json!({ "type": "array", "items": record, "minItems": least })
            }
        }
    }
}

/// Returns why a record of a region is refused, if so.
fn refused_record(fields: &[Variable], record: &Json) -> Option<String> {
    let Json::Object(record) = record else { return Some("is not a list of records".to_owned()) };
    if let Some(key) = record.keys().find(|key| !fields.iter().any(|field| field.name == key.as_str())) {
        return Some(format!("has a field `{key}`"));
    }
    fields.iter().find_map(|field| match record.get(field.name) {
        Some(value) => Some(format!("has a `{}` that {}", field.name, field.refuses(value)?)),
        None => Some(format!("has no field `{}`", field.name)),
    })
}

/// Returns the record of a region.
pub(super) fn record(fields: &[Variable], here: &RegionCtx<'_, '_>) -> Node {
    let mut map = Map::new();
    for field in fields {
        if let Some(value) = field.value(here) {
            map.insert(field.name, value);
        }
    }
    Node::new(map, here.region.written.span)
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Texts(_) => "a list of texts",
            Self::Number(..) => "a number",
            Self::Flag => "a flag",
            Self::Regions(..) => "a list of records",
        }
    }
}

impl Rule {
    fn refuses(self, text: &str) -> Option<String> {
        match self {
            Self::Any => None,
            Self::Pattern(pattern) => (!(pattern.holds)(text)).then(|| pattern.refusal.to_owned()),
            Self::OneOf(words) => none_of(words, text),
            Self::Length(least, most) => {
                let within = (least..=most).contains(&text.chars().count());
                (!within).then(|| format!("has not between {least} and {most} characters"))
            }
            Self::Not(word) => (text == word).then(|| "it never takes".to_owned()),
        }
    }

    fn schema(self) -> Json {
        match self {
            Self::Any => json!({ "type": "string" }),
            Self::Pattern(pattern) => (pattern.schema)(),
            Self::OneOf(words) => json!({ "type": "string", "enum": words }),
            Self::Length(least, most) => json!({ "type": "string", "minLength": least, "maxLength": most }),
            Self::Not(word) => json!({ "type": "string", "not": { "const": word } }),
        }
    }
}

fn none_of(words: &[&'static str], text: &str) -> Option<String> {
    let list = || suggest::list(words.iter().copied(), 12);
    (!words.contains(&text)).then(|| format!("is none of {}", list()))
}

/// Returns a value of the manifest as text, at its place.
#[expect(clippy::unnecessary_wraps, reason = "what gives a value may give none, and most of it ends in this")]
pub(super) fn text<T: Display>(value: &Spanned<T>) -> Option<Node> {
    Some(Node::new(value.value.to_string(), value.span))
}
