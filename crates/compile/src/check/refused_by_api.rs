#![doc = include_str!("../../../../docs/diagnostics/refused-by-api.md")]

mod kinds;

use crate::plan::Plan;
use sovereign_language::schema::shorten;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Map, Node, Step, Value};
use sovereign_text::source::Span;

/// A part of an object that charts take over as it is, and what the API server does not accept in it.
type Judge = fn(&Node) -> Option<Refusal>;

/// The parts, by the key that charts keep them under.
const PARTS: &[(&str, Judge)] = &[
    ("env", environment),
    ("extraEnv", environment),
    ("extraEnvVars", environment),
    ("extraObjects", objects),
    ("extraDeploy", objects),
    ("extraManifests", objects),
    ("strategy", strategy),
    ("updateStrategy", strategy),
    ("deploymentStrategy", strategy),
    ("matchExpressions", expressions),
    ("containerPort", container_port),
    ("nodePort", node_port),
    ("podLabels", texts),
    ("podAnnotations", texts),
    ("commonLabels", texts),
    ("commonAnnotations", texts),
    ("matchLabels", texts),
    ("nodeSelector", texts),
    ("annotations", domain_texts),
    ("labels", domain_texts),
];

/// What is refused, where, and what to write instead.
struct Refusal {
    span: Span,
    message: String,
    help: String,
}

impl Refusal {
    fn new(node: &Node, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span: node.cause, message: message.into(), help: help.into() }
    }
}

/// Reports parts of objects in final values that the API server refuses, whatever the chart does with them.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        release.values.walk(&mut |path, node| {
            let Some(Step::Key(key)) = path.last() else { return };
            let parts = PARTS.iter().filter(|(part, _)| part == key);
            let any_port = || if is_port(key) { port(node, 0) } else { None };
            for refusal in parts.filter_map(|(_, judge)| judge(node)).chain(any_port()) {
                diags.push(
                    Diagnostic::new(Code::RefusedByApi, refusal.span, refusal.message)
                        .note(format!("in the values of {}", release.blueprint.name.value))
                        .help(refusal.help),
                );
            }
        });
    }
}

fn maps(node: &Node) -> impl Iterator<Item = &Map> {
    let items = if let Value::List(items) = &node.value { items.as_slice() } else { &[] };
    items.iter().filter_map(Node::as_map)
}

/// Returns a list of variables (`core/v1` EnvVar). A mapping is the chart's own way to write them.
fn environment(node: &Node) -> Option<Refusal> {
    maps(node).find_map(|variable| {
        let name = variable.get("name").and_then(Node::as_str)?;
        let value = variable.get("value")?;
        match &value.value {
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                let message =
                    format!("the value of `{}` is no text, as a variable of a container is", shorten(name));
                let help = format!("write it as a string: `\"{}\"`", value.to_json());
                Some(Refusal::new(value, message, help))
            }
            Value::String(text) if !text.is_empty() && variable.get("valueFrom").is_some() => {
                let message = format!("`{}` has `value` and `valueFrom`", shorten(name));
                Some(Refusal::new(value, message, "remove one of the two"))
            }
            Value::Null | Value::String(_) | Value::List(_) | Value::Map(_) => None,
        }
    })
}

/// Returns whole objects.
fn objects(node: &Node) -> Option<Refusal> {
    maps(node).find_map(|object| {
        let kind = object.get("kind").and_then(Node::as_str)?;
        let version = object.get("apiVersion")?;
        let wrong = kinds::refused(kind, version.as_str()?)?;
        Some(Refusal::new(version, wrong.message, wrong.help))
    })
}

/// Returns how Pods are replaced (`apps/v1` DeploymentStrategy).
fn strategy(node: &Node) -> Option<Refusal> {
    let map = node.as_map()?;
    let recreates = map.get("type").and_then(Node::as_str) == Some("Recreate");
    let rolling = map.get("rollingUpdate").filter(|rolling| rolling.value != Value::Null)?;
    if recreates {
        let message = "`rollingUpdate` stands beside `Recreate`";
        return Some(Refusal::new(rolling, message, "remove `rollingUpdate`, or write `null` for it"));
    }
    let is_zero = |key: &str| {
        let value = rolling.as_map()?.get(key)?;
        Some(value.value == Value::Integer(0) || matches!(value.as_str(), Some("0" | "0%")))
    };
    let stands_still = is_zero("maxSurge") == Some(true) && is_zero("maxUnavailable") == Some(true);
    stands_still.then(|| {
        let message = "neither may a Pod be there more (`maxSurge`) nor one less (`maxUnavailable`)";
        Refusal::new(rolling, message, "write 1 for one of the two")
    })
}

/// Returns what labels are to be like (`core/v1` NodeSelectorRequirement, `meta/v1` LabelSelectorRequirement).
fn expressions(node: &Node) -> Option<Refusal> {
    maps(node).find_map(|requirement| {
        let operator = requirement.get("operator")?;
        let values = requirement.get("values");
        let items = match values.map(|values| &values.value) {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        let word = operator.as_str().unwrap_or_default();
        match word {
            "In" | "NotIn" if items.is_empty() => {
                let message = format!("`{word}` has no `values` that a label could have");
                Some(Refusal::new(values.unwrap_or(operator), message, "write the values, or `Exists`"))
            }
            "In" => {
                let empty = items.iter().find(|item| item.as_str() == Some(""))?;
                let message = "`In` asks for a label with an empty value, which no node has";
                Some(Refusal::new(empty, message, "write the value that the nodes have"))
            }
            "Exists" | "DoesNotExist" if !items.is_empty() => {
                let message = format!("`{word}` takes no `values`");
                Some(Refusal::new(values.unwrap_or(operator), message, "remove `values`, or write `In`"))
            }
            "Gt" | "Lt" if items.len() != 1 => {
                let message = format!("`{word}` takes one number, and has {} values", items.len());
                Some(Refusal::new(values.unwrap_or(operator), message, "write one number, as a string"))
            }
            "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => None,
            _ if word.contains("{{") => None,
            _ => {
                let message = format!("`{}` is no operator of labels", shorten(word));
                Some(Refusal::new(operator, message, "write `In`, `NotIn`, `Exists` or `DoesNotExist`"))
            }
        }
    })
}

/// Returns the port of a container.
fn container_port(node: &Node) -> Option<Refusal> {
    port(node, 1)
}

/// Returns whether a key names a port: zero in one of them often means none.
fn is_port(key: &str) -> bool {
    key != "containerPort" && key != "nodePort" && (key == "port" || key.ends_with("Port"))
}

fn port(node: &Node, least: i64) -> Option<Refusal> {
    let Value::Integer(port) = node.value else { return None };
    (!(least..=65_535).contains(&port)).then(|| {
        let message = format!("nothing has a port {port}");
        Refusal::new(node, message, "write the port, from 1 to 65535")
    })
}

/// Returns the port of a Service on the nodes, in the range that k3s has for them (`--service-node-port-range`). Zero leaves
/// the choice to the cluster.
fn node_port(node: &Node) -> Option<Refusal> {
    let Value::Integer(port) = node.value else { return None };
    (port != 0 && !(30_000..=32_767).contains(&port)).then(|| {
        let message = format!("{port} is no port that nodes have for Services");
        Refusal::new(
            node,
            message,
            "write one from 30000 to 32767, or leave it out: then the cluster chooses one",
        )
    })
}

/// Returns labels or annotations (`meta/v1` ObjectMeta), which are texts.
fn texts(node: &Node) -> Option<Refusal> {
    node.as_map()?.iter().find_map(|(key, value)| no_text(key, value))
}

/// The same, of which only those that begin with a domain are sure to be some.
fn domain_texts(node: &Node) -> Option<Refusal> {
    node.as_map()?.iter().filter(|(key, _)| key.contains('/')).find_map(|(key, value)| no_text(key, value))
}

fn no_text(key: &str, value: &Node) -> Option<Refusal> {
    matches!(value.value, Value::Bool(_) | Value::Integer(_) | Value::Float(_)).then(|| {
        let message = format!("`{}` is no text, as labels and annotations are", shorten(key));
        Refusal::new(value, message, format!("write it as a string: `\"{}\"`", value.to_json()))
    })
}
