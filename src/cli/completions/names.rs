//! The names that may stand where a command line ends: those of findings, kits, blueprints, and regions of the manifest here.
//!
//! An argument says by the name of its value what it takes, so a new one of the same name is completed too.

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
    let Some(asked) = asked(&command, words) else { return Vec::new() };
    let value = asked.get_value_names().and_then(<[_]>::first).map(clap::builder::Str::as_str);
    match value {
        Some("CODE") => Code::ALL.iter().map(|code| code.name().to_owned()).collect(),
        Some("KIT") => terminal.kits.names().map(str::to_owned).collect(),
        Some("BLUEPRINT") => blueprints(&terminal.kits),
        Some("REGION") => regions(manifest(words), terminal),
        _ => Vec::new(),
    }
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
