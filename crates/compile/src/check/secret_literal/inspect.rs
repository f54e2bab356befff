//! Looks for secrets in one value: as it is, and behind what it is written as.

use super::assignments::{self, Style};
use super::judge::{self, Trust};
use super::scalars::{self, Scalar};
use super::{base64, commands, expressions, kinds, logins};
use sovereign_text::node::{Node, Value};
use sovereign_text::source::Span;

/// A secret that was found in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What it is: `a GitHub token`; `None` where only its name says that it is one.
    pub(super) what: Option<&'static str>,
    /// The secret.
    pub(super) secret: String,
    /// The beginning of it that is its place.
    pub(super) shown: String,
}

/// How deep a value is looked into: base64 of JSON with base64 of a login is three.
const DEEPEST: usize = 4;
/// The most secrets that are told apart in one value; whoever finds as many hides all of it.
pub(super) const MOST: usize = 100;
/// In text as short as this, nothing is hidden behind base64.
const LEAST_ENCODED: usize = 24;

/// Returns the secrets of a text or number of a value tree.
pub(super) fn scalar(scalar: &Scalar<'_, '_>) -> Vec<Found> {
    let mut inspection = Inspection { found: Vec::new(), depth: 0 };
    inspection.scalar(scalar);
    inspection.found
}

/// Returns the secrets of a text that nothing speaks for.
pub(super) fn prose(text: &str) -> Vec<Found> {
    let mut inspection = Inspection { found: Vec::new(), depth: 0 };
    inspection.text(text, Style::Prose);
    inspection.found
}

struct Inspection {
    found: Vec<Found>,
    depth: usize,
}

impl Inspection {
    fn push(&mut self, what: Option<&'static str>, secret: &str, shown: &str) {
        if self.found.len() == MOST {
            return;
        }
        // What has a name of its own is found again by that of its key.
        let known =
            self.found.iter().any(|found| found.secret.contains(secret) || secret.contains(&found.secret));
        if !known && !secret.is_empty() {
            self.found.push(Found { what, secret: secret.to_owned(), shown: shown.to_owned() });
        }
    }

    fn scalar(&mut self, scalar: &Scalar<'_, '_>) {
        match &scalar.node.value {
            Value::String(text) => {
                self.value(scalar.name, text, scalar.trust);
                if scalar.of_secret && !super::references::is_reference(text) {
                    self.push(Some("the data of a Secret"), text, text);
                }
            }
            Value::Integer(number) => {
                if scalar.name.is_some_and(|name| judge::is_secret_number(name, *number)) {
                    let text = number.to_string();
                    self.push(None, &text, &text);
                }
            }
            Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => {}
        }
    }

    /// The value of a name.
    fn value(&mut self, name: Option<&str>, text: &str, trust: Trust) {
        if let Some(literal) = expressions::literal(text) {
            let trust = if literal.is_whole { trust } else { Trust::Guess };
            self.plain(name, &literal.text, trust);
        }
        self.plain(name, text, trust);
    }

    fn plain(&mut self, name: Option<&str>, text: &str, trust: Trust) {
        self.text(text, if text.trim().contains('\n') { Style::Config } else { Style::Line });
        self.behind(name, text);
        if name.is_some_and(|name| judge::is_secret(name, text, trust)) {
            self.push(None, text, text);
        }
    }

    /// What a text is written as: JSON, base64, a URL with data.
    fn behind(&mut self, name: Option<&str>, text: &str) {
        if self.depth == DEEPEST {
            return;
        }
        self.depth += 1;
        let trimmed = text.trim();
        if trimmed.starts_with(['{', '['])
            && let Ok(json) = serde_json::from_str(trimmed)
        {
            let nowhere = Span::new(sovereign_text::source::SourceId::MANIFEST, 0..0);
            scalars::visit(&Node::from_json(json, nowhere), &mut |scalar| self.scalar(scalar));
        }
        let data =
            trimmed.split_once(";base64,").filter(|_| trimmed.starts_with("data:")).map(|(_, data)| data);
        if trimmed.len() >= LEAST_ENCODED
            && let Some(decoded) = base64::text(data.unwrap_or(trimmed))
        {
            let before = self.found.len();
            self.value(name, &decoded, Trust::Guess);
            // What was found must be hidden as it is written.
            if self.found.len() > before {
                let what = self.found.get(before).and_then(|found| found.what);
                self.found.truncate(before);
                self.push(what, text, text);
            }
        }
        self.depth -= 1;
    }

    /// A text of any kind.
    fn text(&mut self, text: &str, style: Style) {
        kinds::find(text, &mut |kind| self.push(Some(kind.what), &text[kind.at], &text[kind.shown]));
        for find in [logins::find, commands::find] {
            find(text, &mut |login| self.push(Some(login.what), &text[login.at.clone()], &text[login.at]));
        }
        let mut name = None;
        for assignment in assignments::of(text, style) {
            let (key, value) = (assignment.key, assignment.value);
            // `- name: DB_PASSWORD`, and its `value` on the next line.
            let speaks = match key {
                "value" | "val" => name.take().unwrap_or(key),
                "name" | "key" if !value.contains(['/', '+', '=']) => {
                    name = Some(value);
                    key
                }
                _ => key,
            };
            if judge::is_secret(speaks, value, assignment.trust) {
                self.push(None, value, value);
            } else if value.len() >= LEAST_ENCODED {
                self.behind(Some(speaks), value);
            }
        }
        if style == Style::Config {
            self.data_of_secrets(text);
        }
    }

    /// What a manifest of a Secret holds, written as YAML in a text; and the users of cloud-init.
    fn data_of_secrets(&mut self, text: &str) {
        let has = |wanted: &str| text.lines().any(|line| line.trim() == wanted);
        let (blocks, what): (&[&str], _) = if has("kind: Secret") {
            (&["data:", "stringData:"], "the data of a Secret")
        } else if has("chpasswd:") {
            (&["list: |", "list: |-", "list:"], "a password of a user")
        } else {
            return;
        };
        let mut depth = None;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let indent = line.len() - line.trim_start().len();
            if depth.is_some_and(|depth| indent > depth) {
                let value = line.split_once(':').map(|(_, value)| value.trim().trim_matches(['"', '\'']));
                if let Some(value) = value.filter(|value| !super::references::is_reference(value)) {
                    self.push(Some(what), value, value);
                }
            } else {
                depth = blocks.contains(&line.trim()).then_some(indent);
            }
        }
    }
}
