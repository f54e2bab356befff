//! Answers as JSON, for programs: `schema/why.schema.json`, which `sovereign schema why` prints, says every key.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{
    Answer, AtLine, Cause, Change, Field, File, Follows, History, InRegion, Input, Objects, Placement,
    Provenance, Unwritten,
};
use sovereign_text::source::Span;

/// The version of the document; another one if a key ever changes its meaning.
const VERSION: u32 = 1;

/// Returns one JSON document, and a final newline.
pub fn render(of: &Provenance<'_>, question: &str, answer: &Answer<'_>, history: History<'_>) -> String {
    let says = Says { of, history };
    let (kind, body) = match answer {
        Answer::Fields(file, fields) => ("fields", says.file(file, fields)),
        Answer::File(file, fields) => ("file", says.file(file, fields)),
        Answer::Line(line) => ("line", says.line(line)),
        Answer::Default(default) => ("default", says.default(default)),
        Answer::Input(input) => ("input", says.input(input)),
        Answer::Objects(objects) => ("objects", says.objects(objects)),
        Answer::Placement(placement) => ("blueprint", says.placement(placement)),
    };
    let document = json!({
        "version": VERSION,
        "root": of.root(),
        "question": question,
        "kind": kind,
        "answer": body,
    });
    format!("{document:#}\n")
}

struct Says<'s, 'p> {
    of: &'s Provenance<'p>,
    history: History<'s>,
}

impl Says<'_, '_> {
    fn file(&self, file: &File<'_>, fields: &[Field]) -> Json {
        json!({
            "path": file.path,
            "stage": file.stage.word(),
            "cause": self.cause(file.cause, ""),
            "because": file.because.map(|because| self.cause(because, "")),
            "fields": fields.iter().map(|field| self.field(field)).collect::<Vec<_>>(),
        })
    }

    fn field(&self, field: &Field) -> Json {
        let reads = field.reads.iter().map(|read| {
            json!({
                "fact": read.name,
                "value": read.value,
                "cause": self.cause(read.cause, &read.value),
                "default": self.of.default_of(read.cause, &read.value).map(|default| default.reason.as_str()),
            })
        });
        json!({
            "field": field.path,
            "value": field.value,
            "line": field.line,
            "cause": self.cause(field.cause, &field.value),
            "default": self.of.default_of(field.cause, &field.value).map(|default| default.reason.as_str()),
            "reads": reads.collect::<Vec<_>>(),
        })
    }

    fn line(&self, line: &AtLine<'_>) -> Json {
        let off = line.off.iter();
        let off = off.map(|(blueprint, region)| json!({ "blueprint": blueprint, "region": region }));
        json!({
            "source": line.source.name(),
            "line": line.line,
            "text": line.text,
            "commit": change((self.history)(line.source.name(), line.line).as_ref()),
            "files": files(&line.follows),
            "off": off.collect::<Vec<_>>(),
            "defaults": line.defaults.iter().map(|default| self.default(default)).collect::<Vec<_>>(),
        })
    }

    fn default(&self, default: &Unwritten) -> Json {
        json!({
            "key": default.key,
            "value": default.value,
            "reason": default.reason,
            "cause": self.cause(default.cause, &default.value),
        })
    }

    fn input(&self, input: &Input) -> Json {
        json!({
            "key": input.key,
            "doc": input.doc,
            "value": input.value.as_ref().map(|(value, cause)| {
                json!({ "value": value, "cause": self.cause(*cause, value) })
            }),
            "asked": self.cause(input.asked, ""),
            "files": files(&input.follows),
        })
    }

    fn objects(&self, objects: &Objects) -> Json {
        let regions = objects.regions.iter().map(|it| {
            json!({
                "region": it.region,
                "stand": it.stand,
                "reason": it.reason,
                "cause": self.cause(it.cause, ""),
                "files": it.files,
            })
        });
        json!({
            "name": objects.name,
            "cause": self.cause(objects.named, ""),
            "regions": regions.collect::<Vec<_>>(),
        })
    }

    fn placement(&self, placement: &Placement) -> Json {
        json!({
            "name": placement.name,
            "cause": self.cause(placement.blueprint, &placement.name),
            "governed-by": placement.governed_by.as_ref().map(|(name, says)| {
                json!({ "name": name, "cause": self.cause(*says, "") })
            }),
            "governs": placement.governs,
            "regions": placement.regions.iter().map(|it| self.region(it)).collect::<Vec<_>>(),
        })
    }

    fn region(&self, it: &InRegion) -> Json {
        json!({
            "region": it.region,
            "runs": it.runs,
            "reason": it.reason,
            "cause": self.cause(it.cause, ""),
            "off": it.off.map(|off| self.cause(off, "false")),
            "version": it.version.as_ref().map(|(version, cause)| {
                json!({ "value": version, "cause": self.cause(*cause, version) })
            }),
            "waits-for": it.waits_for,
            "waited-for-by": it.waited_for_by,
        })
    }

    fn cause(&self, span: Span, value: &str) -> Json {
        let Cause { kind, source, line, column, key, text, is_input } = self.of.causes.cause(span, value);
        let commit = if is_input { (self.history)(&source, line) } else { None };
        json!({
            "kind": kind.word(),
            "source": source,
            "line": line,
            "column": column,
            "key": key,
            "text": text,
            "commit": change(commit.as_ref()),
        })
    }
}

/// Returns the files that something follows for.
fn files(follows: &BTreeMap<String, Follows>) -> Vec<Json> {
    let files = follows.iter().map(|(path, follows)| {
        let fields = follows.fields.iter();
        let fields = fields.map(|it| json!({ "field": it.path, "value": it.value, "line": it.line }));
        json!({ "path": path, "whole": follows.whole, "fields": fields.collect::<Vec<_>>() })
    });
    files.collect()
}

fn change(change: Option<&Change>) -> Json {
    change.map_or(
        Json::Null,
        |it| json!({ "id": it.commit, "day": it.day, "author": it.author, "title": it.title }),
    )
}
