//! The texts and numbers of a value tree, each with the name that speaks for it.

use super::judge::Trust;
use super::names::{Promise, holds_names, names_a_secret, promise, says_nothing};
use sovereign_text::node::{Map, Node, Step, Value};

/// A text or number of a value tree.
pub(super) struct Scalar<'a, 's> {
    /// The name that speaks for it: its key, that of its list, the `name` beside a `value`, the flag before it.
    pub(super) name: Option<&'a str>,
    pub(super) trust: Trust,
    /// Whether it is in the data of a Secret: whatever it is called, it is one.
    pub(super) of_secret: bool,
    pub(super) node: &'a Node,
    pub(super) path: &'s [Step<'a>],
}

/// Visits every text and number, parents first.
pub(super) fn visit<'a>(tree: &'a Node, see: &mut dyn FnMut(&Scalar<'a, '_>)) {
    let place = Place { name: None, trust: Trust::Value, of_secret: false };
    go(tree, place, &mut Vec::new(), see);
}

#[derive(Clone, Copy)]
struct Place<'a> {
    name: Option<&'a str>,
    trust: Trust,
    of_secret: bool,
}

fn go<'a>(node: &'a Node, place: Place<'a>, path: &mut Vec<Step<'a>>, see: &mut dyn FnMut(&Scalar<'a, '_>)) {
    match &node.value {
        Value::Map(map) => {
            for (key, child) in map.iter() {
                path.push(Step::Key(key));
                go(child, below(map, key, place), path, see);
                path.pop();
            }
        }
        Value::List(list) => {
            let mut flag = None;
            for (index, child) in list.iter().enumerate() {
                path.push(Step::Index(index));
                let text = child.as_str().filter(|_| flag.is_none());
                go(child, Place { name: flag.or(place.name), ..place }, path, see);
                flag = text.and_then(|text| text.strip_prefix('-')).filter(|text| !text.contains(['=', ' ']));
                path.pop();
            }
        }
        Value::String(_) | Value::Integer(_) => {
            let Place { name, trust, of_secret } = place;
            see(&Scalar { name, trust, of_secret, node, path });
        }
        Value::Null | Value::Bool(_) | Value::Float(_) => {}
    }
}

/// Returns what is said of the value of a key.
fn below<'a>(map: &'a Map, key: &'a str, place: Place<'a>) -> Place<'a> {
    let names = ["name", "key", "variable", "var", "env", "parameter", "header", "field", "property"];
    let text = |key: &str| map.get(key).and_then(Node::as_str);
    // Keycloak's credentials: `{ type = "password", value = … }`.
    let kind = || text("type").filter(|kind| promise(kind) == Promise::Password);
    let beside = || names.iter().find_map(|name| text(name)).or_else(kind);
    let name = match (says_nothing(key), beside()) {
        (true, Some(name)) => Some(name),
        (true, None) if place.name.is_some() => place.name,
        _ => Some(key),
    };
    let names_fields = holds_names(key)
        || place.name.is_some_and(holds_names)
        || map.iter().any(|(other, value)| other != key && names_a_secret(other) && is_given(value));
    let is_secret = map.get("kind").and_then(Node::as_str) == Some("Secret");
    Place {
        name,
        trust: if names_fields { Trust::Guess } else { Trust::Value },
        of_secret: is_secret && matches!(key, "data" | "stringData") || place.of_secret,
    }
}

fn is_given(value: &Node) -> bool {
    value.as_str().is_none_or(|text| !text.is_empty())
}
