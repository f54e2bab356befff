#![doc = include_str!("../../../../docs/diagnostics/unreadable-source.md")]

use sovereign_language::input::{self, Holds, Input};
use sovereign_language::manifest::Document;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports every source that gave nothing.
pub(crate) fn check(written: &Document, input: &Input, diags: &mut Diagnostics) {
    for (holds, path) in input::sources(written) {
        let (what, files) = match holds {
            Holds::Blueprints => ("blueprint", "blueprint files"),
            Holds::Organizations => ("organization", "files with one `[organization]` each"),
        };
        if let Some(reason) = input.problem(holds, path.value.as_str()) {
            let message = format!("the {what} source `{}` {reason}", path.value);
            diags.push(
                Diagnostic::new(Code::UnreadableSource, path.span, message)
                    .help(format!("name a directory beside the manifest that holds {files}, `*.toml`")),
            );
        }
    }
}
