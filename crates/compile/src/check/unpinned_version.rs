#![doc = include_str!("../../../../docs/diagnostics/unpinned-version.md")]

use crate::plan::Plan;
use sovereign_language::scalar::unpinned;
use sovereign_language::schema::shorten;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, Step, Value};

/// Reports images in final values whose tag is empty, missing or moves. Versions of charts are refused by their
/// grammar, under the same name.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        let name = release.blueprint.name.value.as_str();
        release.values.walk(&mut |path, node| {
            let Some(Step::Key(key)) = path.last() else { return };
            // Where charts keep an image.
            if key.eq_ignore_ascii_case("image") || key.ends_with("Image") {
                check_image(name, node, *key == "image", diags);
            }
        });
    }
}

fn check_image(release: &str, node: &Node, tag_is_due: bool, diags: &mut Diagnostics) {
    if let Some(text) = node.as_str() {
        if let Some(reason) = reference(text) {
            report(release, node, &format!("image `{}` {reason}", shorten(text)), diags);
        }
        return;
    }
    if tag_is_due && node.value == Value::Null {
        report(release, node, "image is null, which takes the chart's own away", diags);
    }
    let Some(map) = node.as_map() else { return };
    let pinned = map.get("digest").and_then(Node::as_str).is_some_and(|digest| !digest.is_empty());
    let repository = map.get("repository").and_then(Node::as_str).filter(|text| !text.is_empty());
    match (map.get("tag"), repository) {
        _ if pinned => {}
        (Some(tag), _) => {
            if let Some(message) = moving(tag) {
                report(release, tag, &message, diags);
            }
        }
        (None, Some(repository)) if tag_is_due => {
            report(release, node, &format!("image `{}` has no tag", shorten(repository)), diags);
        }
        (None, _) => {}
    }
}

/// Returns what is wrong with a tag that does not name one image.
fn moving(tag: &Node) -> Option<String> {
    match &tag.value {
        Value::String(text) => {
            let said = |reason| format!("image tag `{}` does not name one image: {reason}", shorten(text));
            unpinned(text).map(said)
        }
        Value::Float(number) => Some(format!("image tag `{number}` is a number: zeros at its end are lost")),
        Value::Null => Some("image tag is empty, which means `latest`".to_owned()),
        Value::Integer(_) | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// Returns why a whole reference does not name one image. Words without a registry or tag are no references.
fn reference(text: &str) -> Option<String> {
    if text.contains("@sha256:") || !(text.contains('/') || text.contains(':')) {
        return None;
    }
    match text.rsplit_once(':') {
        Some((_, tag)) if !tag.contains('/') => {
            unpinned(tag).map(|reason| format!("is not pinned: {reason}"))
        }
        _ => Some("has no tag".to_owned()),
    }
}

fn report(release: &str, node: &Node, message: &str, diags: &mut Diagnostics) {
    diags.push(
        Diagnostic::new(Code::UnpinnedVersion, node.cause, message)
            .note(format!("in the values of {release}"))
            .help("write the tag of one build as a string, or a digest"),
    );
}
