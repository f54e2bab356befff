#![doc = include_str!("../../../../docs/diagnostics/unknown-kit.md")]

use std::sync::Arc;

use sovereign_language::input::{Holds, Input};
use sovereign_language::kit::{Kit, Kits};
use sovereign_language::manifest::Document;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// Opens the kit that a manifest names, with the input's blueprint sources; `None` after a report.
pub(crate) fn open(
    written: &Document,
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
) -> Option<Arc<Kit>> {
    let name = written.kit.as_ref()?;
    let further: Vec<_> = input.holding(Holds::Blueprints).collect();
    if kits.files(name.value.as_str()).is_some() {
        return kits.open(name.value.as_str(), &further, diags);
    }
    let message = format!("there is no kit `{}`", name.value);
    let found = Diagnostic::new(Code::UnknownKit, name.span, message);
    let known = suggest::list(kits.names(), 12);
    diags.push(
        match (suggest::nearest(name.value.as_str(), kits.names()), kits.names().last()) {
            // Whoever mistypes a date means the newest kit more often than the nearest name.
            (Some(_), Some(newest)) => found.fix("the newest one is", name.span, format!("{newest:?}")),
            _ => found,
        }
        .note(format!("this compiler carries {known}")),
    );
    None
}
