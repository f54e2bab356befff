#![doc = include_str!("../../../../docs/diagnostics/unreadable-source.md")]

use sovereign_language::input::{self, Holds, Input};
use sovereign_language::manifest::Document;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports every source that gave nothing.
pub(crate) fn check(written: &Document, input: &Input, diags: &mut Diagnostics) {
    for (holds, path) in input::sources(written) {
        let (what, files) = match holds {
            Holds::Kit => ("kit", "a `kit.toml` and blueprint files"),
            Holds::Blueprints => ("blueprint source", "blueprint files"),
            Holds::Organizations => ("organization source", "files with one `[organization]` each"),
        };
        if let Some(reason) = input.problem(holds, path.value.as_str()) {
            let message = format!("the {what} `{}` {reason}", path.value);
            diags.push(
                Diagnostic::new(Code::UnreadableSource, path.span, message)
                    .help(format!("name a directory beside the manifest that holds {files}, `*.toml`")),
            );
        }
    }
    if let Some(kit) = input::remote_kit(written)
        && let Some(reason) = input.problem(Holds::Kit, kit.digest.value.as_str())
    {
        let message = format!("the kit `{}` {reason}", kit.origin);
        diags.push(
            Diagnostic::new(Code::UnreadableSource, kit.digest.span, message)
                .help("`sovereign kit fetch` brings it; compiling asks no network"),
        );
    }
}
