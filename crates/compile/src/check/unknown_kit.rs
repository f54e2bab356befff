#![doc = include_str!("../../../../docs/diagnostics/unknown-kit.md")]

use std::sync::Arc;

use sovereign_language::input::{self, Holds, Input};
use sovereign_language::kit::{Kit, Kits, OwnKit};
use sovereign_language::manifest::{Document, KitChoice};
use sovereign_language::scalar::{KitName, RelPath};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::{Source, Spanned};

/// Opens the kit that a manifest names, with the input's blueprint sources; `None` after a report.
pub(crate) fn open(
    written: &Document,
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
) -> Option<Arc<Kit>> {
    let kit = written.kit.as_ref()?;
    let further: Vec<_> = input.holding(Holds::Blueprints).collect();
    match &kit.value {
        KitChoice::Embedded(name) if kits.files(name.as_str()).is_some() => {
            kits.open(name.as_str(), &further, diags)
        }
        KitChoice::Embedded(name) => {
            diags.push(unknown(&Spanned::new(name, kit.span), kits));
            None
        }
        KitChoice::Own(table) => {
            let path = table.path.as_ref()?;
            own(path.as_ref().map(RelPath::as_str), input, kits, &further, diags)
        }
        KitChoice::Git(_) | KitChoice::Oci(_) => {
            let kit = input::remote_kit(written)?;
            own(Spanned::new(kit.origin.as_str(), kit.digest.span), input, kits, &further, diags)
        }
    }
}

/// Opens a kit of one's own that stands in a directory or comes from elsewhere. One that gives no files has been reported.
fn own(
    place: Spanned<&str>,
    input: &Input,
    kits: &Kits,
    further: &[&Source],
    diags: &mut Diagnostics,
) -> Option<Arc<Kit>> {
    let files: Vec<_> = input.holding(Holds::Kit).collect();
    let own = OwnKit::new(&files);
    if own.is_none() && !files.is_empty() {
        let message = format!("`{}` holds no `kit.toml`, so it is no kit", place.value);
        let found = Diagnostic::new(Code::UnknownKit, place.span, message);
        diags.push(found.help("write one: `name = \"acme\"` and `extends = \"2026.05\"` are enough"));
    }
    kits.extend(own?, further, diags)
}

fn unknown(name: &Spanned<&KitName>, kits: &Kits) -> Diagnostic {
    let message = format!("there is no kit `{}`", name.value);
    let found = Diagnostic::new(Code::UnknownKit, name.span, message);
    let known = suggest::list(kits.names(), 12);
    match (suggest::nearest(name.value.as_str(), kits.names()), kits.names().last()) {
        // Whoever mistypes a date means the newest kit more often than the nearest name.
        (Some(_), Some(newest)) => found.fix("the newest one is", name.span, format!("{newest:?}")),
        _ => found,
    }
    .note(format!("this compiler carries {known}"))
}
