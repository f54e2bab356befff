#![doc = include_str!("../../../../docs/diagnostics/kit-object.md")]

mod definition;

use std::collections::BTreeSet;

pub use definition::{UnheldKind, unheld_kinds};

use crate::plan::placement::BUILT_IN;
use crate::plan::{KitObject, Plan, Region};
use sovereign_language::kit::{NotObjects, ObjectFile};
use sovereign_language::scalar::{Label, ReleaseName, Scalar as _};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Span;

/// Reports files of objects that are not there or not YAML, and objects that no cluster could apply.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let extension = &plan.kit.extension;
    let unnamed: Vec<_> = extension.unnamed_objects.iter().map(|name| name.value.as_str()).collect();
    for file in &extension.objects {
        of_file(file, &unnamed, diags);
    }
    // A file that nothing names beside a name without a file is one mistake.
    let is_absent = |file: &ObjectFile| matches!(file.objects, Err(NotObjects::Absent));
    let has_absent = extension.objects.iter().any(is_absent);
    for unnamed in extension.unnamed_objects.iter().filter(|_| !has_absent) {
        let message = format!("no `[[object]]` of `kit.toml` names `{}`", unnamed.value);
        let found = Diagnostic::new(Code::KitObject, unnamed.span, message);
        diags.push(
            found.help(format!("add `[[object]]` with `file = {:?}`, or take the file away", unnamed.value)),
        );
    }
    let mut said = BTreeSet::new();
    for region in &plan.regions {
        for object in &region.objects {
            if let Some(found) = fault(plan, region, object).filter(|found| said.insert(found.primary.span)) {
                diags.push(found);
            }
        }
    }
}

fn of_file(file: &ObjectFile, unnamed: &[&str], diags: &mut Diagnostics) {
    let Some(name) = &file.table.file else { return };
    let found = match &file.objects {
        Ok(objects) if objects.is_empty() => {
            Diagnostic::new(Code::KitObject, name.span, format!("`{}` holds no object", name.value))
                .help("write one, or take the table away")
        }
        Ok(_) => return,
        Err(NotObjects::Absent) => {
            let message = format!("the kit has no file `{}`", name.value);
            let found = Diagnostic::new(Code::KitObject, name.span, message);
            match suggest::nearest(name.value.as_str(), unnamed.iter().copied()) {
                Some(near) => found.fix("a file with a similar name exists", name.span, format!("{near:?}")),
                None => found.help("name a file beside `kit.toml` that ends in `.yaml`"),
            }
        }
        Err(NotObjects::Unreadable(span, reason)) => {
            Diagnostic::new(Code::KitObject, *span, format!("`{}` cannot be read: {reason}", name.value))
                .help("write YAML, and expressions in quotes: `host: \"shop.{{ fqdn }}\"`")
        }
    };
    diags.push(found);
}

/// Returns the first thing that a cluster would refuse an object for, or that may not stand in Git.
fn fault(plan: &Plan<'_>, region: &Region<'_>, object: &KitObject<'_>) -> Option<Diagnostic> {
    let whole = object.node.cause;
    let found = |span: Span, message: String| Diagnostic::new(Code::KitObject, span, message);
    let at = |path: &[&str]| object.node.at(path).map_or(whole, |node| node.cause);
    if object.node.as_map().is_none() {
        return Some(
            found(whole, "this is no object".to_owned()).help("write `apiVersion`, `kind` and `metadata`"),
        );
    }
    for path in [&["apiVersion"][..], &["kind"], &["metadata", "name"]] {
        if object.text(path).is_none_or(str::is_empty) {
            let message = format!("an object without `{}`, as text", path.join("."));
            return Some(found(at(path), message).help("say what it is and what it is called"));
        }
    }
    let (version, kind) = (object.text(&["apiVersion"])?, object.text(&["kind"])?);
    if !is_version(version) {
        let message = format!("`{version}` is no group and version");
        return Some(
            found(at(&["apiVersion"]), message).help("write it like `gateway.networking.k8s.io/v1`"),
        );
    }
    let is_kind =
        kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_kind || kind.ends_with("List") {
        let message = format!("`{kind}` is not the kind of one object");
        return Some(found(at(&["kind"]), message).help("write it like `HTTPRoute`, each object by itself"));
    }
    if version == "v1" && kind == "Secret" {
        let message = "a Secret stands in Git for everybody to read".to_owned();
        return Some(found(at(&["kind"]), message).help("write an `ExternalSecret` that fetches it"));
    }
    let name = object.text(&["metadata", "name"])?;
    // Roles of Kubernetes have colons in their names.
    if ReleaseName::parse(&name.replace(':', "-")).is_err() {
        let message = format!("`{name}` is not a name of an object");
        return Some(
            found(at(&["metadata", "name"]), message).help("use lower-case letters, digits, dots and dashes"),
        );
    }
    of_namespace(plan, region, object).or_else(|| definition::fault(region, object))
}

fn of_namespace(plan: &Plan<'_>, region: &Region<'_>, object: &KitObject<'_>) -> Option<Diagnostic> {
    let node = object.node.at(&["metadata", "namespace"])?;
    let name = node.as_str().unwrap_or_default();
    let found = |message: String| Diagnostic::new(Code::KitObject, node.cause, message);
    if Label::parse(name).is_err() {
        return Some(
            found(format!("`{name}` is not a namespace")).help("use lower-case letters, digits and dashes"),
        );
    }
    let declares = |object: &KitObject<'_>| {
        object.text(&["kind"]) == Some("Namespace") && object.text(&["metadata", "name"]) == Some(name)
    };
    let is_there = BUILT_IN.contains(&name)
        || region.namespaces.iter().any(|namespace| namespace.name.value.as_str() == name)
        || plan.summary(name).is_some()
        || region.objects.iter().any(declares);
    (!is_there).then(|| {
        let message = format!("region `{}` has no namespace `{name}`", region.name.value);
        found(message)
            .help("use that of a release, or say with `blueprint` or `runs` where the object stands")
    })
}

/// Returns whether a text is a version, perhaps behind a group.
fn is_version(text: &str) -> bool {
    let (group, version) = text.rsplit_once('/').unwrap_or(("", text));
    let is_version = version.starts_with('v')
        && version.chars().nth(1).is_some_and(|c| c.is_ascii_digit())
        && version.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    is_version && (text == version || ReleaseName::parse(group).is_ok())
}
