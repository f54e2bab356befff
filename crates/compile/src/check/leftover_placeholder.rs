#![doc = include_str!("../../../../docs/diagnostics/leftover-placeholder.md")]

use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, Step, path_text};
use sovereign_text::source::Source;

/// What upstream's variables begin with; nothing else in a cluster has names like these.
const OF_UPSTREAM: &str = "${SOVEREIGN_";

/// Reports placeholders in every string of a text, but for users' Helm values and parameters of applications: those are
/// taken literally, and a `${…}` in one may be a script's or a query's own, unless it is a variable of upstream. So may one in
/// a file of JSON: `${DS_…}` in a dashboard is Grafana's. What Git leaves of a merge is reported everywhere.
pub(crate) fn check(_: &Source, tree: Option<&Node>, diags: &mut Diagnostics) {
    let Some(tree) = tree else { return };
    tree.walk(&mut |path, node| {
        let Some(text) = node.as_str() else { return };
        let own = || if is_literal(path) || is_json(text) { of_upstream(text) } else { placeholder(text) };
        if let Some((found, why)) = conflict(text).or_else(own) {
            let message =
                format!("`{}` was left in `{}`", sovereign_language::schema::shorten(found), path_text(path));
            diags.push(
                Diagnostic::new(Code::LeftoverPlaceholder, node.cause, message)
                    .note(why)
                    .help("write the final value"),
            );
        }
    });
}

/// Returns the first mark that Git leaves where two sides changed one line.
fn conflict(text: &str) -> Option<(&str, &'static str)> {
    let is_mark = |line: &&str| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
    // One alone may be a drawing.
    let mut marks = text.lines().filter(is_mark);
    let first = marks.next()?;
    marks.next().map(|_| (first, "Git wrote this where both sides of a merge changed a line"))
}

/// Returns what a program would not have written in a value that is taken literally: a variable of upstream, one that names a
/// domain, and a marker that is all of the value.
fn of_upstream(text: &str) -> Option<(&str, &'static str)> {
    if let Some(start) = text.find(OF_UPSTREAM) {
        return placeholder(text.get(start..)?);
    }
    let bare = text.trim();
    let is_marker = ["CHANGEME", "CHANGE_ME", "FIXME", "PLACEHOLDER"].contains(&bare)
        || bare.ends_with("_PLACEHOLDER")
        || bare.starts_with("<your") && bare.ends_with('>');
    if is_marker && !bare.contains(char::is_whitespace) {
        return placeholder(bare);
    }
    // Lines may be a script, which has variables of its own.
    let start = text.find("${").filter(|_| !bare.contains('\n') && !bare.contains("$("))?;
    let name = text[start + 2..]
        .split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .next()?;
    let is_domain =
        ["DOMAIN", "FQDN"].iter().any(|word| name == *word || name.ends_with(&format!("_{word}")));
    placeholder(text.get(start..)?).filter(|_| is_domain)
}

/// Returns whether a value is taken as it is written.
fn is_literal(path: &[Step<'_>]) -> bool {
    let values =
        |steps: &[Step<'_>]| matches!(steps, [Step::Key("blueprint"), Step::Key(_), Step::Key("values")]);
    let parameters = |steps: &[Step<'_>]| {
        matches!(steps, [Step::Key("application"), Step::Index(_), Step::Key("parameters")])
    };
    path.windows(3).any(|steps| values(steps) || parameters(steps))
}

/// Returns whether a text is a file of JSON in a string.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Returns the first placeholder in a text, and why it is one.
pub(crate) fn placeholder(text: &str) -> Option<(&str, &'static str)> {
    if let Some(start) = text.find("${") {
        let end = text[start..].find('}').map_or(text.len(), |end| start + end + 1);
        return Some((
            &text[start..end],
            "nothing substitutes variables: what is written is what is applied",
        ));
    }
    let marker = "this marks a value that is still to be filled in";
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        let bare = word.trim_matches('_');
        if word.ends_with("_PLACEHOLDER")
            || ["CHANGEME", "CHANGE_ME", "FIXME", "TODO", "TBD", "PLACEHOLDER"].contains(&bare)
        {
            return Some((word, marker));
        }
    }
    let open = text.find('<')?;
    let inner = text[open + 1..].split('>').next().filter(|inner| text[open + 1..].len() > inner.len())?;
    let words = inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.'));
    let named = inner.starts_with(|c: char| c.is_ascii_alphabetic());
    (words && named).then(|| (&text[open..open + inner.len() + 2], marker))
}

#[cfg(test)]
mod tests {
    use super::{of_upstream, placeholder};

    #[test]
    fn of_what_is_taken_literally_only_what_no_program_writes_is_one() {
        for (text, found) in [
            ("https://grafana.${DOMAIN}", Some("${DOMAIN}")),
            ("g.${BASE_DOMAIN:-example.com}", Some("${BASE_DOMAIN:-example.com}")),
            ("CHANGE_ME", Some("CHANGE_ME")),
            ("<your-user>", Some("<your-user>")),
            ("HARBOR_HOST_PLACEHOLDER", Some("HARBOR_HOST_PLACEHOLDER")),
            ("TODO", None),
            ("write FIXME in a comment", None),
            ("http://${MY_POD_IP}:4317", None),
            ("${threshold}", None),
            ("DOMAIN=$(hostname -d); echo ${DOMAIN}", None),
            ("#!/bin/sh\necho ${DOMAIN}", None),
            ("<b>", None),
        ] {
            assert_eq!(of_upstream(text).map(|(found, _)| found), found, "{text}");
        }
    }

    #[test]
    fn placeholders_are_found_and_ordinary_text_is_not() {
        for (text, found) in [
            ("gitea.${SOVEREIGN_FQDN}", Some("${SOVEREIGN_FQDN}")),
            ("${open", Some("${open")),
            ("SOVEREIGN_FQDN_PLACEHOLDER", Some("SOVEREIGN_FQDN_PLACEHOLDER")),
            ("https://CHANGEME/x", Some("CHANGEME")),
            ("<your-domain>", Some("<your-domain>")),
            ("a < b > c", None),
            ("mastodon", None),
            ("<5>", None),
            ("{{ fqdn }}", None),
        ] {
            assert_eq!(placeholder(text).map(|(found, _)| found), found, "{text}");
        }
    }
}
