//! Definitions of custom resources, in `crds/` and among templates.

use std::collections::BTreeSet;

/// The kind of a definition.
const KIND: &str = "CustomResourceDefinition";

/// Returns the definitions in a text as `group/Kind`. It may be a template: what stands between braces is no part of it.
pub(crate) fn in_text(text: &str) -> BTreeSet<String> {
    let documents = text.split("\n---").filter(|document| document.contains(KIND));
    documents.filter_map(definition).collect()
}

/// Reads the two lines that matter: `group` below `spec`, and `kind` below `spec.names`. Nothing between them needs to be
/// understood, which a template could not be.
fn definition(document: &str) -> Option<String> {
    let mut is_definition = false;
    let (mut group, mut kind) = (None, None);
    let mut names_at = None;
    for line in document.lines() {
        let bare = line.trim_start();
        let depth = line.len() - bare.len();
        if names_at.is_some_and(|at| depth <= at) && !bare.is_empty() {
            names_at = None;
        }
        match bare.split_once(':').map(|(key, value)| (key, scalar(value))) {
            Some(("kind", KIND)) => is_definition = true,
            Some(("group", value)) if group.is_none() => group = Some(value),
            Some(("names", "")) if kind.is_none() => names_at = Some(depth),
            Some(("kind", value)) if names_at.is_some() => kind = kind.or(Some(value)),
            _ => {}
        }
    }
    let (group, kind) = (group?, kind?);
    (is_definition && !group.contains("{{")).then(|| format!("{group}/{kind}"))
}

fn scalar(value: &str) -> &str {
    let value = value.split(" #").next().unwrap_or_default().trim();
    value.trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_and_kind_of_each_document() {
        let text = "{{ if .Values.crds }}\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: webs.example.com\nspec:\n  group: example.com\n  names:\n    plural: webs\n    kind: \"Web\" # one\n  scope: Namespaced\n---\nkind: ConfigMap\ngroup: x\n{{ end }}\n";
        assert_eq!(in_text(text), ["example.com/Web".to_owned()].into());
    }
}
