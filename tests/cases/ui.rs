//! `tests/ui/<code>/<case>.toml`: what is said about a manifest. The comments `#~ code` in it claim which lines have
//! findings, and `<case>.stderr` is the picture of them.
//!
//! A trailing `#~ code [code…]` speaks of its own line. Where a line cannot carry a comment, a line of its own says
//! `#~ line N: code [code…]`. Blueprint files in `<case>/` are claimed in the same way.
//!
//! A first line `#~ base: NAME` completes a case by a base: see [`case`](super::case).

use std::collections::BTreeSet;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sovereign_text::diag::Code;
use sovereign_text::source::Source;

use super::case::{self, BASE};
use super::compiled::Compiled;
use super::expected::{is_named, meet_text, names, stems, text};
use super::published;

/// Where the cases stand.
pub(crate) const ROOT: &str = "tests/ui";
/// The first word of the name of a case that has no error, and nothing to hear from the rule of its folder.
const PASS: &str = "pass";
const MARK: &str = "#~";

/// Whether the rule of its folder has nothing to say about a case: `pass`, or `pass-` with a word about what passes.
pub(crate) fn passes(case: &str) -> bool {
    case.strip_prefix(PASS).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for name in stems(case::BASES, ".toml") {
        trials.push(Trial::test(format!("ui::base::{name}"), move || base(&name)));
    }
    for code in names(ROOT).into_iter().filter(|name| format!("{ROOT}/{name}") != case::BASES) {
        for case in stems(format!("{ROOT}/{code}"), ".toml") {
            let folder = code.clone();
            trials.push(Trial::test(format!("ui::{code}::{case}"), move || check(&folder, &case)));
        }
        trials.push(Trial::test(format!("ui::{code}"), move || folder(&code)));
    }
    trials
}

/// A base has no findings of its own.
fn base(name: &str) -> Result<(), Failed> {
    let picture = Compiled::new(&format!("{}/{name}.toml", case::BASES))?.picture();
    if picture.is_empty() { Ok(()) } else { Err(picture.into()) }
}

/// Nothing lies about: every file belongs to a case.
fn folder(code: &str) -> Result<(), Failed> {
    code.parse::<Code>().map_err(|()| format!("{ROOT}/{code}: there is no such code"))?;
    let directory = format!("{ROOT}/{code}");
    let cases: BTreeSet<_> = stems(&directory, ".toml").into_iter().collect();
    for name in names(&directory) {
        let is_directory = Path::new(&directory).join(&name).is_dir();
        let case = if is_directory { Some(name.as_str()) } else { name.strip_suffix(".stderr") };
        if !is_named(&name, ".toml") && !case.is_some_and(|case| cases.contains(case)) {
            return Err(format!("{directory}/{name} belongs to no case").into());
        }
    }
    Ok(())
}

fn check(folder: &str, case: &str) -> Result<(), Failed> {
    let code: Code = folder.parse().map_err(|()| format!("there is no code `{folder}`"))?;
    let path = format!("{ROOT}/{folder}/{case}.toml");
    let compiled = Compiled::new(&path)?;
    meet_text(&format!("{ROOT}/{folder}/{case}.stderr"), &compiled.picture())?;
    published::findings(&compiled.json())?;

    let mut wrong = Vec::new();
    let input = compiled.input();
    for source in std::iter::once(input.manifest()).chain(input.further().map(|file| file.source)) {
        // Further sources are named from where the manifest is.
        let file = source.name();
        // Read anew: without the base, and whole where the source of a text that is no UTF-8 holds the beginning only.
        let written = text(file)?;
        let claimed = claims(&written).map_err(|why| format!("{file}: {why}"))?;
        wrong.extend(elsewhere(&compiled, source, &written));
        let found: BTreeSet<_> = compiled.lines(source).collect();
        let missing = claimed.difference(&found).map(|(line, code)| format!("{file}:{line}: no {code} here"));
        let unclaimed = found.difference(&claimed);
        let unclaimed = unclaimed.map(|(line, code)| format!("{file}:{line}: {code} is not announced"));
        wrong.extend(missing.chain(unclaimed));
    }
    match (passes(case), compiled.has(code)) {
        (true, true) => wrong.push(format!("{path} passes, but {code} speaks")),
        (true, false) if !compiled.is_right() => wrong.push(format!("{path} passes, but has errors")),
        (false, false) => wrong.push(format!("{path} is a case of {code}, which says nothing")),
        (true, false) | (false, true) => {}
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n\n{}", wrong.join("\n"), compiled.picture()).into())
    }
}

/// Returns complaints about findings that point into the text of a base, which the file of the case does not show.
fn elsewhere<'a>(
    compiled: &Compiled,
    source: &'a Source,
    written: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let lines: Vec<_> = written.lines().collect();
    compiled.shown(source).into_iter().filter_map(move |number| {
        let shown = source.text().get(source.line(number))?;
        let is_written = lines.get(number - 1).copied().unwrap_or_default().starts_with(shown);
        let advice = "is of the base, but a finding points into it: write its table in the case";
        (!is_written).then(|| format!("{}:{number}: `{shown}` {advice}", source.name()))
    })
}

/// The lines and codes that the comments of a text announce.
pub(crate) fn claims(text: &str) -> Result<BTreeSet<(usize, Code)>, String> {
    let mut claims = BTreeSet::new();
    let lines = text.lines().enumerate().filter(|&(index, line)| index > 0 || !line.starts_with(BASE));
    for (index, line) in lines {
        let Some((before, claim)) = line.rsplit_once(MARK) else { continue };
        let (number, codes) = if before.trim().is_empty() {
            let parts = claim.trim().strip_prefix("line ").and_then(|claim| claim.split_once(':'));
            let parts = parts.and_then(|(number, codes)| Some((number.trim().parse().ok()?, codes)));
            parts.ok_or_else(|| format!("line {}: write `{MARK} line N: code`", index + 1))?
        } else {
            (index + 1, claim)
        };
        let before = claims.len();
        for code in codes.split_whitespace() {
            let code = code.parse().map_err(|()| format!("line {}: there is no code `{code}`", index + 1))?;
            claims.insert((number, code));
        }
        if claims.len() == before {
            return Err(format!("line {}: `{MARK}` without a new code", index + 1));
        }
    }
    Ok(claims)
}
