#![doc = include_str!("../../../../docs/diagnostics/spent-consent.md")]

use super::Transition;
use super::identity_change::{place, takeovers};
use super::unretired_removal::lost_application;
use crate::diff::ObjectChange;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Warns of consents to which nothing in this transition corresponds: they were used, or never needed.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    if transition.is_part {
        return;
    }
    let consents = &transition.new.consents;
    for retire in &consents.retire {
        let of_region = |region: &str| {
            let stood = |change: &ObjectChange| change.id.cluster == region && change.new.is_none();
            let leaves = !transition.has_cluster(region) && transition.diff.objects.iter().any(stood);
            // A region that somebody else takes over from Crossplane stays, and its claims go.
            leaves || transition.lost_claims().any(|(claimed, _)| claimed == region)
        };
        let whole = retire.region.as_deref().filter(|_| retire.is_region());
        let used = whole.is_some_and(of_region)
            || transition.diff.objects.iter().any(|change| {
                let here = retire.region.as_deref().is_none_or(|region| region == change.id.cluster);
                if let Some((organization, name)) = lost_application(change).filter(|_| here) {
                    let place = format!("{organization}/{name}");
                    return retire.application == Some(place)
                        || retire.namespace.as_deref() == Some(organization);
                }
                // An Organization's vCluster goes with the consent for its namespace.
                if let Some(tenant) = change.tenant().filter(|_| here && change.new.is_none()) {
                    return retire.namespace.as_deref() == Some(tenant);
                }
                let name = match change.id.kind.as_str() {
                    "HelmRelease" => retire.release.as_deref(),
                    "Namespace" => retire.namespace.as_deref(),
                    _ => None,
                };
                here && change.new.is_none() && name == Some(change.id.name.as_str())
            });
        if !used {
            let what = [&retire.release, &retire.namespace, &retire.application, &retire.region]
                .into_iter()
                .flatten()
                .next();
            let what = what.map(String::as_str).unwrap_or_default();
            let message = format!("nothing retires `{what}` any more");
            diags.push(Diagnostic::new(Code::SpentConsent, retire.span, message).help("remove the table"));
        }
    }
    let unneeded: Vec<Span> = diags.unneeded().map(|acceptance| acceptance.written).collect();
    for path in consents.losses.iter().filter(|path| unneeded.contains(&path.span)) {
        let message = format!("nothing is lost at `{}` any more", path.value);
        diags.push(Diagnostic::new(Code::SpentConsent, path.span, message).help("remove the table"));
    }
    for (from, to) in &consents.moves {
        let used = transition.diff.objects.iter().any(|change| {
            let (Some((_, old)), Some((_, new))) = (&change.old, &change.new) else { return false };
            let cluster = &change.id.cluster;
            let release = change.id.kind == "HelmRelease"
                && place(cluster, old) == from.value
                && place(cluster, new) == to.value;
            let layer = |side| ObjectChange::layer(side).map(|layer| format!("{cluster}/{layer}"));
            let moved = layer(change.old.as_ref()).as_ref() == Some(&from.value)
                && layer(change.new.as_ref()).as_ref() == Some(&to.value);
            release || moved
        }) || from.value == to.value && takeovers(transition).any(|it| it.place == from.value);
        if !used {
            let message = format!("nothing moves from {} to {} any more", from.value, to.value);
            diags.push(Diagnostic::new(Code::SpentConsent, from.span, message).help("remove the table"));
        }
    }
}
