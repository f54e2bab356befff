//! What is printed for programs follows its published schema.

use std::sync::LazyLock;

use jsonschema::Validator;
use libtest_mimic::Failed;
use serde_json::Value as Json;

static FINDINGS: LazyLock<Validator> =
    LazyLock::new(|| validator(include_str!("../../schema/findings.schema.json")));
static DIFF: LazyLock<Validator> = LazyLock::new(|| validator(include_str!("../../schema/diff.schema.json")));

fn validator(schema: &str) -> Validator {
    jsonschema::draft7::new(&serde_json::from_str(schema).expect("JSON")).expect("a schema")
}

/// Holds findings, one a line, against their schema.
pub(crate) fn findings(lines: &str) -> Result<(), Failed> {
    lines.lines().try_for_each(|line| follows(&FINDINGS, line))
}

/// Holds a diff against its schema.
pub(crate) fn diff(text: &str) -> Result<(), Failed> {
    follows(&DIFF, text)
}

fn follows(schema: &Validator, text: &str) -> Result<(), Failed> {
    let document: Json = serde_json::from_str(text)?;
    let errors: Vec<_> =
        schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n").into()) }
}
