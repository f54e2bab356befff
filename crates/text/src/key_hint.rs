//! The words of texts, each with the key that it stands behind: what a word means depends on both.
//!
//! A key is that of a mapping, the name of an environment variable, or what stands in front of a word in the text
//! itself: `image:` on a line of YAML, `--smtp-host` among arguments.

use crate::node::{Map, Node, Value};

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// What it stands behind; empty where nothing does.
    pub key: &'a str,
    /// The word.
    pub text: &'a str,
}

/// What a key says of the words behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHint {
    /// That they are images.
    Image,
    /// That they are hosts, or begin with one.
    Host,
    /// That they are names, however much they look like hosts: of labels, API groups, files, versions.
    Name,
    /// Nothing.
    Nothing,
}

/// Last words of keys that hold hosts.
const HOSTS: &str =
    "addr address addresses broker brokers domain domains endpoint endpoints fqdn host hostname
    hostnames hosts mirror mirrors nameserver nameservers registries registry relay resolver resolvers
    server servers smarthost upstream upstreams uri url urls";
/// Last words of keys that hold names.
const NAMES: &str = "annotation annotations attribute attributes claim class column configmap controller driver field
    fields file files finalizers group groups key keys kind label labels logger metric metrics path paths plugin policy
    provider provisioner resource resources secret secrets selector signer tag type version";
/// Words of keys whose hosts are compared with and never reached, wherever they stand: `allowed_domains`, `NO_REPLY_ADDRESS`,
/// `noProxy`.
const COMPARED: &str = "allowed allowlist blocklist cookie denylist no noproxy whitelist";
/// Words of keys that hold images, wherever they stand in them: `sidecarImage`, `imageName`, `RELATED_IMAGE_PROXY`.
const IMAGES: &str = "image images";

/// Returns whether a word is one of a list, in whichever case it is written.
pub fn is_among(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed.eq_ignore_ascii_case(word))
}

/// Returns what a key says.
pub fn hint_of(key: &str) -> KeyHint {
    // The name of a component follows, as operators are told their images.
    if key.starts_with("RELATED_IMAGE") {
        return KeyHint::Image;
    }
    let parts = parts(key);
    // `hostName` says what `host` does, `className` what `class` does, and `name` nothing.
    let last =
        parts.iter().rev().find(|part| !part.eq_ignore_ascii_case("name")).copied().unwrap_or_default();
    let is_compared = parts.iter().any(|part| is_among(COMPARED, part));
    if is_among(NAMES, last) || is_compared {
        KeyHint::Name
    } else if is_among(HOSTS, last) {
        KeyHint::Host
    } else if parts.iter().any(|part| is_among(IMAGES, part)) {
        KeyHint::Image
    } else {
        KeyHint::Nothing
    }
}

/// Returns the words that a key is made of: of `smtpHost`, `smtp-host` and `SMTP_HOST` the same, but for their case.
fn parts(key: &str) -> Vec<&str> {
    let (mut parts, mut start, mut before) = (Vec::new(), 0, ' ');
    for (at, c) in key.char_indices() {
        let begins = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins || !c.is_ascii_alphanumeric() {
            parts.extend(key.get(start..at));
            start = if begins { at } else { at + c.len_utf8() };
        }
        before = c;
    }
    parts.extend(key.get(start..));
    parts.retain(|part| !part.is_empty());
    parts
}

/// Visits every text of a value tree behind a key, with its own key.
pub fn texts<'a>(key: &'a str, node: &'a Node, see: &mut dyn FnMut(&'a str, &'a Node)) {
    match &node.value {
        Value::String(_) => see(key, node),
        Value::List(items) => keys_of(key, items).for_each(|(key, item)| texts(key, item, see)),
        Value::Map(map) => map.iter().for_each(|(key, item)| texts(key_of(map, key), item, see)),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {}
    }
}

/// Returns the key of an entry: of an environment variable's value, the variable's name.
pub fn key_of<'a>(map: &'a Map, key: &'a str) -> &'a str {
    let name = map.get("name").and_then(Node::as_str).filter(|_| key == "value");
    name.unwrap_or(key)
}

/// Returns the items of a list with their keys: the list's, or the flag that stands before an item.
pub fn keys_of<'a>(key: &'a str, items: &'a [Node]) -> impl Iterator<Item = (&'a str, &'a Node)> {
    let flags = std::iter::once(None).chain(items.iter().map(Node::as_str));
    let flag = |before: Option<&'a str>| before.filter(|text| text.starts_with("--") && !text.contains('='));
    items.iter().zip(flags).map(move |(item, before)| (flag(before).unwrap_or(key), item))
}

/// Returns the words of a text that stands behind a key.
pub fn words<'a>(key: &'a str, text: &'a str) -> Vec<Word<'a>> {
    text.lines().flat_map(|line| of_line(key, line)).collect()
}

fn of_line<'a>(mut key: &'a str, line: &'a str) -> Vec<Word<'a>> {
    let (mut words, mut before) = (Vec::new(), "");
    for part in line.split_inclusive(separates) {
        let written = part.trim_end_matches(separates);
        let word = written.trim_end_matches([':', '.']).trim_start_matches(['.', '*']);
        let has_slash = word.contains('/');
        // What stands in brackets behind a word is an entry of it: `metadata.annotations['a.b/c']`.
        match (part.ends_with(['=', '[']), written.ends_with(':'), word) {
            // In JSON a quote stands between a key and its colon, elsewhere a space before the sign.
            (true, _, "") | (_, true, "") => key = before,
            (_, _, "") => {}
            // That of a label, which a selector holds, unless it can be nothing but a place.
            (true, ..) if has_slash => words.push(Word { key: "label", text: word }),
            // Prose and mappings have hosts before a colon, too.
            (is_set, has_colon, _) if is_set || (has_colon && !has_slash) => {
                key = word;
                words.extend(Some(Word { key, text: word }).filter(|_| word.contains('.')));
            }
            _ => {
                key = if word.starts_with("--") { word } else { key };
                words.push(Word { key, text: word });
            }
        }
        before = if word.is_empty() { before } else { word };
    }
    words
}

/// Returns whether a character stands in no host, image or URL before its query.
fn separates(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/' | '@' | '+' | '%' | '~' | '*'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceId, Span};

    #[test]
    fn keys_say_what_stands_behind_them() {
        for (key, expected) in [
            ("smtpHost", KeyHint::Host),
            ("SMTP_HOST", KeyHint::Host),
            ("smtp-smarthost", KeyHint::Host),
            ("imageRegistry", KeyHint::Host),
            ("RELATED_IMAGE_CONTROLLER", KeyHint::Image),
            ("sidecarImage", KeyHint::Image),
            ("images", KeyHint::Image),
            ("regionLabelKey", KeyHint::Name),
            ("topologyKey", KeyHint::Name),
            ("apiVersion", KeyHint::Name),
            ("controllerName", KeyHint::Name),
            ("hostName", KeyHint::Host),
            ("imageName", KeyHint::Image),
            ("name", KeyHint::Nothing),
            ("imageTag", KeyHint::Name),
            ("noProxy", KeyHint::Name),
            ("NO_PROXY", KeyHint::Name),
            ("NO_REPLY_ADDRESS", KeyHint::Name),
            ("EMAIL_DOMAIN_ALLOWLIST", KeyHint::Name),
            ("allowed_domains", KeyHint::Name),
            ("provider", KeyHint::Name),
            ("proxy", KeyHint::Nothing),
            ("node", KeyHint::Nothing),
            ("smtp", KeyHint::Nothing),
            ("imagination", KeyHint::Nothing),
            ("", KeyHint::Nothing),
        ] {
            assert_eq!(hint_of(key), expected, "{key}");
        }
    }

    #[test]
    fn words_know_what_they_stand_behind() {
        for (text, expected) in [
            ("a b", vec![("k", "a"), ("k", "b")]),
            (
                "--relay-host=a.b --port 25",
                vec![("--relay-host", "a.b"), ("--port", "--port"), ("--port", "25")],
            ),
            ("image: a.b/c:1\nx", vec![("image", "a.b/c:1"), ("k", "x")]),
            (r#"{"host": "a.b"}"#, vec![("k", "host"), ("host", "a.b")]),
            ("mail.host = a.b", vec![("k", "mail.host"), ("mail.host", "a.b")]),
            (
                "ask a.b: it is there.",
                vec![("k", "ask"), ("a.b", "a.b"), ("a.b", "it"), ("a.b", "is"), ("a.b", "there")],
            ),
            ("annotations['a.b/c']", vec![("annotations", "a.b/c")]),
            ("hosts: [a.b, c.d]", vec![("hosts", "a.b"), ("hosts", "c.d")]),
            ("a.b/c=d,e.f/g", vec![("label", "a.b/c"), ("k", "d"), ("k", "e.f/g")]),
            ("*.a.b,.c.d", vec![("k", "a.b"), ("k", "c.d")]),
            ("https://a.b:80/c?d=e", vec![("k", "https://a.b:80/c"), ("d", "e")]),
        ] {
            let found: Vec<_> = words("k", text).iter().map(|word| (word.key, word.text)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn texts_of_variables_and_arguments_have_their_names_as_keys() {
        let json = serde_json::json!({
            "env": [{"name": "SMTP_HOST", "value": "a"}],
            "args": ["--host", "b", "c"],
            "list": ["d"],
        });
        let node = Node::from_json(json, Span::new(SourceId::MANIFEST, 0..0));
        let mut found = Vec::new();
        texts("", &node, &mut |key, node| {
            found.push((key.to_owned(), node.as_str().unwrap_or_default().to_owned()));
        });
        let pair = |(key, text): (&str, &str)| (key.to_owned(), text.to_owned());
        let mut expected = [
            ("name", "SMTP_HOST"),
            ("SMTP_HOST", "a"),
            ("args", "--host"),
            ("--host", "b"),
            ("args", "c"),
            ("list", "d"),
        ]
        .map(pair);
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}
