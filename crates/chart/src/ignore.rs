//! `.helmignore`: which files of a directory are no part of the chart.

/// The patterns of a `.helmignore`, as Helm reads them: shell patterns, one a line. `!` ignores all
/// that does not match.
#[derive(Debug, Default)]
pub(crate) struct Ignore(Vec<Pattern>);

#[derive(Debug)]
struct Pattern {
    text: String,
    keeps: bool,
    directory: bool,
    /// Whether it speaks of a path from the chart's directory on; otherwise of a name anywhere.
    anchored: bool,
}

impl Ignore {
    /// Returns the patterns of a file.
    pub(crate) fn new(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(Pattern::new).collect())
    }

    /// Returns whether a file is no part of the chart: it, or a directory that it is in.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(end, _)| (end, true)).chain([(path.len(), false)]);
        ends.filter_map(|(end, directory)| Some((path.get(..end)?, directory))).any(|(part, directory)| {
            self.0.iter().any(|pattern| pattern.matches(part, directory) != pattern.keeps)
        })
    }
}

impl Pattern {
    fn new(line: &str) -> Self {
        let keeps = line.starts_with('!');
        let text = line.trim_start_matches('!');
        let directory = text.ends_with('/');
        let text = text.trim_end_matches('/');
        let anchored = text.contains('/');
        Self { text: text.trim_start_matches('/').to_owned(), keeps, directory, anchored }
    }

    fn matches(&self, path: &str, directory: bool) -> bool {
        if self.directory && !directory {
            return false;
        }
        let subject = if self.anchored { path } else { path.rsplit('/').next().unwrap_or(path) };
        matches(self.text.as_bytes(), subject.as_bytes())
    }
}

/// Returns whether a shell pattern matches: `*` and `?` match anything but a slash.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        let (of_pattern, of_text) = (pattern.get(p), text.get(t));
        if of_pattern == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if of_pattern == of_text || of_pattern == Some(&b'?') && of_text != Some(&b'/') {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = star.filter(|&(_, from)| text.get(from) != Some(&b'/')) {
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern.get(p..).is_none_or(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_paths_and_directories_are_ignored() {
        let ignore = Ignore::new("# local\n*.tmp\n/docs/*.md\ntemplates/old/\n.git/\n");
        for path in ["a.tmp", "x/b.tmp", "docs/a.md", "templates/old/deep/x.yaml", ".git/config"] {
            assert!(ignore.matches(path), "{path}");
        }
        for path in ["a.yaml", "docs/deep/a.md", "templates/older/x.yaml", "x/docs/a.md"] {
            assert!(!ignore.matches(path), "{path}");
        }
    }
}
