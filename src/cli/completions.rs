//! `sovereign completions`: prints completions for a shell, and what names a line may go on with.

mod names;

use std::fmt::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::{Args, Completions};
use super::{Exit, Failure, Terminal};

// What shells are given beside the options and commands that clap knows: names of codes, kits, blueprints and regions, which this
// program is asked for. Where it knows none, the rest stands.

/// For bash, behind the script of clap.
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

/// For zsh, in place of the function of clap, which is called [`ZSH_OPTIONS`] then: zsh finds the one that completes a program by
/// its name, also where the script is a file that it loads by itself.
const ZSH: &str = r#"
_sovereign() {
    local -a names
    names=(${(f)"$("${(Q)words[1]}" completions zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#names )); then
        compadd -a names
    else
        _sovereign_options "$@"
    fi
}

"#;
const ZSH_FUNCTION: &str = "\n_sovereign() {\n";
const ZSH_OPTIONS: &str = "\n_sovereign_options() {\n";
/// The end of the script of clap, which calls the function or makes it known.
const ZSH_END: &str = "\nif [ \"$funcstack[1]\" = \"_sovereign\" ]; then\n";

/// For fish, behind the script of clap. Of an option fish asks only what is said of that option, so [`fish`] names those that take a
/// name.
const FISH: &str = r#"
function __fish_sovereign_names
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    $words[1] completions fish -- $words[2..-1] "$last" 2>/dev/null
end

function __fish_sovereign_has_names
    set -l names (__fish_sovereign_names)
    test (count $names) -gt 0
end

complete -c sovereign -n __fish_sovereign_has_names -f -a "(__fish_sovereign_names)"
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
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "sovereign", &mut script);
    let script = String::from_utf8_lossy(&script);
    let script = if args.shell == Shell::Bash {
        format!("{script}{BASH}")
    } else if args.shell == Shell::Zsh {
        zsh(&script)
    } else if args.shell == Shell::Fish {
        fish(&script)
    } else {
        script.into_owned()
    };
    terminal.out.write_all(script.as_bytes())?;
    Ok(Exit::Done)
}

/// Returns the script of clap with the function that asks for names before that of clap.
fn zsh(script: &str) -> String {
    let script = script.replacen(ZSH_FUNCTION, ZSH_OPTIONS, 1);
    script.replacen(ZSH_END, &format!("{ZSH}{}", ZSH_END.trim_start()), 1)
}

/// Returns the script of clap with what asks for names.
fn fish(script: &str) -> String {
    let mut script = format!("{script}{FISH}");
    for option in names::options(&Args::command()) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            script,
            "complete -c sovereign -n __fish_sovereign_has_names -l {option} -x -a \"(__fish_sovereign_names)\""
        );
    }
    script
}
