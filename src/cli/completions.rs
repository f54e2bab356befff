//! `sovereign completions`: prints completions for a shell, and what names a line may go on with.

mod names;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::{Args, Completions};
use super::{Exit, Failure, Terminal};

/// What bash is given beside the options and commands that clap knows: names of codes, kits, blueprints and regions, which this
/// program is asked for. Where it knows none, the rest stands.
const BASH: &str = r#"
_sovereign_names() {
    _sovereign "$@"
    local word=${COMP_WORDS[COMP_CWORD]} names found IFS=$'\n'
    names=$("$1" completions bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return 0
    [[ $word == "=" ]] && word=
    found=($(compgen -W "$names" -- "$word"))
    [[ ${#found[@]} -eq 0 ]] || COMPREPLY=("${found[@]}")
}

complete -F _sovereign_names -o bashdefault -o default sovereign
"#;

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub fn run(args: &Completions, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    if !args.line.is_empty() {
        for name in names::following(&args.line, terminal) {
            writeln!(terminal.out, "{name}")?;
        }
        return Ok(Exit::Done);
    }
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "sovereign", &mut text);
    if args.shell == Shell::Bash {
        text.extend_from_slice(BASH.as_bytes());
    }
    terminal.out.write_all(&text)?;
    Ok(Exit::Done)
}
