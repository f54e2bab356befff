#![doc = include_str!("../../../../docs/diagnostics/unaccepted-loss.md")]

use std::collections::BTreeMap;

use super::{Transition, kit_downgrade};
use crate::consent;
use crate::diff::Loss;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// As many losses of one line are written out.
const SHOWN: usize = 6;

/// Reports what a change of values loses. One finding for each line that causes some, whatever follows from it.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let mut found: BTreeMap<(Span, Span), Vec<&Loss>> = BTreeMap::new();
    // What an older kit takes back is said of the kit.
    let by_kit = kit_downgrade::goes_back(transition);
    for loss in &transition.diff.losses {
        let changed = transition.place(&loss.cluster, loss.cause);
        // Consent names a value, and a file as a whole has none.
        let is_file = changed.start == changed.end;
        let place = if is_file { transition.known_place(&loss.cluster, loss.cause) } else { changed };
        let is_said = by_kit && place == transition.new.kit.span;
        if !is_said && !transition.new.consents.retires_region(&loss.cluster) {
            found.entry((place, changed)).or_default().push(loss);
        }
    }
    for ((place, changed), losses) in found {
        let Some((first, others)) = losses.split_first() else { continue };
        let mut finding = transition
            .with_what_went_from(changed, Diagnostic::new(Code::UnacceptedLoss, place, first.words()));
        for loss in others.iter().take(SHOWN) {
            finding = finding.note(loss.words());
        }
        if let Some(more) = others.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            finding = finding.note(format!("and {more} more, as `sovereign diff` shows"));
        }
        let written = transition.new.written.at(place);
        finding.consent = written.map(|it| consent::accept(Code::UnacceptedLoss, it.file, it.at));
        diags.push(finding.help(help(transition, place)));
    }
}

/// Returns how consent is written.
fn help(transition: &Transition<'_>, place: Span) -> String {
    let code = Code::UnacceptedLoss;
    match transition.new.written.at(place) {
        Some(written) => {
            let file = written.file.map(|file| format!(" file = {file:?},")).unwrap_or_default();
            let at = written.at;
            format!(
                "if that is meant, add [[accept]] with finding = \"{code}\",{file} at = {at:?} and the reason"
            )
        }
        None => format!(
            "if that is meant, add [[accept]] with finding = \"{code}\", this file, the path of this value and the reason"
        ),
    }
}
