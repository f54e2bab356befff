//! Consents, as they are written into `sovereign.toml`: what whoever means a loss pastes there.

use std::fmt::Write as _;

use sovereign_text::diag::{Code, Diagnostics};

/// Returns the table that lets something go: `what` is the key of `[[retire]]`, `name` its value.
pub(crate) fn retire(what: &str, name: &str) -> String {
    format!("[[retire]]\n{what} = {name:?}\n")
}

/// Returns the table that lets a release change its identity.
pub(crate) fn r#move(from: &str, to: &str) -> String {
    format!("[[move]]\nfrom = {from:?}\nto = {to:?}\n")
}

/// Returns the table that accepts a finding at a path, of the manifest or of a file beside it. The reason is left to whoever
/// consents: without one it is refused.
pub(crate) fn accept(code: Code, file: Option<&str>, at: &str) -> String {
    let mut table = format!("[[accept]]\nfinding = {:?}\n", code.name());
    if let Some(file) = file {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "file = {file:?}");
    }
    let _ = writeln!(table, "at = {at:?}\nreason = \"\"  # say why");
    table
}

/// Returns the tables that the findings ask for, each once, in the order of the findings.
pub fn needed(diags: &Diagnostics) -> Vec<String> {
    let mut tables: Vec<String> = Vec::new();
    for table in diags.sorted().into_iter().filter_map(|found| found.consent.as_ref()) {
        if !tables.contains(table) {
            tables.push(table.clone());
        }
    }
    tables
}
