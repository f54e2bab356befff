//! The commands in the order in which a person needs them, as `sovereign --help` shows them.

use std::fmt::Write as _;

use clap::Command;

/// What the commands are for, and which they are. Each command stands in one group; `help` in none, since every line of help is it.
pub const GROUPS: [(&str, &[&str]); 6] = [
    ("Begin", &["init", "import", "explain", "lsp"]),
    ("Write a manifest", &["check", "set", "unset", "add", "bump", "observe", "fmt"]),
    ("From a manifest to a commit", &["build", "diff", "plan", "commit", "verify", "hook"]),
    ("Ask", &["why", "graph", "report", "simulate", "artifacts", "secrets"]),
    ("Many Sovereigns, and kits", &["fleet", "impact", "kit"]),
    ("The program itself", &["schema", "completions", "man"]),
];

/// Where the pages are that say more.
const PAGES: &str = "https://github.com/openova-io/sovereign/tree/main/docs";

/// Returns the program with a help whose commands stand in groups.
pub fn grouped(program: Command) -> Command {
    let mut commands = String::new();
    for (title, names) in GROUPS {
        // Writing into a `String` cannot fail.
        let _ = writeln!(commands, "{title}:");
        for command in names.iter().filter_map(|name| program.find_subcommand(name)) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(commands, "  {:<12} {about}", command.get_name());
        }
        commands.push('\n');
    }
    program.help_template(format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{commands}Options:\n{{options}}{{after-help}}\n\
         Every command has examples: `sovereign help COMMAND`. Pages: {PAGES}\n"
    ))
}
