//! The texts and numbers of a value tree, each with the name that speaks for it.

use super::commands;
use super::judge::Trust;
use super::names::{Promise, holds_names, holds_words, names_a_secret, promise, says_nothing};
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
    let place = Place { name: None, trust: Trust::Value, of_secret: false, is_words: false };
    go(tree, place, &mut Vec::new(), see);
}

#[derive(Clone, Copy)]
struct Place<'a> {
    name: Option<&'a str>,
    trust: Trust,
    of_secret: bool,
    /// Whether it is below words for people.
    is_words: bool,
}

fn go<'a>(node: &'a Node, place: Place<'a>, path: &mut Vec<Step<'a>>, see: &mut dyn FnMut(&Scalar<'a, '_>)) {
    match &node.value {
        Value::Map(map) => {
            let neighbours = Neighbours::new(map);
            for (key, child) in map.iter() {
                path.push(Step::Key(key));
                go(child, neighbours.place(key, place), path, see);
                path.pop();
            }
        }
        Value::List(list) => {
            let mut flag = None;
            let words: Vec<&str> = list.iter().filter_map(Node::as_str).take(commands::MOST_WORDS).collect();
            for (index, child) in list.iter().enumerate() {
                path.push(Step::Index(index));
                let text = child.as_str().filter(|_| flag.is_none());
                go(child, Place { name: flag.or(place.name), ..place }, path, see);
                flag = text.and_then(|text| text.strip_prefix('-')).filter(|text| !text.contains(['=', ' ']));
                if text.is_some_and(|flag| commands::takes_password(&words, flag)) {
                    flag = Some("password");
                }
                path.pop();
            }
        }
        Value::String(_) | Value::Integer(_) => {
            let Place { name, trust, of_secret, .. } = place;
            see(&Scalar { name, trust, of_secret, node, path });
        }
        Value::Null | Value::Bool(_) | Value::Float(_) => {}
    }
}

/// The keys whose text names what stands beside them.
const NAMES: [&str; 9] =
    ["name", "key", "variable", "var", "env", "parameter", "header", "field", "property"];

/// What a mapping says of all its values: looked up once, since a flood of keys may stand in it.
struct Neighbours<'a> {
    /// What a key beside a value calls it.
    name: Option<&'a str>,
    /// The first two keys that name a Secret: one of them stands beside any other key.
    secrets: Vec<&'a str>,
    /// Whether it is an object of kind Secret.
    is_secret: bool,
    /// Whether it is a key in the form of RFC 7517.
    is_web_key: bool,
}

impl<'a> Neighbours<'a> {
    fn new(map: &'a Map) -> Self {
        let text = |key: &str| map.get(key).and_then(Node::as_str);
        // Keycloak's credentials: `{ type = "password", value = … }`.
        let kind = || text("type").filter(|kind| promise(kind) == Promise::Password);
        let secrets = map.iter().filter(|(key, value)| names_a_secret(key) && is_given(value));
        Self {
            name: NAMES.iter().find_map(|name| text(name)).or_else(kind),
            secrets: secrets.map(|(key, _)| key).take(2).collect(),
            is_secret: text("kind") == Some("Secret"),
            is_web_key: text("kty").is_some(),
        }
    }

    /// Returns what is said of the value of a key.
    fn place(&self, key: &'a str, above: Place<'a>) -> Place<'a> {
        let name = match (says_nothing(key), self.name) {
            // The private parts of a key of RSA or of a curve, and a key of a cipher.
            _ if self.is_web_key && matches!(key, "d" | "k") => Some("privateKey"),
            (true, Some(name)) => Some(name),
            (true, None) if above.name.is_some() => above.name,
            _ => Some(key),
        };
        let is_words = above.is_words || holds_words(key);
        let names_fields = is_words
            || holds_names(key)
            || above.name.is_some_and(holds_names)
            || self.secrets.iter().any(|other| *other != key);
        Place {
            name,
            trust: if names_fields { Trust::Guess } else { Trust::Value },
            of_secret: self.is_secret && matches!(key, "data" | "stringData") || above.of_secret,
            is_words,
        }
    }
}

fn is_given(value: &Node) -> bool {
    value.as_str().is_none_or(|text| !text.is_empty())
}
