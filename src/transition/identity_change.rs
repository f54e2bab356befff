#![doc = include_str!("../../docs/diagnostics/identity-change.md")]

use serde_json::Value as Json;

use super::Transition;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::diff::events::IDENTITY;
use crate::knowledge::Knowledge;

/// Reports releases that Helm would uninstall and install again because a part of their identity changes.
pub fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for change in transition.changes("HelmRelease") {
        let (Some((_, old)), Some((_, new)), Some(cause)) = (&change.old, &change.new, change.cause) else {
            continue;
        };
        let fields: Vec<_> = IDENTITY.iter().flat_map(|path| change.below(path)).collect();
        let Some(first) = fields.first() else { continue };
        let (from, to) = (place(&change.id.cluster, old), place(&change.id.cluster, new));
        if transition.new.consents.moves(&from, &to) {
            continue;
        }
        let name = &change.id.name;
        let mut found = Diagnostic::new(
            Code::IdentityChange,
            first.cause.unwrap_or(cause),
            format!("`{name}` of `{}` would be uninstalled and installed again", change.id.cluster),
        );
        for field in &fields {
            let words = |side: &Option<Json>| side.as_ref().and_then(Json::as_str).unwrap_or("—").to_owned();
            found = found.note(format!(
                "`{}` changes from {} to {}",
                field.path(),
                words(&field.old),
                words(&field.new)
            ));
        }
        diags.push(
            lost(found, transition.knowledge, name)
                .help(format!("if that is meant, add [[move]] with from = \"{from}\" and to = \"{to}\"")),
        );
    }
}

fn lost(found: Diagnostic, knowledge: &Knowledge, release: &str) -> Diagnostic {
    match knowledge.risk(release) {
        Some(risk) => found.note(format!("at risk: {}", risk.phrase())),
        None => found,
    }
}

/// `region/namespace/release`: what `[[move]]` calls a release.
pub(super) fn place(cluster: &str, release: &Json) -> String {
    let text = |key: &str| release.pointer(key).and_then(Json::as_str).unwrap_or("—");
    format!("{cluster}/{}/{}", text("/spec/targetNamespace"), text("/spec/releaseName"))
}
