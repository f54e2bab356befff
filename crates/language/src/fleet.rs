//! `fleet.toml`: the order in which many Sovereigns get what their manifests say, ring by ring.
//!
//! It stands in a repository beside the manifests, and says nothing about any one of them. [`decode`] takes a [`Source`] and gives a
//! [`FleetDocument`]; what the rings come to is told by `sovereign_change::fleet`.

use serde_json::{Map, Value as Json, json};

use crate::scalar::accept::Reason;
use crate::scalar::choice::choice;
use crate::scalar::clock::TimeOfDay;
use crate::scalar::name::RelPath;
use crate::scalar::{Duration, Label};
use crate::schema::{Count, Parsed, Shape, table};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Source, Spanned};

/// The name of the file.
pub const NAME: &str = "fleet.toml";
/// The committed schema; a test holds it equal to [`schema`].
pub const SCHEMA: &str = include_str!("../../../schema/fleet.schema.json");

table! {
    /// A fleet: many Sovereigns of one repository, in rings. What a ring waits for is read from Git alone.
    FleetDocument {
        /// What holds for the fleet as a whole.
        fleet: FleetTable = optional,
        /// The rings, in the order in which they get what is new.
        ring: Vec<Spanned<RingTable>> = required,
    }
    refine at_least_one_ring
}

fn at_least_one_ring(schema: &mut Json) {
    schema["properties"]["ring"]["minItems"] = json!(1);
}

table! {
    /// What holds for the fleet as a whole.
    FleetTable {
        /// The directory, from the root of the repository, in which a hook keeps what Flux says: the last notification of each
        /// cluster as `<fqdn>/<region>.json`.
        status: RelPath = optional,
    }
}

table! {
    /// A ring: Sovereigns that get what is new at about the same time.
    RingTable {
        /// Its name.
        name: Label = required,
        /// Its manifests, from the root of the repository: paths, patterns, or directories that hold some.
        sovereigns: Vec<Spanned<RelPath>> = required,
        /// What must be so of all of them before the next ring begins. Default `ready` where `[fleet]` has a `status`,
        /// else `committed`.
        passes: Passes = optional,
        /// How long all of them must have been as they are, before the next ring begins.
        soak: Duration = optional,
        /// How many of them may be on their way at once: committed, and not ready. Default: all.
        at_once: Count<1, 10_000> = optional,
        /// When its commits are made, in UTC; at any time where there is none.
        window: Vec<Spanned<WindowTable>> = optional,
        /// Why nothing of it is committed for now, and nothing of the rings behind it.
        hold: Reason = optional,
    }
}

table! {
    /// A part of the week, in UTC.
    WindowTable {
        /// The days. Default: all.
        days: Vec<Spanned<Day>> = optional,
        /// When it begins.
        from: TimeOfDay = required,
        /// When it ends, on the same day.
        to: TimeOfDay = required,
    }
}

choice! {
    /// What must be so of a Sovereign before the next ring begins.
    Passes, "a condition of a ring" {
        /// The branch holds what its manifest gives.
        Committed "committed",
        /// That, and Flux said in every region that it has applied it.
        Ready "ready",
    }
}

choice! {
    /// A day of the week.
    Day, "a day of the week" {
        /// Monday.
        Monday "mon",
        /// Tuesday.
        Tuesday "tue",
        /// Wednesday.
        Wednesday "wed",
        /// Thursday.
        Thursday "thu",
        /// Friday.
        Friday "fri",
        /// Saturday.
        Saturday "sat",
        /// Sunday.
        Sunday "sun",
    }
}

/// Takes the source of a fleet, gives what is written in it; `None` only when nothing could be read at all.
pub fn decode(source: &Source, diags: &mut Diagnostics) -> Option<FleetDocument> {
    let document: FleetDocument = Parsed::new(source).decode(diags)?;
    document.check(diags);
    Some(document)
}

/// Returns the schema, draft 7: the newest draft that every TOML language server reads.
pub fn schema() -> Json {
    let mut definitions = Map::new();
    FleetDocument::schema(&mut definitions);
    let mut schema = json!({ "$schema": "http://json-schema.org/draft-07/schema#", "title": NAME });
    if let (Json::Object(schema), Some(Json::Object(document))) =
        (&mut schema, definitions.remove("FleetDocument"))
    {
        schema.extend(document);
        schema.insert("definitions".into(), Json::Object(definitions));
    }
    schema
}

impl FleetDocument {
    /// Returns the rings.
    pub fn rings(&self) -> impl Iterator<Item = &RingTable> {
        self.ring.iter().flat_map(|rings| &rings.value).map(|ring| &ring.value)
    }

    /// Returns the directory of what Flux says.
    pub fn status(&self) -> Option<&Spanned<RelPath>> {
        self.fleet.as_ref()?.value.status.as_ref()
    }

    /// Reports what does not hold between the keys.
    fn check(&self, diags: &mut Diagnostics) {
        if let Some(rings) = self.ring.as_ref().filter(|rings| rings.value.is_empty()) {
            let found = Diagnostic::new(Code::MissingKey, rings.span, "a fleet has at least one ring");
            diags.push(found.help("add a `[[ring]]` table"));
        }
        let mut seen: Vec<&Spanned<Label>> = Vec::new();
        for ring in self.rings() {
            if let Some(name) = &ring.name {
                if let Some(first) = seen.iter().find(|seen| seen.value == name.value) {
                    let message = format!("ring `{}` is declared twice", name.value);
                    let found = Diagnostic::new(Code::DuplicateName, name.span, message);
                    diags.push(found.related(first.span, "first declared here").help("rename one of them"));
                }
                seen.push(name);
            }
            self.check_ring(ring, diags);
        }
    }

    fn check_ring(&self, ring: &RingTable, diags: &mut Diagnostics) {
        let ready = ring.passes.as_ref().filter(|passes| passes.value == Passes::Ready);
        if let Some(ready) = ready.filter(|_| self.status().is_none()) {
            let message = "nobody says when a Sovereign is `ready`: `[fleet]` has no `status`";
            let found = Diagnostic::new(Code::MissingKey, ready.span, message);
            diags.push(
                found.help("add `status = \"status\"` to `[fleet]`, or write `passes = \"committed\"`"),
            );
        }
        for window in ring.window.iter().flat_map(|list| &list.value) {
            if let (Some(from), Some(to)) = (&window.value.from, &window.value.to)
                && from.value >= to.value
            {
                let message = format!("a window from {} to {} is never open", from.value, to.value);
                let found = Diagnostic::new(Code::MalformedValue, to.span, message);
                diags.push(found.related(from.span, "it begins here").help(
                    "write a later time; a window over midnight is two, one to `24:00` and one from `00:00`",
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<Code> {
        let source = Source::manifest(NAME, text.as_bytes().to_vec()).expect("text");
        let mut diags = Diagnostics::new();
        decode(&source, &mut diags);
        diags.sorted().iter().map(|found| found.code).collect()
    }

    #[test]
    fn rings_are_told_apart_and_windows_open() {
        let ring = "[[ring]]\nname = \"a1\"\nsovereigns = [\"s/*\"]\n";
        assert_eq!(codes(ring), []);
        assert_eq!(codes(&format!("{ring}{ring}")), [Code::DuplicateName]);
        assert_eq!(codes("ring = []\n"), [Code::MissingKey]);
        assert_eq!(codes(""), [Code::MissingKey]);
        assert_eq!(codes(&format!("{ring}passes = \"ready\"\n")), [Code::MissingKey]);
        assert_eq!(codes(&format!("fleet.status = \"status\"\n{ring}passes = \"ready\"\n")), []);
        assert_eq!(
            codes(&format!("{ring}window = [{{ from = \"08:00\", to = \"08:00\" }}]\n")),
            [Code::MalformedValue]
        );
        let days =
            format!("{ring}window = [{{ days = [\"mon\", \"son\"], from = \"22:00\", to = \"24:00\" }}]\n");
        assert_eq!(codes(&days), [Code::UnknownChoice]);
        assert_eq!(codes(&format!("{ring}sovereign = 1\n")), [Code::UnknownKey]);
    }
}
