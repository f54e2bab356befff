//! `[input.*]` of a kit of one's own: what it asks its manifests for.

use std::borrow::Cow;

use crate::manifest::InputValue;
use crate::scalar::Scalar as _;
use crate::scalar::choice::choice;
use crate::scalar::dns::Host;
use crate::scalar::name::InputName;
use crate::schema::{Named, table};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::node::{Node, Value};
use sovereign_text::source::{Span, Spanned};

use super::Text;

choice! {
    /// What an input may be.
    InputType, "a type of input" {
        /// Any text.
        String "string",
        /// `true` or `false`.
        Boolean "boolean",
        /// A whole number.
        Integer "integer",
        /// One of some words.
        Choice "choice",
        /// A host, perhaps with a port.
        Host "host",
        /// A reference to a Secret.
        Secret "secret",
        /// A list of texts.
        List "list",
    }
}

table! {
    /// An input of a kit.
    InputTable {
        /// What it may be.
        r#type as "type": InputType = required,
        /// What it is for, in one sentence.
        doc: Text = required,
        /// The words that it may be, with `type = "choice"`.
        choices: Vec<Spanned<Text>> = optional,
        /// Whether a manifest must say it.
        required: bool = optional,
        /// What it is where a manifest does not say it.
        default: InputValue = optional,
    }
}

/// Why a value is none of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The part of the value that is wrong.
    pub span: Span,
    /// What was expected, and what was found.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// The replacement, where one is near.
    pub near: Option<String>,
}

impl InputTable {
    /// Returns its type; that of a declaration which says none, or another one, has been reported.
    pub fn kind(&self) -> InputType {
        self.r#type.map_or(InputType::String, |kind| kind.value)
    }

    fn words(&self) -> impl Iterator<Item = &str> + Clone {
        self.choices.iter().flat_map(|list| &list.value).map(|word| word.value.as_str())
    }

    /// Returns a value that fits, as TOML: for the help of one that is missing.
    pub fn example(&self) -> Cow<'_, str> {
        match self.kind() {
            InputType::String => "\"text\"".into(),
            InputType::Boolean => "true".into(),
            InputType::Integer => "1".into(),
            InputType::Choice => format!("{:?}", self.words().next().unwrap_or("word")).into(),
            InputType::Host => format!("{:?}", Host::EXAMPLE).into(),
            InputType::Secret => "{ secret = \"credentials\", key = \"password\" }".into(),
            InputType::List => "[\"text\"]".into(),
        }
    }

    /// Returns why a value does not fit; `None` if it does.
    pub fn misfit(&self, value: &Node) -> Option<Misfit> {
        let kind = self.kind();
        let fits = match (kind, &value.value) {
            (InputType::String, Value::String(_))
            | (InputType::Boolean, Value::Bool(_))
            | (InputType::Integer, Value::Integer(_))
            | (InputType::List, Value::List(_))
            | (InputType::Secret, Value::Map(_)) => true,
            (InputType::Choice, Value::String(word)) => return self.other_word(word, value.cause),
            (InputType::Host, Value::String(host)) => return other_host(host, value.cause),
            _ => false,
        };
        let expected = match kind {
            InputType::String | InputType::Choice | InputType::Host => "text",
            InputType::Boolean => "`true` or `false`",
            InputType::Integer => "a whole number",
            InputType::Secret => "a reference to a Secret",
            InputType::List => "a list of texts",
        };
        let help = if kind == InputType::Secret {
            "name the Secret, and make it in the cluster: `{ secret = \"…\", key = \"…\" }`".to_owned()
        } else {
            format!("write a value such as `{}`", self.example())
        };
        let message = format!("expected {expected}, found {}", found(&value.value));
        (!fits).then_some(Misfit { span: value.cause, message, help, near: None })
    }

    fn other_word(&self, word: &str, span: Span) -> Option<Misfit> {
        if self.choices.is_none() || self.words().any(|known| known == word) {
            return None;
        }
        let near = suggest::nearest(word, self.words()).map(|near| format!("{near:?}"));
        Some(Misfit {
            span,
            message: format!("there is no choice `{}`", crate::schema::shorten(word)),
            help: format!("write one of {}", suggest::list(self.words(), 12)),
            near,
        })
    }

    /// Returns the value that stands in for one that is wrong or missing, so that nothing else is reported for it.
    pub fn stand_in(&self, cause: Span) -> Node {
        let value: Value = match self.kind() {
            InputType::String => String::new().into(),
            InputType::Boolean => false.into(),
            InputType::Integer => 0.into(),
            InputType::Choice => self.words().next().unwrap_or_default().to_owned().into(),
            InputType::Host => Host::EXAMPLE.into(),
            InputType::List => Vec::new().into(),
            InputType::Secret => {
                let mut reference = Node::new(String::new(), cause);
                reference.set(&["secret"], Node::new("credentials", cause));
                reference.set(&["key"], Node::new("password", cause));
                return reference;
            }
        };
        Node::new(value, cause)
    }

    /// Returns the names by which expressions read it.
    fn names(&self, name: &InputName) -> Vec<String> {
        let name = name.in_expressions();
        match self.kind() {
            InputType::Secret => ["secret", "key"].map(|part| format!("{name}.{part}")).to_vec(),
            InputType::String
            | InputType::Boolean
            | InputType::Integer
            | InputType::Choice
            | InputType::Host
            | InputType::List => vec![name],
        }
    }

    /// Reports what does not hold between its keys.
    pub(super) fn check(&self, name: &Spanned<InputName>, diags: &mut Diagnostics) {
        let is_choice = self.r#type.is_some_and(|kind| kind.value == InputType::Choice);
        match (&self.choices, self.r#type) {
            (None, Some(kind)) if is_choice && !self.states("choices") => {
                let because = (kind.span, "an input of this type");
                crate::manifest::missing(diags, name.span, "choices", "[\"small\", \"large\"]", because);
            }
            (Some(choices), _) if is_choice && choices.value.is_empty() => {
                let message = "an input of type `choice` has at least one word";
                diags.push(Diagnostic::new(Code::MalformedValue, choices.span, message).help("add a word"));
            }
            (Some(choices), Some(kind)) if !is_choice => {
                crate::manifest::unsupported(diags, choices.span, "choices", (kind.span, "of this type"));
            }
            _ => {}
        }
        if let (Some(required), Some(default)) = (self.required.filter(|is| is.value), &self.default) {
            let because = (required.span, "a manifest must say it");
            crate::manifest::unsupported(diags, default.span, "default", because);
        }
    }
}

/// Returns the names by which expressions read inputs, each with its dots.
pub(super) fn names(inputs: &Named<InputName, InputTable>) -> Vec<String> {
    inputs.0.iter().flat_map(|(name, table)| table.value.names(&name.value)).collect()
}

fn other_host(host: &str, span: Span) -> Option<Misfit> {
    let bad = Host::parse(host).err()?;
    Some(Misfit {
        span,
        message: format!("`{}` is not a host: it {}", crate::schema::shorten(host), bad.reason),
        help: format!("write a host such as `{}`", Host::EXAMPLE),
        near: bad.meant.map(|meant| format!("{meant:?}")),
    })
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::String(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a reference to a Secret",
    }
}
