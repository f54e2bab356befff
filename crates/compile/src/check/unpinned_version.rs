#![doc = include_str!("../../../../docs/diagnostics/unpinned-version.md")]

use crate::plan::Plan;
use sovereign_language::scalar::unpinned;
use sovereign_language::schema::shorten;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Map, Node, Step, Value};

/// Reports images in final values whose tag moves, or that have none where no chart has one for them. Versions of charts
/// are refused by their grammar, under the same name.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        let name = release.blueprint.name.value.as_str();
        release.values.walk(&mut |path, node| {
            if let Some(map) = node.as_map() {
                check_map(name, path, map, diags);
            }
        });
    }
}

/// Holds the images against the rule that stand in one mapping, or that it is.
fn check_map(release: &str, path: &[Step<'_>], map: &Map, diags: &mut Diagnostics) {
    let holds_image =
        matches!(path.last(), Some(Step::Key(key)) if is_image(key)) || map.get("repository").is_some();
    let pinned = map.get("digest").and_then(Node::as_str).is_some_and(|digest| !digest.is_empty());
    let tag = map.get("tag").filter(|_| holds_image && !pinned);
    for tag in tag.into_iter().chain(map.get("imageTag")) {
        if let Some(message) = moving(tag) {
            report(release, tag, &message, diags);
        }
    }
    // A tag of its own stands beside an image without one.
    let tag_is_beside =
        ["tag", "imageTag", "version", "imageVersion"].iter().any(|key| map.get(key).is_some());
    for (key, node) in map.iter() {
        let listed =
            if let (Value::List(list), "images") = (&node.value, key) { list.as_slice() } else { &[] };
        let image = std::slice::from_ref(node).iter().filter(|_| is_image(key) && !tag_is_beside);
        for image in image.chain(listed) {
            if image.value == Value::Null {
                report(release, image, "image is null, which takes the chart's own away", diags);
            }
            let Some(text) = image.as_str() else { continue };
            if let Some(reason) = reference(text, key == "image") {
                report(release, image, &format!("image `{}` {reason}", shorten(text)), diags);
            }
        }
    }
}

/// Returns where charts keep an image.
fn is_image(key: &str) -> bool {
    key.eq_ignore_ascii_case("image") || key.ends_with("Image")
}

/// Returns what is wrong with a tag that does not name one image.
fn moving(tag: &Node) -> Option<String> {
    match &tag.value {
        // The version of the chart's application, by the convention of `helm create`.
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => {
            let said = |reason| format!("image tag `{}` does not name one image: {reason}", shorten(text));
            unpinned(text).map(said)
        }
        Value::Float(number) => Some(format!("image tag `{number}` is a number: zeros at its end are lost")),
        Value::Null => Some("image tag is empty, which means `latest`".to_owned()),
        Value::Integer(number) => {
            let said = |reason| format!("image tag `{number}` does not name one image: {reason}");
            unpinned(&number.to_string()).map(said)
        }
        Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// Returns why a whole reference does not name one image. Pictures have addresses, and machines have images
/// too; a word is one for a container only where `is_container` says so.
fn reference(text: &str, is_container: bool) -> Option<String> {
    let named = text.contains('/') || text.contains(':');
    let is_word = !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let refers = named && !text.contains("://") && !text.contains(' ') || is_container && is_word;
    if !refers || text.contains("@sha256:") {
        return None;
    }
    match text.rsplit_once(':') {
        Some((_, tag)) if !tag.contains('/') => {
            unpinned(tag).map(|reason| format!("is not pinned: {reason}"))
        }
        // Registries know no capitals in names.
        _ if text.contains(|c: char| c.is_ascii_uppercase()) => None,
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
