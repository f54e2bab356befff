//! Patterns of paths, as shells have them: `*`, `?` and `[a-z]` within a name, `**` for any directories.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Entry, entries};

const ANY_DIRECTORIES: &str = "**";

/// Returns whether a path is a pattern.
pub(super) fn is_one(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
}

/// Returns the files and directories that match, sorted.
///
/// # Errors
/// A directory cannot be read.
pub(super) fn matches(pattern: &Path) -> io::Result<Vec<PathBuf>> {
    let parts: Vec<Component<'_>> = pattern.components().collect();
    let mut found = Vec::new();
    let mut open = vec![(PathBuf::new(), parts.as_slice())];
    while let Some((place, parts)) = open.pop() {
        let Some((first, rest)) = parts.split_first() else {
            found.push(place);
            continue;
        };
        let name = first.as_os_str().to_str().unwrap_or_default();
        if !matches!(first, Component::Normal(_)) || !is_one(Path::new(name)) {
            let next = place.join(first);
            if !rest.is_empty() || next.exists() {
                open.push((next, rest));
            }
            continue;
        }
        let any = name == ANY_DIRECTORIES;
        if any {
            open.push((place.clone(), rest));
        }
        let here = if place.as_os_str().is_empty() { Path::new(".") } else { &place };
        for Entry { name: entry, is_directory } in entries(here)? {
            let next = place.join(&entry);
            if any && is_directory {
                open.push((next, parts));
            } else if !any && fits(name, &entry) && (is_directory || rest.is_empty()) {
                open.push((next, rest));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Returns whether a pattern means a path, or a directory above it. Takes time in proportion to the product of their lengths.
pub(super) fn means(pattern: &str, path: &str) -> bool {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    // Which beginnings of the pattern the names so far may stand for.
    let mut open = vec![false; parts.len() + 1];
    open[0] = true;
    spread(&parts, &mut open);
    for name in path.split('/') {
        let mut next = vec![false; parts.len() + 1];
        for (at, part) in parts.iter().enumerate().filter(|(at, _)| open[*at]) {
            if *part == ANY_DIRECTORIES {
                next[at] |= !name.starts_with('.');
            } else if fits(part, name) {
                next[at + 1] = true;
            }
        }
        // What is below a directory that is meant is meant too.
        next[parts.len()] |= open[parts.len()];
        open = next;
        spread(&parts, &mut open);
    }
    open[parts.len()]
}

/// Any directories may be none.
fn spread(parts: &[&str], open: &mut [bool]) {
    for (at, part) in parts.iter().enumerate() {
        if open[at] && *part == ANY_DIRECTORIES {
            open[at + 1] = true;
        }
    }
}

/// Returns whether a name fits a pattern. Takes time in proportion to the product of their lengths at most: after a `*` only the
/// last one is tried again.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut read) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while read < name.len() {
        let step = match pattern.get(at) {
            Some('*') => {
                again = Some((at + 1, read));
                at += 1;
                continue;
            }
            Some(_) => {
                one(pattern.get(at..).unwrap_or_default(), name.get(read).copied().unwrap_or_default())
            }
            None => None,
        };
        match (step, again) {
            (Some(length), _) => {
                at += length;
                read += 1;
            }
            (None, Some((star, from))) => {
                again = Some((star, from + 1));
                at = star;
                read = from + 1;
            }
            (None, None) => return false,
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|char| *char == '*')
}

/// Returns how much of a pattern stands for this one character, if it does.
fn one(pattern: &[char], char: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => match class(pattern) {
            Some((inside, length)) => inside.holds(char).then_some(length),
            // A bracket that is not closed is one.
            None => (char == '[').then_some(1),
        },
        plain => (*plain == char).then_some(1),
    }
}

/// What stands in brackets.
struct Class<'a> {
    negated: bool,
    members: &'a [char],
}

impl Class<'_> {
    fn holds(&self, char: char) -> bool {
        let mut rest = self.members;
        let mut found = false;
        while let Some((first, tail)) = rest.split_first() {
            if let ['-', last, tail @ ..] = tail {
                found |= (*first..=*last).contains(&char);
                rest = tail;
            } else {
                found |= *first == char;
                rest = tail;
            }
        }
        found != self.negated
    }
}

/// Returns the class that a pattern begins with, and its length. The first character in brackets is a member, also `]`.
fn class(pattern: &[char]) -> Option<(Class<'_>, usize)> {
    let negated = matches!(pattern.get(1), Some('!' | '^'));
    let begin = if negated { 2 } else { 1 };
    let end = begin + 1 + pattern.get(begin + 1..)?.iter().position(|char| *char == ']')?;
    Some((Class { negated, members: pattern.get(begin..end)? }, end + 1))
}

#[cfg(test)]
mod tests {
    use super::{fits, means};

    #[test]
    fn names_fit_or_do_not() {
        for (pattern, name) in [
            ("*", "a"),
            ("a*c", "abbc"),
            ("*a*a*", "xaya"),
            ("[]a]", "]"),
            ("[a", "[a"),
            ("[^x]", "y"),
            ("a**", "a"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("?", ""), ("a*c", "abd"), ("[a-c]", "d"), ("[!a-c]", "b"), ("", "a"), ("a", "ab")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_path_is_meant_by_its_name_a_directory_above_or_a_pattern() {
        let path = "sovereigns/eu/hel/sovereign.toml";
        for pattern in [
            "sovereigns",
            "sovereigns/",
            "sovereigns/eu",
            path,
            "sovereigns/*",
            "**",
            "**/hel",
            "sovereigns/**/sovereign.toml",
            "*/eu",
        ] {
            assert!(means(pattern, path), "{pattern}");
        }
        for pattern in
            ["sovereign", "eu", "*/hel", "sovereigns/e", "sovereigns/eu/hel/sovereign.toml/x", "**/x"]
        {
            assert!(!means(pattern, path), "{pattern}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        assert!(!fits(&"*a".repeat(200), &"a".repeat(4000).replace('a', "ab")[..3999].replace('a', "b")));
    }
}
