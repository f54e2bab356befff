#![doc = include_str!("../../../../docs/diagnostics/identity-change.md")]

use serde_json::Value as Json;

use super::Transition;
use crate::diff::ObjectChange;
use crate::diff::events::IDENTITY;
use sovereign_compile::tree::TreePath;
use sovereign_language::kit::Catalog;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports releases that Helm would uninstall and install again because a part of their identity changes.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for change in transition.changes("HelmRelease") {
        let (Some((_, old)), Some((_, new))) = (&change.old, &change.new) else { continue };
        let fields: Vec<_> = IDENTITY.iter().flat_map(|path| change.below(path)).collect();
        let Some(first) = fields.first() else { continue };
        let (from, to) = (place(&change.id.cluster, old), place(&change.id.cluster, new));
        if transition.new.consents.moves(&from, &to) {
            continue;
        }
        let name = &change.id.name;
        let mut found = Diagnostic::new(
            Code::IdentityChange,
            transition.place(&change.id.cluster, first.cause.or(change.cause)),
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
            lost(found, transition.catalog, name)
                .help(format!("if that is meant, add [[move]] with from = \"{from}\" and to = \"{to}\"")),
        );
    }
    renamed(transition, diags);
}

/// Reports HelmReleases that go while another one takes over their Helm release: the one that goes uninstalls what
/// the other has just installed.
fn renamed(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for (gone, heir) in heirs(transition) {
        let Some((_, old)) = &gone.old else { continue };
        let was = place(&gone.id.cluster, old);
        let (name, heir_name, cluster) = (&gone.id.name, &heir.id.name, &gone.id.cluster);
        let found = Diagnostic::new(
            Code::IdentityChange,
            transition.place(cluster, heir.cause),
            format!("`{heir_name}` of `{cluster}` would take over the Helm release of `{name}`, which goes"),
        )
        .note(format!("Flux uninstalls {was} on behalf of `{name}`, whatever `{heir_name}` did before"));
        diags.push(lost(found, transition.catalog, name).help(format!(
            "keep the name `{name}`; or remove it in one commit and add `{heir_name}` in the next, as `sovereign plan` \
             shows; if it may be installed anew, add [[move]] with from = \"{was}\" and to = \"{was}\""
        )));
    }
}

/// HelmReleases that go, each with the one that comes and takes over its Helm release; without those for which this is
/// consented to.
pub(crate) fn heirs<'a>(transition: &'a Transition<'_>) -> Vec<(&'a ObjectChange, &'a ObjectChange)> {
    let here = |change: &ObjectChange, side: &Option<(TreePath, Json)>| {
        side.as_ref().map(|(_, release)| place(&change.id.cluster, release))
    };
    let pair = |gone: &'a ObjectChange| {
        let was = here(gone, &gone.old)?;
        let heir = transition.changes("HelmRelease").find(|change| {
            let same = here(change, &change.new).as_ref() == Some(&was);
            change.old.is_none() && change.id.cluster == gone.id.cluster && same
        })?;
        (!transition.new.consents.moves(&was, &was)).then_some((gone, heir))
    };
    transition.changes("HelmRelease").filter(|change| change.new.is_none()).filter_map(pair).collect()
}

fn lost(found: Diagnostic, catalog: &Catalog, release: &str) -> Diagnostic {
    match catalog.risk(release) {
        Some(risk) => found.note(format!("at risk: {}", risk.phrase())),
        None => found,
    }
}

/// `region/namespace/release`: what `[[move]]` calls a release.
pub(crate) fn place(cluster: &str, release: &Json) -> String {
    let text = |key: &str| release.pointer(key).and_then(Json::as_str).unwrap_or("—");
    format!("{cluster}/{}/{}", text("/spec/targetNamespace"), text("/spec/releaseName"))
}
