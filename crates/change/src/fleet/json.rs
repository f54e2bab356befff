//! A [`Wave`] as JSON, for programs. Keys are stable: new ones may come, none changes its meaning without another version.
//!
//! | key | holds |
//! |---|---|
//! | `version` | `1` |
//! | `done` | whether every ring is done |
//! | `head` | the commit that was looked at, or `null` before the first |
//! | `rings[]` | the rings: `ring`, its `state` and `why` |
//! | `….state` | `done`, `open`, `settling`, `soaking`, `closed`, `held`, `failed`, `waiting` |
//! | `….why[]` | what it waits for, in words |
//! | `….sovereigns[]` | `manifest`, `root`, `stand` (`current`, `due`, `wrong`), `files`, `step`, `of`, `said` (`ready`, `nothing`, `failed` or `null`) and `why` |
//! | `next[]` | the commits that are to be made now: `ring`, `manifest`, `step` or `null` |

use serde_json::{Value as Json, json};

use super::{Next, Ring, Said, Sovereign, Stand, State, Wave};

/// The version of the form.
const VERSION: u32 = 1;

/// Returns one document with a final newline.
pub fn render(wave: &Wave<'_>, head: Option<&str>) -> String {
    let rings: Vec<_> = wave.rings.iter().map(|(ring, state)| of_ring(ring, state)).collect();
    let next = |it: &Next| json!({ "ring": it.ring, "manifest": it.manifest, "step": it.step });
    let document = json!({
        "version": VERSION,
        "done": wave.is_done(),
        "head": head,
        "rings": rings,
        "next": wave.next.iter().map(next).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn of_ring(ring: &Ring<'_>, state: &State) -> Json {
    json!({
        "ring": ring.name(),
        "state": state.word(),
        "why": super::human::reasons(state),
        "sovereigns": ring.sovereigns.iter().map(of_sovereign).collect::<Vec<_>>(),
    })
}

fn of_sovereign(it: &Sovereign) -> Json {
    let (stand, files, step, of) = match &it.stand {
        Stand::Current => ("current", 0, None, None),
        Stand::Due { files, step, of } => ("due", *files, Some(*step), Some(*of)),
        Stand::Wrong(_) => ("wrong", 0, None, None),
    };
    let (said, heard) = match &it.said {
        None => (None, None),
        Some(Said::Ready) => (Some("ready"), None),
        Some(Said::Nothing(what)) => (Some("nothing"), Some(what)),
        Some(Said::Failed(what)) => (Some("failed"), Some(what)),
    };
    let why = if let Stand::Wrong(why) = &it.stand { Some(why) } else { heard };
    json!({
        "manifest": it.manifest, "root": it.root, "stand": stand, "files": files, "step": step, "of": of,
        "said": said, "why": why,
    })
}
