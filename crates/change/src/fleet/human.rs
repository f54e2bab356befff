//! A [`Wave`] for a person at a terminal.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::{Said, Sovereign, Stand, State, Wave};
use sovereign_text::look::Look;

/// How many Sovereigns are named in a reason before the rest is counted.
const MOST: usize = 10;

/// Returns one line a ring, with what it waits for below.
pub fn status(wave: &Wave<'_>, look: Look) -> String {
    rings(wave, look, false)
}

/// Returns the same with every Sovereign, and the commits that are to be made now.
pub fn plan(wave: &Wave<'_>, look: Look) -> String {
    let mut out = rings(wave, look, true);
    let word = match wave.next.len() {
        0 => "no commit is to be made now".to_owned(),
        1 => "1 commit is to be made now: `sovereign fleet next`".to_owned(),
        n => format!("{n} commits are to be made now: `sovereign fleet next`"),
    };
    out.push_str(&word);
    out.push('\n');
    out
}

/// Returns the commands that make the commits that are to be made now.
pub fn next(wave: &Wave<'_>) -> String {
    let mut out = String::new();
    for next in &wave.next {
        let step = next.step.map(|step| format!(" --step {step}")).unwrap_or_default();
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "sovereign commit{step} {}", quoted(&next.manifest));
    }
    out
}

/// Returns what a ring waits for, in words.
pub(super) fn reasons(state: &State) -> Vec<String> {
    match state {
        State::Done | State::Open | State::Closed => Vec::new(),
        State::Settling(what) | State::Failed(what) => what.clone(),
        State::Soaking(left) => vec![format!("{} minutes are left", (left + 59) / 60)],
        State::Held(why) => vec![why.clone()],
        State::Waiting(ring) => vec![format!("for ring {ring}")],
    }
}

fn rings(wave: &Wave<'_>, look: Look, is_whole: bool) -> String {
    let mut out = String::new();
    for (ring, state) in &wave.rings {
        let color = match state {
            State::Done => AnsiColor::Green,
            State::Failed(_) => AnsiColor::Red,
            State::Held(_) | State::Closed => AnsiColor::Yellow,
            State::Open | State::Settling(_) | State::Soaking(_) | State::Waiting(_) => AnsiColor::Cyan,
        };
        let there = ring.sovereigns.iter().filter(|it| it.is_there(ring.passes)).count();
        let of = ring.sovereigns.len();
        let _ =
            writeln!(out, "{}  {}  {there} of {of}", look.bold(ring.name()), look.paint(color, state.word()));
        let reasons = reasons(state);
        for reason in reasons.iter().take(MOST) {
            let _ = writeln!(out, "  {}", plain(reason));
        }
        if reasons.len() > MOST {
            let _ = writeln!(out, "  and {} more", reasons.len() - MOST);
        }
        if is_whole {
            for sovereign in &ring.sovereigns {
                let _ = writeln!(out, "    {}", plain(&line(sovereign)));
            }
        }
    }
    out
}

fn line(sovereign: &Sovereign) -> String {
    let stand = match &sovereign.stand {
        Stand::Current => "as its manifest says".to_owned(),
        Stand::Due { files, of: 1, .. } => format!("to commit, {files} files"),
        Stand::Due { files, step, of } => format!("to commit, step {step} of {of}, {files} files in all"),
        Stand::Wrong(_) => "wrong".to_owned(),
    };
    let said = match &sovereign.said {
        None => "",
        Some(Said::Ready) => ", ready",
        Some(Said::Nothing(_)) => ", not ready",
        Some(Said::Failed(_)) => ", failed",
    };
    format!("{}: {stand}{said}", sovereign.name())
}

/// Returns a text without control characters: it may hold what users wrote.
fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// Returns a path as a shell reads it.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./@=+,".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}
