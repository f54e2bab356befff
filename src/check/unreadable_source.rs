#![doc = include_str!("../../docs/diagnostics/unreadable-source.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::input::Input;
use crate::manifest::Document;

/// Reports every blueprint source that gave no blueprint.
pub fn check(written: &Document, input: &Input, diags: &mut Diagnostics) {
    let tables = written.blueprint_source.iter().flat_map(|tables| &tables.value);
    for path in tables.filter_map(|table| table.value.path.as_ref()) {
        if let Some(reason) = input.problem(path.value.as_str()) {
            let message = format!("the blueprint source `{}` {reason}", path.value);
            diags.push(
                Diagnostic::new(Code::UnreadableSource, path.span, message)
                    .help("name a directory beside the manifest that holds blueprint files, `*.toml`"),
            );
        }
    }
}
