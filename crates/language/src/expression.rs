//! Expressions in blueprint values: `{{ fqdn }}`, `{{ region.label }}`, evaluated by Tera over the facts of a plan.
//!
//! Takes the strings of a kit, gives values. A string that is one expression alone keeps the expression's type;
//! an unknown name is an error at its place. Users' `values` never come here: they are taken literally.
//!
//! A blueprint source may come from a pull request, so the language is cut down to what cannot run long or grow:
//! no statements, no functions, and the filters of [`FILTERS`] only.

mod name;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tera::{Context, Kwargs, State, Tera};

use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::node::{Map, Node, Step, Value, path_text};

/// The filters that an expression may use.
pub(crate) const FILTERS: &[&str] =
    &["default", "first", "join", "json_encode", "last", "length", "lower", "upper"];
/// The longest string with an expression, in bytes.
const MOST: usize = 1000;
/// Tera's variable for debugging: every fact as one text, also those that are not known yet.
const DUMP: &str = "__tera_context";
/// Begins a value that stands for a fact which is not known yet. No user can write it: the character is a control.
const ABSENT: char = '\u{1}';

/// Returns the value that stands for a fact which is known only after provisioning and is not given.
pub fn absent(fact: &str) -> Json {
    Json::String(format!("{ABSENT}{fact}{ABSENT}"))
}

/// A value that was left out because a fact is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The fact: `load-balancer-address`.
    pub fact: String,
    /// The path of the value.
    pub path: String,
}

/// The compiled expressions of one kit.
pub struct Expressions<'t> {
    /// Those that are more than names. What was refused and reported is missing here.
    compiled: Engine<'t>,
    /// Those that are names alone, which are looked up.
    names: BTreeSet<&'t str>,
    /// The same, compiled: for what cannot be looked up, and to say why.
    compiled_names: OnceCell<Engine<'t>>,
}

/// The names that expressions may use, seen from one region.
pub struct Scope {
    facts: Json,
    /// The same for Tera, once an expression needs it.
    context: OnceCell<Context>,
}

impl Scope {
    /// Returns a scope of these facts; `facts` is a JSON object.
    pub fn new(facts: Json) -> Self {
        Self { facts, context: OnceCell::new() }
    }

    fn context(&self) -> &Context {
        // Maps with string keys always serialize.
        self.context.get_or_init(|| Context::from_serialize(&self.facts).unwrap_or_default())
    }
}

impl<'t> Expressions<'t> {
    /// Compiles every expression in these values; what cannot be compiled is reported at its place.
    pub fn compile(values: impl IntoIterator<Item = &'t Node>, diags: &mut Diagnostics) -> Self {
        let mut found: BTreeMap<&str, &Node> = BTreeMap::new();
        for node in values {
            node.walk(&mut |_, node| {
                if let Some(text) = node.as_str().filter(|text| is_expression(text)) {
                    found.entry(text).or_insert(node);
                }
            });
        }
        let (names, others): (Vec<_>, Vec<_>) =
            found.keys().copied().partition(|text| text.len() <= MOST && name::only(text));
        let (compiled, bad) = Engine::new(others);
        for Refused { text, reason } in bad {
            diags.extend(found.get(text).map(|node| refused(node, text, &reason)));
        }
        Self { compiled, names: names.into_iter().collect(), compiled_names: OnceCell::new() }
    }

    /// Returns the engine that knows a text, unless that was refused.
    fn engine(&self, text: &str) -> Option<&Engine<'t>> {
        if self.names.contains(text) {
            return Some(self.compiled_names.get_or_init(|| Engine::new(self.names.iter().copied()).0));
        }
        self.compiled.templates.contains_key(text).then_some(&self.compiled)
    }

    /// Returns the values with every expression replaced by what it gives. Keys whose value depends on an unknown fact
    /// are left out and listed.
    pub fn evaluate(
        &self,
        node: &Node,
        scope: &Scope,
        left_out: &mut Vec<LeftOut>,
        diags: &mut Diagnostics,
    ) -> Node {
        let mut evaluation = Evaluation { expressions: self, scope, left_out, diags, path: Vec::new() };
        evaluation.node(node).unwrap_or_else(|| Node::new(Map::new(), node.cause))
    }

    /// Returns the text that an expression in a string gives; `None` if it cannot be evaluated, which is reported, or if
    /// it is not text.
    pub fn text(&self, node: &Node, scope: &Scope, diags: &mut Diagnostics) -> Option<String> {
        let value = self.evaluate(node, scope, &mut Vec::new(), diags);
        value.as_str().map(str::to_owned)
    }
}

/// Texts as templates of Tera.
#[derive(Default)]
struct Engine<'t> {
    /// None without a text: to make one takes longer than most kits need for all of their values.
    tera: Option<Tera>,
    /// Text to template name.
    templates: BTreeMap<&'t str, String>,
}

/// A text that is no template, and why.
struct Refused<'t> {
    text: &'t str,
    reason: String,
}

impl<'t> Engine<'t> {
    /// Compiles texts; those that are refused are missing in it.
    fn new(texts: impl IntoIterator<Item = &'t str>) -> (Self, Vec<Refused<'t>>) {
        let (mut templates, mut bad) = (Vec::new(), Vec::new());
        for (index, text) in texts.into_iter().enumerate() {
            match template(text) {
                Ok(template) => templates.push((text, format!("e{index}"), template)),
                Err(reason) => bad.push(Refused { text, reason }),
            }
        }
        if templates.is_empty() {
            return (Self::default(), bad);
        }
        let mut tera = tera();
        let batch = templates.iter().map(|(_, name, template)| (name.as_str(), template.as_str()));
        if tera.add_raw_templates(batch).is_err() {
            // One bad template refuses the whole batch; find out which.
            templates.retain(|(text, name, template)| match tera.add_raw_template(name, template) {
                Ok(()) => true,
                Err(error) => {
                    bad.push(Refused { text, reason: reason(&error) });
                    false
                }
            });
        }
        let templates = templates.into_iter().map(|(text, name, _)| (text, name)).collect();
        (Self { tera: Some(tera), templates }, bad)
    }

    /// Evaluates a text that it knows.
    fn render(&self, text: &str, scope: &Scope) -> Option<Result<String, tera::Error>> {
        let (tera, name) = (self.tera.as_ref()?, self.templates.get(text)?);
        Some(tera.render(name, scope.context()))
    }
}

fn tera() -> Tera {
    let mut tera = Tera::new();
    tera.register_filter("json_encode", |value: tera::Value, _: Kwargs, _: &State<'_>| {
        // Tera hands what is missing to a filter, for the sake of `default`.
        if value.is_undefined() {
            return Err(tera::Error::message("this name does not exist"));
        }
        serde_json::to_string(&value).map_err(|error| tera::Error::message(error.to_string()))
    });
    tera
}

struct Evaluation<'a, 't, 'p> {
    expressions: &'a Expressions<'t>,
    scope: &'a Scope,
    left_out: &'a mut Vec<LeftOut>,
    diags: &'a mut Diagnostics,
    path: Vec<Step<'p>>,
}

impl<'p> Evaluation<'_, '_, 'p> {
    fn node(&mut self, node: &'p Node) -> Option<Node> {
        let value = match &node.value {
            Value::String(text) if is_expression(text) => return self.expression(node, text),
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

    /// Returns the value of a string of names, if they are facts that can be put there as they are.
    fn fact(&self, text: &str) -> Option<Json> {
        if !self.expressions.names.contains(text) {
            return None;
        }
        let facts = &self.scope.facts;
        match alone(text) {
            Some(name) => name::find(name.trim_ascii(), facts).cloned(),
            None => name::filled(text, facts).map(Json::String),
        }
    }

    fn expression(&mut self, node: &Node, text: &str) -> Option<Node> {
        let json = match self.fact(text) {
            Some(fact) => fact,
            None => match self.expressions.engine(text)?.render(text, self.scope)? {
                Ok(rendered) if alone(text).is_none() => Json::String(rendered),
                Ok(rendered) => serde_json::from_str(&rendered).unwrap_or(Json::Null),
                Err(error) => {
                    self.diags.push(refused(node, text, &reason(&error)));
                    return None;
                }
            },
        };
        if let Some(fact) = json.as_str().and_then(|text| text.split(ABSENT).nth(1)) {
            let left_out = LeftOut { fact: fact.to_owned(), path: path_text(&self.path) };
            if !self.left_out.contains(&left_out) {
                self.left_out.push(left_out);
            }
            return None;
        }
        Some(Node::from_json(json, node.cause))
    }
}

/// Returns whether a string holds an expression.
fn is_expression(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Returns the inner text of a string that is one expression and nothing else.
fn alone(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}")).then_some(inner)
}

fn template(text: &str) -> Result<String, String> {
    if text.len() > MOST {
        return Err(format!("is longer than {MOST} bytes"));
    }
    if text.contains("{%") || text.contains("{#") || text.contains("{<") {
        return Err("holds a statement; only `{{ … }}` is allowed".to_owned());
    }
    if text.contains(DUMP) {
        return Err(format!("uses `{DUMP}`, which holds every name at once"));
    }
    let filters: BTreeSet<_> = FILTERS.iter().copied().collect();
    for name in calls(text) {
        if !filters.contains(name) {
            return Err(format!("there is no filter or function `{name}`"));
        }
    }
    Ok(match alone(text) {
        Some(inner) => format!("{{{{ ({inner}) | json_encode }}}}"),
        None => text.to_owned(),
    })
}

/// Returns every name that is called: after a bar, or before a parenthesis.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.match_indices(is_name).map(|(n, _)| n);
    words.filter_map(move |start| {
        let before = &text[..start];
        if before.ends_with(is_name) {
            return None;
        }
        let name = text[start..].split(|c| !is_name(c)).next().unwrap_or_default();
        let after = text[start + name.len()..].trim_start();
        (before.trim_end().ends_with('|') || after.starts_with('(')).then_some(name)
    })
}

/// Tera's message without its own picture of the source: we have a better one.
fn reason(error: &tera::Error) -> String {
    let kind = error.kind();
    if let tera::ErrorKind::SyntaxError(report) | tera::ErrorKind::RenderingError(report) = kind {
        report.message().to_owned()
    } else {
        error.to_string()
    }
}

fn refused(node: &Node, text: &str, reason: &str) -> Diagnostic {
    let message = format!("cannot evaluate `{}`: {}", crate::schema::shorten(text), phrase(reason));
    Diagnostic::new(Code::BadExpression, node.cause, message)
        .note(format!("the filters are {}", suggest::list(FILTERS.iter().copied(), FILTERS.len())))
        .help("docs/kits.md lists the names that an expression may use")
}

/// Returns the first sentence of a message as a phrase: the lists after it are as long as the facts.
fn phrase(message: &str) -> String {
    let first = message.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let mut chars = first.chars();
    chars.next().map(|start| start.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sovereign_text::source::{SourceId, Span};

    fn evaluate(values: Json) -> (Json, Vec<LeftOut>, usize) {
        let node = Node::from_json(values, Span::new(SourceId::MANIFEST, 0..0));
        let mut diags = Diagnostics::new();
        let expressions = Expressions::compile([&node], &mut diags);
        let scope = Scope::new(json!({
            "fqdn": "a.b", "yes": true, "id": 7, "null": null, "list": [{"name": "x"}],
            "region": { "late": absent("load-balancer-address") },
        }));
        let mut left_out = Vec::new();
        let value = expressions.evaluate(&node, &scope, &mut left_out, &mut diags);
        (value.to_json(), left_out, diags.sorted().len())
    }

    #[test]
    fn an_expression_alone_keeps_its_type_and_a_mixed_one_is_text() {
        let (value, _, errors) = evaluate(json!({
            "a": "{{ yes }}", "b": "{{ id }}", "c": "x-{{ id }}", "d": "{{ null }}", "e": "{{ list }}",
            "f": "{{ list | json_encode }}", "g": "{{ fqdn }}", "h": "plain",
        }));
        assert_eq!(errors, 0);
        assert_eq!(
            value,
            json!({
                "a": true, "b": 7, "c": "x-7", "d": null, "e": [{"name": "x"}],
                "f": "[{\"name\":\"x\"}]", "g": "a.b", "h": "plain",
            })
        );
    }

    /// Returns what the engine says of a text, whatever is looked up without it.
    fn by_engine(text: &str, scope: &Scope) -> Result<Json, String> {
        let (engine, bad) = Engine::new([text]);
        if let Some(bad) = bad.into_iter().next() {
            return Err(bad.reason);
        }
        let rendered = engine.render(text, scope).expect("a text that is known");
        let rendered = rendered.map_err(|error| reason(&error))?;
        Ok(match alone(text) {
            Some(_) => serde_json::from_str(&rendered).expect("JSON"),
            None => Json::String(rendered),
        })
    }

    #[test]
    fn what_is_looked_up_is_what_the_engine_gives() {
        const PIECES: [&str; 20] = [
            "",
            " ",
            "\n",
            "ä",
            "a.b",
            "{",
            "}}",
            "|",
            "(",
            "{%",
            DUMP,
            "{{ fqdn }}",
            "{{id}}",
            "{{ yes\n}}",
            "{{ list }}",
            "{{ null }}",
            "{{ region.name }}",
            "{{ region.nobody }}",
            "{{ not }}",
            "{{- fqdn }}",
        ];
        let scope = Scope::new(json!({
            "fqdn": "a.b", "yes": true, "id": 7, "null": null, "list": [{"name": "x"}], "region": { "name": "hel1" },
        }));
        let pairs = PIECES.iter().flat_map(|one| PIECES.iter().map(move |other| format!("{one}{other}")));
        for text in pairs.filter(|text| is_expression(text)) {
            let node = Node::new(text.clone(), Span::new(SourceId::MANIFEST, 0..0));
            let mut diags = Diagnostics::new();
            let found = Expressions::compile([&node], &mut diags);
            let found = found.evaluate(&node, &scope, &mut Vec::new(), &mut diags).to_json();
            let refusals: Vec<_> = diags.sorted().into_iter().cloned().collect();
            match by_engine(&text, &scope) {
                Ok(expected) => assert_eq!((found, refusals), (expected, vec![]), "{text:?}"),
                Err(reason) => assert_eq!(refusals, [refused(&node, &text, &reason)], "{text:?}"),
            }
        }
    }

    #[test]
    fn json_keeps_the_order_of_the_facts_in_every_run() {
        let facts: serde_json::Map<_, _> = (0..50).map(|n| (format!("k{}", n * 7 % 50), json!(n))).collect();
        let node = Node::new("{{ facts | json_encode }}", Span::new(SourceId::MANIFEST, 0..0));
        let expected = Json::Object(facts.clone()).to_string();
        for _ in 0..5 {
            let mut diags = Diagnostics::new();
            let scope = Scope::new(json!({ "facts": facts }));
            let text = Expressions::compile([&node], &mut diags).text(&node, &scope, &mut diags);
            assert_eq!(text.as_deref(), Some(expected.as_str()));
        }
    }

    #[test]
    fn a_value_that_needs_an_unknown_fact_is_left_out_and_named() {
        let (value, left_out, errors) = evaluate(json!({"a": {"ip": "{{ region.late }}"}, "b": "{{ id }}"}));
        assert_eq!((value, errors), (json!({"a": {}, "b": 7}), 0));
        assert_eq!(left_out, [LeftOut { fact: "load-balancer-address".into(), path: "a.ip".into() }]);
    }

    #[test]
    fn unknown_names_and_everything_that_could_run_long_are_refused() {
        for bad in [
            "{{ nobody }}",
            "{{ region.nobody }}",
            "{{ range(end=1000000000) }}",
            "{{ __tera_context }}",
            "{% for i in list %}{% endfor %}",
            "{{ fqdn | indent(width=1000000000) }}",
            "{{ fqdn",
            "{{ }}",
        ] {
            let (_, _, errors) = evaluate(json!({ "a": bad }));
            assert_eq!(errors, 1, "{bad}");
        }
    }
}
