//! A [`Report`] as JSON, for programs: `schema/impact.schema.json`, which `sovereign schema impact` prints, says every key.

use serde_json::{Value as Json, json};

use super::{Against, Files, Impact, Refusal, Report, State};

/// The version of the form.
const VERSION: u32 = 1;

/// Returns the report as a value.
pub fn value(report: &Report) -> Json {
    let (against, name) = match &report.against {
        Against::Kit(name) => ("kit", name),
        Against::Compiler(name) => ("compiler", name),
    };
    let states: serde_json::Map<String, Json> =
        State::ALL.iter().map(|state| (state.word().to_owned(), report.count(*state).into())).collect();
    let sum = |of: fn(&Impact) -> usize| report.impacts.iter().map(of).sum::<usize>();
    json!({
        "version": VERSION,
        "against": { "what": against, "name": name },
        "summary": {
            "sovereigns": report.impacts.len(),
            "states": states,
            "reinstalled": sum(|it| it.reinstalled.len()),
            "lost": sum(|it| it.lost.len()),
            "events": report.events(),
            "files": of_files(report.files()),
        },
        "sovereigns": report.impacts.iter().map(of_impact).collect::<Vec<_>>(),
    })
}

/// Returns the report as a document with a final newline.
pub fn render(report: &Report) -> String {
    format!("{:#}\n", value(report))
}

fn of_impact(impact: &Impact) -> Json {
    let refusal = |it: &Refusal| json!({ "code": it.code, "message": it.message });
    json!({
        "file": impact.file,
        "root": impact.root,
        "state": impact.state.word(),
        "refused": impact.refused.iter().map(refusal).collect::<Vec<_>>(),
        "reinstalled": impact.reinstalled,
        "lost": impact.lost,
        "events": impact.events,
        "files": of_files(impact.files),
        "steps": impact.steps,
        "note": impact.note,
    })
}

fn of_files(files: Files) -> Json {
    json!({ "added": files.added, "changed": files.changed, "removed": files.removed })
}
