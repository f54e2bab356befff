#![doc = include_str!("../../../../docs/diagnostics/refused-by-api.md")]

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
    ("containerPort", port),
];

/// The groups of kinds that are often written as of `v1` (Kubernetes API reference).
const KINDS: [(&str, &str); 16] = [
    ("ClusterRole", "rbac.authorization.k8s.io/v1"),
    ("ClusterRoleBinding", "rbac.authorization.k8s.io/v1"),
    ("CronJob", "batch/v1"),
    ("DaemonSet", "apps/v1"),
    ("Deployment", "apps/v1"),
    ("HorizontalPodAutoscaler", "autoscaling/v2"),
    ("Ingress", "networking.k8s.io/v1"),
    ("IngressClass", "networking.k8s.io/v1"),
    ("Job", "batch/v1"),
    ("NetworkPolicy", "networking.k8s.io/v1"),
    ("PodDisruptionBudget", "policy/v1"),
    ("PriorityClass", "scheduling.k8s.io/v1"),
    ("Role", "rbac.authorization.k8s.io/v1"),
    ("RoleBinding", "rbac.authorization.k8s.io/v1"),
    ("StatefulSet", "apps/v1"),
    ("StorageClass", "storage.k8s.io/v1"),
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
            for refusal in parts.filter_map(|(_, judge)| judge(node)) {
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
        let (_, right) = KINDS.iter().find(|(known, _)| *known == kind)?;
        (version.as_str() == Some("v1")).then(|| {
            let message = format!("there is no `{kind}` in `v1`");
            Refusal::new(version, message, format!("write `apiVersion = \"{right}\"`"))
        })
    })
}

/// Returns how Pods are replaced (`apps/v1` DeploymentStrategy).
fn strategy(node: &Node) -> Option<Refusal> {
    let map = node.as_map()?;
    let recreates = map.get("type").and_then(Node::as_str) == Some("Recreate");
    let rolling = map.get("rollingUpdate").filter(|rolling| recreates && rolling.value != Value::Null)?;
    Some(Refusal::new(
        rolling,
        "`rollingUpdate` stands beside `Recreate`",
        "remove `rollingUpdate`, or write `null` for it",
    ))
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
            _ => None,
        }
    })
}

/// Returns the port of a container.
fn port(node: &Node) -> Option<Refusal> {
    let Value::Integer(port) = node.value else { return None };
    (!(1..=65_535).contains(&port)).then(|| {
        let message = format!("a container has no port {port}");
        Refusal::new(node, message, "write the port, from 1 to 65535")
    })
}
