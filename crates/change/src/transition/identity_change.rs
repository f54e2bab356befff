#![doc = include_str!("../../../../docs/diagnostics/identity-change.md")]

use serde_json::Value as Json;

use super::Transition;
use crate::consent;
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
                .help(format!("if that is meant, add [[move]] with from = \"{from}\" and to = \"{to}\""))
                .consented_by(consent::r#move(&from, &to)),
        );
    }
    renamed(transition, diags);
}

/// Reports HelmReleases that give up their Helm release while another one takes it over: on behalf of the one that had it,
/// Flux uninstalls what the other has just installed.
fn renamed(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for Takeover { place, former, heir } in unconsented(transition) {
        let (name, heir_name, cluster) = (&former.id.name, &heir.id.name, &former.id.cluster);
        let (fate, first) = match former.new {
            None => ("which goes", format!("keep the name `{name}`; or remove it in one commit")),
            Some(_) => ("which becomes another one", format!("change `{name}` in one commit")),
        };
        let then = if heir.old.is_none() { "add" } else { "change" };
        let identity = IDENTITY.iter().flat_map(|path| heir.below(path)).find_map(|field| field.cause);
        let found = Diagnostic::new(
            Code::IdentityChange,
            transition.place(cluster, identity.filter(|_| heir.old.is_some()).or(heir.cause)),
            format!("`{heir_name}` of `{cluster}` would take over the Helm release of `{name}`, {fate}"),
        )
        .note(format!("Flux uninstalls {place} on behalf of `{name}`, whatever `{heir_name}` did before"));
        diags.push(lost(found, transition.catalog, name).help(format!(
            "{first} and {then} `{heir_name}` in the next, as `sovereign plan` shows; if it may be installed anew, \
             add [[move]] with from = \"{place}\" and to = \"{place}\""
        )));
    }
}

/// A HelmRelease that goes or becomes another one, and the one that takes over its Helm release.
pub(crate) struct Takeover<'a> {
    /// What `[[move]]` calls the Helm release.
    pub(super) place: String,
    former: &'a ObjectChange,
    /// The HelmRelease that has it afterwards.
    pub(crate) heir: &'a ObjectChange,
}

/// Returns the takeovers of a transition, consented to or not.
pub(super) fn takeovers<'a>(transition: &'a Transition<'_>) -> impl Iterator<Item = Takeover<'a>> {
    let at = |change: &ObjectChange, side: &Option<(TreePath, Json)>| {
        side.as_ref().map(|(_, release)| place(&change.id.cluster, release))
    };
    transition.changes("HelmRelease").filter_map(move |former| {
        let is = at(former, &former.new);
        let was = at(former, &former.old).filter(|was| is.as_ref() != Some(was))?;
        let mut others = transition.changes("HelmRelease");
        let heir = others.find(|other| at(other, &other.new).as_ref() == Some(&was))?;
        Some(Takeover { place: was, former, heir })
    })
}

/// Returns the takeovers that nobody consents to.
pub(crate) fn unconsented<'a>(transition: &'a Transition<'_>) -> impl Iterator<Item = Takeover<'a>> {
    takeovers(transition).filter(|it| !transition.new.consents.moves(&it.place, &it.place))
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
