#![doc = include_str!("../../../../docs/diagnostics/kit-downgrade.md")]

use super::Transition;
use sovereign_language::scalar::{KitName, Scalar};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports a kit that is older than the one of the tree before.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let now = &transition.new.kit;
    if let Some(before) = newer(transition) {
        let message = format!("kit {} is older than {before}, which the tree has now", now.value);
        diags.push(
            Diagnostic::new(Code::KitDowngrade, now.span, message)
                .note("charts cannot read what later versions of them wrote")
                .fix("write", now.span, format!("{before:?}")),
        );
    }
}

/// Returns whether the kit is older than the one of the tree before.
pub(super) fn goes_back(transition: &Transition<'_>) -> bool {
    newer(transition).is_some()
}

/// Returns the kit of the tree before, if it is newer.
fn newer<'a>(transition: &Transition<'a>) -> Option<&'a str> {
    let lock = transition.old.lock().ok().flatten();
    let before = lock.and_then(|lock| lock.origin("kit")).and_then(|kit| kit.split(' ').next());
    // A lock that a hand has changed may say anything. Names are year and month, so their order is that of time.
    before.filter(|kit| KitName::parse(kit).is_ok() && transition.new.kit.value.as_str() < *kit)
}
