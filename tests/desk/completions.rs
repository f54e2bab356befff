//! Shells complete names that only the program knows.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// A shell, and how it says what it offers at the end of a line.
struct Shell {
    name: &'static str,
    /// Before the script, which gets the line, as words, or as one argument.
    args: &'static [&'static str],
    script: &'static str,
    takes_words: bool,
}

/// As readline does it: the registered function, with the words and the place of the cursor.
const BASH: Shell = Shell {
    name: "bash",
    args: &["--norc", "-c"],
    script: r#"
        source <(sovereign completions bash)
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        function=$(complete -p sovereign); function=${function#*-F }; function=${function%% *}
        "$function" sovereign "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}""#,
    takes_words: true,
};

/// On a terminal of its own, since zsh completes only there: what is offered goes through `compadd`, which is listened to.
const ZSH: Shell = Shell {
    name: "zsh",
    args: &["-f", "-c"],
    script: r#"
        zmodload zsh/zpty
        found=$(mktemp -d) || exit
        export SAID=$found/said DONE=$found/done
        cat >$found/setup <<'END'
PROMPT= RPROMPT= LISTMAX=0
autoload -Uz compinit && compinit -D -u
source <(sovereign completions zsh)
compadd() {
    local -a hits
    # What only fills a variable offers nothing.
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
        builtin compadd -O hits "$@"
        print -rl -- $hits >>$SAID
    fi
    builtin compadd "$@"
}
done-line() { : >$DONE }
comppostfuncs=(done-line)
bindkey '^I' complete-word
: >$SAID
: >$DONE
END
        await() { repeat 600; do [[ -e $DONE ]] && { rm $DONE; return }; zpty -rt terminal >/dev/null 2>&1; sleep 0.05; done; return 1 }
        zpty -b terminal zsh -f -i
        zpty -w terminal "source $found/setup"
        await || { print -u2 "no shell"; exit 1 }
        zpty -w -n terminal "$1"$'\t'
        await || { print -u2 "no answer"; exit 1 }
        sort -u $SAID
        zpty -d terminal
        rm -r $found"#,
    takes_words: false,
};

const FISH: Shell = Shell {
    name: "fish",
    args: &["--no-config", "-c"],
    script: r#"
        sovereign completions fish | source
        complete -C "$argv[1]" | string split -f 1 \t"#,
    takes_words: false,
};

impl Shell {
    /// Returns what is offered: with the script of the program, and the program in the path.
    fn offers(&self, line: &str) -> Vec<String> {
        let program = Path::new(env!("CARGO_BIN_EXE_sovereign"));
        let mut path = OsString::from(program.parent().expect("a directory"));
        path.push(":");
        path.push(std::env::var_os("PATH").expect("a path"));
        let mut command = Command::new(self.name);
        command.args(self.args).arg(self.script);
        match (self.takes_words, self.name) {
            (true, name) => command.arg(name).args(line.split(' ')),
            (false, "zsh") => command.arg("zsh").arg(line),
            (false, _) => command.arg(line),
        };
        let home = tempfile::tempdir().expect("a directory");
        let output = command
            .env("PATH", path)
            .env("HOME", home.path())
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"))
            .output()
            .unwrap_or_else(|error| panic!("{} (`.ci/run` installs it): {error}", self.name));
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.stderr.is_empty(), "{}: {line}: {words}", self.name);
        let mut offered: Vec<_> = String::from_utf8(output.stdout)
            .expect("text")
            .lines()
            .map(|line| line.trim().to_owned())
            .collect();
        offered.sort();
        offered
    }

    fn offers_names_where_they_may_stand(&self) {
        let cases: [(&str, &[&str]); 6] = [
            ("sovereign explain duplicate-na", &["duplicate-name"]),
            ("sovereign diff --kit 2026.", &["2026.04", "2026.05"]),
            ("sovereign kit show 2026.05 harb", &["harbor"]),
            ("sovereign bump catalyst-p", &["catalyst-platform"]),
            ("sovereign simulate three-regions.toml --lose ", &["hel1", "nbg1", "sin"]),
            ("sovereign graph --manifest omantel.toml --region ", &["hel1"]),
        ];
        for (line, expected) in cases {
            assert_eq!(self.offers(line), expected, "{}: {line}", self.name);
        }
        assert!(self.offers("sovereign explain ").len() > 50);
    }

    fn completes_what_is_no_name_as_before(&self) {
        assert_eq!(self.offers("sovereign bui"), ["build"]);
        assert_eq!(self.offers("sovereign diff --dep"), ["--depth"]);
        assert_eq!(self.offers("sovereign diff --depth t"), ["text"]);
        // A manifest that is not there has no regions, and nothing is said of it.
        assert!(!self.offers("sovereign graph --region ").contains(&"hel1".to_owned()));
    }
}

#[test]
fn names_are_offered_by_bash() {
    BASH.offers_names_where_they_may_stand();
    BASH.completes_what_is_no_name_as_before();
}

#[test]
fn names_are_offered_by_zsh() {
    ZSH.offers_names_where_they_may_stand();
    ZSH.completes_what_is_no_name_as_before();
    assert_eq!(ZSH.offers("sovereign diff --kit=2026.04"), ["--kit=2026.04"]);
}

#[test]
fn names_are_offered_by_fish() {
    FISH.offers_names_where_they_may_stand();
    FISH.completes_what_is_no_name_as_before();
    assert_eq!(FISH.offers("sovereign diff --kit=2026.04"), ["--kit=2026.04"]);
}
