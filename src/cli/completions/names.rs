//! The names that may stand where a command line ends: those of findings, kits, blueprints, and regions of the manifest here.
//!
//! An argument says by the name of its value what it takes, so a new one of the same name is completed too.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use clap::{Arg, Command, CommandFactory as _};

use crate::cli::Terminal;
use crate::cli::args::Args;
use sovereign_language::kit::Kits;
use sovereign_language::manifest;
use sovereign_store::load;
use sovereign_text::diag::{Code, Diagnostics};

/// Returns the names that may stand for the last of the words, which may be empty or the begin of one.
pub(super) fn following(words: &[String], terminal: &Terminal<'_>) -> Vec<String> {
    let command = Args::command();
    let (words, before) = apart(words);
    let Some(asked) = asked(&command, &words) else { return Vec::new() };
    let names = match kind(asked) {
        Some(Kind::Code) => Code::ALL.iter().map(|code| code.name().to_owned()).collect(),
        Some(Kind::Kit) => terminal.kits.names().map(str::to_owned).collect(),
        Some(Kind::Blueprint) => blueprints(&terminal.kits),
        Some(Kind::Region) => regions(manifest(&words), terminal),
        None => Vec::new(),
    };
    names.into_iter().map(|name| format!("{before}{name}")).collect()
}

/// Returns the long options that take one of the names, of any command.
pub(super) fn options(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter(|arg| kind(arg).is_some()).filter_map(Arg::get_long);
    let own = own.map(str::to_owned);
    own.chain(command.get_subcommands().flat_map(options)).collect()
}

/// What is named.
enum Kind {
    Code,
    Kit,
    Blueprint,
    Region,
}

/// Returns what an argument names, if the program knows such names.
fn kind(arg: &Arg) -> Option<Kind> {
    match arg.get_value_names()?.first()?.as_str() {
        "CODE" => Some(Kind::Code),
        "KIT" => Some(Kind::Kit),
        "BLUEPRINT" => Some(Kind::Blueprint),
        "REGION" => Some(Kind::Region),
        _ => None,
    }
}

/// Returns the words as bash takes them apart, which splits `--kit=2026` at the sign, and what goes before a name in the last one.
fn apart(words: &[String]) -> (Vec<String>, String) {
    let option =
        words.last().and_then(|last| last.split_once('=')).filter(|(name, _)| name.starts_with("--"));
    let Some((name, value)) = option else { return (words.to_vec(), String::new()) };
    let before = words.split_last().map(|(_, before)| before.to_vec()).unwrap_or_default();
    let parts = [name, "=", value].map(str::to_owned);
    (before.into_iter().chain(parts).collect(), format!("{name}="))
}

/// Returns the argument that the last word is the value of.
fn asked<'c>(program: &'c Command, words: &[String]) -> Option<&'c Arg> {
    let mut command = program;
    let (last, before) = words.split_last()?;
    let mut waiting: Option<&Arg> = None;
    let mut place = 0;
    for word in before {
        // Bash takes `--kit=2026` apart at the sign.
        if word == "=" && waiting.is_some() {
            continue;
        }
        // An option with many values takes all up to the next option.
        let many = waiting.filter(|arg| arg.get_num_args().is_some_and(|count| count.max_values() > 1));
        if waiting.take().is_some() && !word.starts_with('-') {
            waiting = many;
        } else if let Some(name) = word.strip_prefix("--") {
            let option = command
                .get_arguments()
                .chain(program.get_arguments())
                .find(|arg| arg.get_long() == Some(name));
            waiting = option.filter(|arg| arg.get_action().takes_values());
        } else if let Some(below) = command.find_subcommand(word) {
            (command, place) = (below, 0);
        } else if !word.starts_with('-') {
            place += 1;
        }
    }
    waiting.or_else(|| command.get_positionals().nth(place)).filter(|_| !last.starts_with('-'))
}

/// Returns the manifest that the words name, or the one that stands here.
fn manifest(words: &[String]) -> &Path {
    let named = words.iter().position(|word| word == "--manifest").and_then(|at| words.get(at + 1));
    let named = named.or_else(|| words.iter().rev().skip(1).find(|word| is_toml(word)));
    Path::new(named.map_or("sovereign.toml", String::as_str))
}

fn is_toml(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|end| end == "toml")
}

/// Returns the regions of a manifest, as far as it can be read.
fn regions(file: &Path, terminal: &Terminal<'_>) -> Vec<String> {
    let mut diags = Diagnostics::new();
    let Ok(input) = load::load(&load::upwards(file), &terminal.places.kits, &mut diags) else {
        return Vec::new();
    };
    let decoded = manifest::decode(input.manifest(), &mut diags);
    let regions = decoded.and_then(|manifest| manifest.region).into_iter().flat_map(|list| list.value);
    regions.filter_map(|region| Some(region.value.name?.value.to_string())).collect()
}

/// Returns the blueprints of the newest kit, without `bp-`.
fn blueprints(kits: &Arc<Kits>) -> Vec<String> {
    let kit = kits.open(kits.newest(), &[], &mut Diagnostics::new());
    let names = kit.iter().flat_map(|kit| &kit.blueprints).map(|blueprint| blueprint.name.value.to_string());
    names.map(|name| name.strip_prefix("bp-").unwrap_or(&name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(line: &str) -> Option<String> {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        let command = Args::command();
        let arg = asked(&command, &words)?;
        Some(arg.get_value_names()?.first()?.to_string())
    }

    #[test]
    fn the_value_of_an_option_may_stand_in_its_word() {
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        assert_eq!(apart(&words("diff --kit=2026")), (words("diff --kit = 2026"), "--kit=".to_owned()));
        assert_eq!(apart(&words("diff a=b")), (words("diff a=b"), String::new()));
    }

    #[test]
    fn every_option_that_takes_a_name_is_known() {
        let options = options(&Args::command());
        for option in ["kit", "lose", "region"] {
            assert!(options.contains(option), "{options:?}");
        }
    }

    #[test]
    fn the_argument_at_the_end_of_a_line_is_found() {
        let cases = [
            ("explain ", Some("CODE")),
            ("explain dup", Some("CODE")),
            ("diff --kit ", Some("KIT")),
            ("diff --kit = 2026", Some("KIT")),
            ("--color never diff sovereign.toml --kit ", Some("KIT")),
            ("kit show ", Some("KIT")),
            ("kit show 2026.05 ", Some("BLUEPRINT")),
            ("kit diff 2026.04 ", Some("KIT")),
            ("bump ", Some("BLUEPRINT")),
            ("simulate sovereign.toml --lose ", Some("REGION")),
            ("simulate --lose hel1 ", Some("REGION")),
            ("graph --region ", Some("REGION")),
            ("why bp-harbor ", Some("REGION")),
            ("explain --", None),
            ("explain --color never ", Some("CODE")),
            ("kit list ", None),
        ];
        for (line, expected) in cases {
            assert_eq!(asks(line).as_deref(), expected, "{line}");
        }
    }
}
