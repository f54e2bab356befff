//! Expressions in blueprint values: `{{ fqdn }}`, `{{ region.label }}`, evaluated over the facts of a plan.
//!
//! Takes the strings of a kit, gives values. A string that is one expression alone keeps the expression's type;
//! an unknown name is an error at its place. Users' `values` never come here: they are taken literally.
//!
//! A blueprint source may come from a pull request, so the language has nothing that repeats, and what it makes is bounded:
//! the length of a string, the operations of an expression, and what all expressions of a blueprint make together
//! ([`bounds`]).
//!
//! # Names without a value
//!
//! - A **name that does not exist** is an error wherever it stands, also in a branch that is not taken.
//! - A name that **this Sovereign does not give** (`storage.class` without a class) is an error where it is needed;
//!   `| default(value=…)` stands in for it.
//! - A fact that is **not known yet** makes the string absent that holds its name anywhere, also in a branch that is not taken
//!   or before `default`: the key is left out, the item of a list too, and it is said. What will stand there
//!   is known only with the fact, so nothing else may stand there until then.

mod bounds;
mod error;
mod evaluate;
mod names;
mod parse;
mod token;

pub use names::NAMES;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Map, Node, Step, Value, path_text};

use self::bounds::MOST_WORK;
use self::error::ExpressionError;
use self::evaluate::Evaluator;
use self::names::is_within;
use self::parse::{Template, is_template};

/// Returns the names that the expressions of a text read, with dots: `storage.class`. A text that is no template reads none.
pub fn names(text: &str) -> Vec<&str> {
    if !is_template(text) {
        return Vec::new();
    }
    Template::parse(text).map(|template| template.names).unwrap_or_default()
}

/// A value that was left out because a fact is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The fact, as the manifest names it: `load-balancer-address`.
    pub fact: String,
    /// The path of the value.
    pub path: String,
}

/// The compiled expressions of one kit. What was refused and reported is missing here.
pub struct Expressions<'t> {
    templates: BTreeMap<&'t str, Template<'t>>,
    /// The names that the kit adds: those of its inputs.
    inputs: &'t [String],
}

/// The names that expressions may use, seen from one region.
pub struct Scope {
    facts: Json,
    absent: Vec<String>,
}

impl Scope {
    /// Returns a scope of these facts; `facts` is a JSON object, and `absent` are the names of those that are not known yet.
    pub fn new(facts: Json, absent: Vec<String>) -> Self {
        Self { facts, absent }
    }

    /// Returns the facts that are known.
    pub fn facts(&self) -> &Json {
        &self.facts
    }
}

/// What the evaluation of one blueprint in one region may still make, and what it left out.
#[derive(Debug)]
pub struct Work {
    left: usize,
    /// Whether it was too much, which is said once.
    is_exhausted: bool,
    left_out: Vec<LeftOut>,
}

impl Default for Work {
    fn default() -> Self {
        Self { left: MOST_WORK, is_exhausted: false, left_out: Vec::new() }
    }
}

impl Work {
    /// Returns what was left out.
    pub fn left_out(self) -> Vec<LeftOut> {
        self.left_out
    }
}

impl<'t> Expressions<'t> {
    /// Compiles every expression in these values; what cannot be compiled is reported at its place. `inputs` are the names that the
    /// kit adds: `input.shop_host`.
    pub fn compile(
        values: impl IntoIterator<Item = &'t Node>,
        inputs: &'t [String],
        diags: &mut Diagnostics,
    ) -> Self {
        let mut found: BTreeMap<&str, &Node> = BTreeMap::new();
        for node in values {
            node.walk(&mut |_, node| {
                if let Some(text) = node.as_str().filter(|text| is_template(text)) {
                    found.entry(text).or_insert(node);
                }
            });
        }
        let mut templates = BTreeMap::new();
        for (text, node) in found {
            let template = Template::parse(text).and_then(|template| template.known(inputs));
            match template {
                Ok(template) => drop(templates.insert(text, template)),
                Err(error) => diags.push(refused(node, text, &error, inputs)),
            }
        }
        Self { templates, inputs }
    }

    /// Returns the values with every expression replaced by what it gives. Keys whose value depends on an unknown fact
    /// are left out and listed.
    pub fn evaluate(&self, node: &Node, scope: &Scope, work: &mut Work, diags: &mut Diagnostics) -> Node {
        let mut evaluation = Evaluation { expressions: self, scope, work, diags, path: Vec::new() };
        evaluation.node(node).unwrap_or_else(|| Node::new(Map::new(), node.cause))
    }
}

struct Evaluation<'a, 't, 'p> {
    expressions: &'a Expressions<'t>,
    scope: &'a Scope,
    work: &'a mut Work,
    diags: &'a mut Diagnostics,
    path: Vec<Step<'p>>,
}

impl<'p> Evaluation<'_, '_, 'p> {
    fn node(&mut self, node: &'p Node) -> Option<Node> {
        let value = match &node.value {
            Value::String(text) if is_template(text) => return self.expression(node, text),
            Value::Map(map) => {
                let mut out = Vec::with_capacity(map.len());
                for (key, child) in map.iter() {
                    self.path.push(Step::Key(key));
                    out.extend(self.node(child).map(|child| (key.to_owned(), child)));
                    self.path.pop();
                }
                Value::Map(Map::of_unique(out))
            }
            Value::List(list) => {
                let mut out = Vec::with_capacity(list.len());
                for (index, child) in list.iter().enumerate() {
                    self.path.push(Step::Index(index));
                    out.extend(self.node(child));
                    self.path.pop();
                }
                Value::List(out)
            }
            plain @ (Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)) => plain.clone(),
        };
        Some(Node { cause: node.cause, value })
    }

    fn expression(&mut self, node: &Node, text: &str) -> Option<Node> {
        let template = self.expressions.templates.get(text)?;
        if self.leaves_out(template) || self.work.is_exhausted {
            return None;
        }
        let mut evaluator = Evaluator { facts: &self.scope.facts, left: &mut self.work.left };
        match evaluator.template(template) {
            Ok(json) => Some(Node::from_json(json.into_owned(), node.cause)),
            Err(error) => {
                self.work.is_exhausted |= error == ExpressionError::TooMuch;
                self.diags.push(refused(node, text, &error, self.expressions.inputs));
                None
            }
        }
    }

    /// Returns whether a string names a fact that is not known yet, which is noted.
    fn leaves_out(&mut self, template: &Template<'_>) -> bool {
        let is_named = |fact: &&String| template.names.iter().any(|name| is_within(fact, name));
        let mut absent = self.scope.absent.iter().filter(is_named).peekable();
        let is_absent = absent.peek().is_some();
        for name in absent {
            let fact = name.rsplit('.').next().unwrap_or_default().replace('_', "-");
            let left_out = LeftOut { fact, path: path_text(&self.path) };
            if !self.work.left_out.contains(&left_out) {
                self.work.left_out.push(left_out);
            }
        }
        is_absent
    }
}

fn refused(node: &Node, text: &str, error: &ExpressionError, inputs: &[String]) -> Diagnostic {
    let message = format!("cannot evaluate `{}`: {error}", crate::schema::shorten(text));
    Diagnostic::new(Code::BadExpression, node.cause, message).help(error.help(inputs))
}

#[cfg(test)]
mod tests;
