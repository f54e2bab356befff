//! Passwords that commands take by a flag of one letter, or by a word of their own.

use super::logins::{Login, has_hole};
use super::references::is_reference;

/// How a command takes a password.
struct Command {
    /// The words that it begins with: the program, and what it is told to do.
    words: &'static [&'static str],
    flag: &'static str,
    /// Whether the password may be joined to the flag: `-phunter2`.
    is_joined: bool,
}

/// As the manual of each says.
const COMMANDS: &[Command] = &[
    Command { words: &["mysql"], flag: "-p", is_joined: true },
    Command { words: &["mysqldump"], flag: "-p", is_joined: true },
    Command { words: &["mysqladmin"], flag: "-p", is_joined: true },
    Command { words: &["mariadb"], flag: "-p", is_joined: true },
    Command { words: &["mariadb-dump"], flag: "-p", is_joined: true },
    Command { words: &["sshpass"], flag: "-p", is_joined: true },
    Command { words: &["redis-cli"], flag: "-a", is_joined: false },
    Command { words: &["valkey-cli"], flag: "-a", is_joined: false },
    Command { words: &["mongosh"], flag: "-p", is_joined: false },
    Command { words: &["mongodump"], flag: "-p", is_joined: false },
    Command { words: &["ldapsearch"], flag: "-w", is_joined: false },
    Command { words: &["ldapadd"], flag: "-w", is_joined: false },
    Command { words: &["ldapmodify"], flag: "-w", is_joined: false },
    Command { words: &["docker", "login"], flag: "-p", is_joined: false },
    Command { words: &["podman", "login"], flag: "-p", is_joined: false },
    Command { words: &["oras", "login"], flag: "-p", is_joined: false },
    Command { words: &["crane", "login"], flag: "-p", is_joined: false },
    Command { words: &["az", "login"], flag: "-p", is_joined: false },
];

/// How many words of a list are read as those of a command.
pub(super) const MOST_WORDS: usize = 32;
/// How much of a line is read as one command: hostile text must cost little.
const LONGEST: usize = 1024;

impl Command {
    /// Returns whether words begin as it does: its program first, whatever its directory.
    fn is(&self, words: &[&str]) -> bool {
        let Some((program, rest)) = words.split_first() else { return false };
        let Some((own, told)) = self.words.split_first() else { return false };
        program.rsplit('/').next() == Some(own) && told.iter().all(|word| rest.contains(word))
    }

    /// Returns the password of a word, if it is the flag with that.
    fn joined<'t>(&self, word: &'t str) -> Option<&'t str> {
        word.strip_prefix(self.flag).filter(|rest| self.is_joined && !rest.is_empty())
    }
}

/// Returns whether a flag of a command, told word by word, takes a password as its next word. For MySQL it does not.
pub(super) fn takes_password(words: &[&str], flag: &str) -> bool {
    flag.len() == 2
        && COMMANDS.iter().any(|command| command.flag == flag && command.is(words) && !is_database(command))
}

fn is_database(command: &Command) -> bool {
    command.words.first().is_some_and(|word| word.starts_with("mysql") || word.starts_with("mariadb"))
}

/// All commands of a text: `sshpass -p hunter2 ssh …`.
pub(super) fn find(text: &str, found: &mut dyn FnMut(Login)) {
    for command in COMMANDS {
        let Some(program) = command.words.first() else { continue };
        let mut seen = 0;
        for (at, _) in text.match_indices(program) {
            let joins = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            if at < seen
                || at.checked_sub(1).and_then(|before| text.as_bytes().get(before)).is_some_and(joins)
            {
                continue;
            }
            let line = &text[at..][..text[at..].floor_char_boundary(LONGEST)];
            let line = &line[..line.find(['\n', ';', '|', '&']).unwrap_or(line.len())];
            seen = at + line.len();
            password(command, line, &mut |word| {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                found(Login { what: "a password of a command", at: start..start + word.len() });
            });
        }
    }
}

/// The password of one command.
fn password<'t>(command: &Command, line: &'t str, found: &mut dyn FnMut(&'t str)) {
    let words: Vec<&str> = line.split_whitespace().take(MOST_WORDS).collect();
    if !command.is(&words) {
        return;
    }
    for (at, word) in words.iter().enumerate().skip(1) {
        let next = words.get(at + 1).filter(|_| *word == command.flag && !is_database(command));
        let Some(given) = command.joined(word).or(next.copied()) else { continue };
        let given = given.trim_matches(['"', '\'', '`', ')']);
        if !given.is_empty() && !given.starts_with('-') && !is_reference(given) && !has_hole(given) {
            found(given);
        }
    }
}
