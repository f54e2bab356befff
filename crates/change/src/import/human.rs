//! An [`Import`] for a person: what was assumed, what could not be said, and the proof object by object.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::existing::Id;
use super::{Import, Verdict};
use sovereign_text::look::Look;

/// The longest value that is shown.
const LONGEST: usize = 120;

/// Returns the report. Objects that are equal are counted; every other one is listed with what differs.
pub fn render(import: &Import, look: Look) -> String {
    let mut out = String::new();
    for (title, lines) in [("assumed", &import.assumed), ("not said", &import.unsaid)] {
        if !lines.is_empty() {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(out, "{}", look.paint(AnsiColor::Yellow, &format!("{title} ({})", lines.len())));
            for line in lines {
                let _ = writeln!(out, "  {}", plain(line));
            }
        }
    }
    let Some(proof) = &import.proof else {
        out.push_str("no manifest compiles\n");
        return out;
    };
    for standing in &proof.objects {
        match &standing.verdict {
            Verdict::Equal => {}
            Verdict::Absent => {
                let _ = writeln!(out, "{} {}", look.paint(AnsiColor::Red, "absent"), name(&standing.id));
            }
            Verdict::Differs(differences) => {
                let _ = writeln!(out, "{} {}", look.paint(AnsiColor::Red, "differs"), name(&standing.id));
                for it in differences {
                    let (there, here) = (shown(it.there.as_ref()), shown(it.here.as_ref()));
                    let _ = writeln!(
                        out,
                        "    {}: {there} in the tree, {here} from the manifest",
                        plain(&it.path)
                    );
                }
            }
        }
    }
    if !proof.further.is_empty() {
        let _ = writeln!(out, "the manifest gives {} further objects", proof.further.len());
    }
    let _ = writeln!(out, "{} of {} objects equal", proof.equal(), proof.objects.len());
    out
}

fn name(id: &Id) -> String {
    let place = [id.cluster.as_str(), &id.kind, &id.namespace, &id.name];
    let parts: Vec<_> = place.into_iter().filter(|part| !part.is_empty()).collect();
    plain(&parts.join(" "))
}

fn shown(value: Option<&serde_json::Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let mut text = plain(&value.to_string());
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

/// Returns a text without control characters: it may hold what users wrote.
fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}
