//! The language reference: what is declared of each key, as pages for people.

use std::fmt::Write as _;

use crate::described::{Described, Form, keys, toml};
use sovereign_text::diag::suggest;

/// Returns `docs/reference.md`.
pub fn reference() -> String {
    let keys = keys();
    let mut text = format!(
        "# Language reference\n\n\
        Every key of `sovereign.toml`: {} of them, in the order in which they are declared. The program writes this page \
        from the declarations\n\
        (`BLESS=1 cargo test --test it reference`), and `sovereign explain region.pod-cidr` prints one key of it. A name that you \
        choose is written `<name>`.\n\
        Organizations that have files of their own write the same keys there, below `[organization]`.\n\
        `Since` is the version in which a key came.\n",
        keys.len()
    );
    let tops: Vec<_> = keys.iter().filter(|described| !described.path.contains('.')).collect();
    text.push_str("\n| Key | What it is |\n|---|---|\n");
    for top in &tops {
        let words = cell(top.key.schema.description());
        let _ = writeln!(text, "| [`{0}`](#{0}) | {words} |", top.path);
    }
    for top in tops {
        let _ = write!(text, "\n## {}\n\n{}\n", top.path, entry(top));
        let start = format!("{}.", top.path);
        let below: Vec<_> = keys.iter().filter(|described| described.path.starts_with(&start)).collect();
        if below.is_empty() {
            continue;
        }
        text.push_str("\n| Key | Type | Default | Meaning | Example | Since |\n|---|---|---|---|---|---|\n");
        for described in below {
            text.push_str(&row(described, &start));
        }
    }
    text
}

fn row(described: &Described, above: &str) -> String {
    let schema = described.key.schema;
    let path = described.path.strip_prefix(above).unwrap_or(&described.path);
    let default = match (described.key.is_required, schema.default()) {
        (true, _) => "required".to_owned(),
        (false, Some(default)) => code(&toml(default)),
        (false, None) => String::new(),
    };
    let is_table = matches!(schema.form(), Form::Table | Form::ListOfTables);
    let example =
        schema.example().filter(|_| !is_table).map(|example| code(&toml(example))).unwrap_or_default();
    let (kind, words) = (cell(&schema.kind()), cell(schema.description()));
    let since = described.since;
    format!("| `{}` | {kind} | {default} | {words} | {example} | {since} |\n", cell(path))
}

/// Returns what is said of a key, in some lines.
fn entry(described: &Described) -> String {
    let schema = described.key.schema;
    let need = if described.key.is_required { "required" } else { "optional" };
    let mut text = format!("{}\n\n- {}, {need}", schema.description(), capital(&schema.kind()));
    if let Some(default) = schema.default() {
        let _ = write!(text, "\n- Default: `{}`", toml(default));
    }
    let words = schema.words();
    if !words.is_empty() {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        let _ = write!(text, "\n- One of {}", words.join(", "));
    }
    if let Some(example) = schema.example() {
        let _ = write!(text, "\n- Example: `{} = {}`", key_of(&described.path), toml(example));
    }
    let _ = write!(text, "\n- Since {}", described.since);
    text
}

/// Returns the page of one key, with those that it holds; or the path that was perhaps meant.
///
/// # Errors
/// There is no such key.
pub fn page(path: &str) -> Result<String, Option<String>> {
    let all = keys();
    let wanted = plain(path);
    let Some(described) = all.iter().find(|described| fits(&described.path, &wanted)) else {
        return Err(nearest(&wanted, &all));
    };
    let mut text = format!("# {}\n\n{}\n", described.path, entry(described));
    let start = format!("{}.", described.path);
    let below = all.iter().filter(|inner| {
        let rest = inner.path.strip_prefix(&start);
        rest.is_some_and(|rest| !rest.trim_start_matches("<name>.").contains('.'))
    });
    let mut below = below.peekable();
    if below.peek().is_some() {
        text.push_str("\nIts keys:\n\n");
    }
    for inner in below {
        let rest = inner.path.strip_prefix(&start).unwrap_or(&inner.path);
        let first = inner.key.schema.description();
        let first = first.split_inclusive(". ").next().unwrap_or(first).trim();
        let _ = writeln!(text, "- `{rest}`: {first}");
    }
    Ok(text)
}

/// Returns whether a path with names in it is one of these keys.
fn fits(path: &str, wanted: &str) -> bool {
    let (path, wanted): (Vec<_>, Vec<_>) = (path.split('.').collect(), wanted.split('.').collect());
    let is = |(known, wanted): (&&str, &&str)| known == wanted || *known == "<name>";
    path.len() == wanted.len() && path.iter().zip(&wanted).all(is)
}

/// Returns a path without the places of lists and without brackets of a header: `[[region]]` and `region[0].name` are written too.
fn plain(path: &str) -> String {
    let inner = path.trim_matches(['[', ']']);
    let mut plain = String::new();
    let mut depth = 0_usize;
    for c in inner.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => plain.push(c),
            _inside => {}
        }
    }
    plain
}

/// A key of this name that stands elsewhere goes before one whose whole path is alike.
fn nearest(wanted: &str, all: &[Described]) -> Option<String> {
    let last = key_of(wanted);
    let named: Vec<_> = all.iter().filter(|described| key_of(&described.path) == last).collect();
    if let [only] = named[..] {
        return Some(only.path.clone());
    }
    let known = all.iter().map(|described| described.path.as_str());
    suggest::nearest(wanted, known).map(str::to_owned)
}

fn key_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Returns text for a cell of a table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;").replace("`&lt;", "`<")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_explained_however_its_path_is_written() {
        for path in ["region.pod-cidr", "region[2].pod-cidr", "region[sin].pod-cidr"] {
            let page = page(path).expect("a page");
            assert!(page.starts_with("# region.pod-cidr\n\nThe range of Pod addresses."), "{page}");
            assert!(page.contains("\n- Since 0.1.0\n"), "{page}");
        }
        let table = page("[[region]]").expect("a page");
        assert!(table.contains("- `pod-cidr`: The range of Pod addresses.\n"), "{table}");
        assert!(page("blueprint.harbor.version").expect("a page").starts_with("# blueprint.<name>.version"));
    }

    #[test]
    fn a_key_that_is_not_there_is_near_one_that_is() {
        assert_eq!(page("region.pod-cdir"), Err(Some("region.pod-cidr".to_owned())));
        assert_eq!(page("pod-cidr"), Err(Some("region.pod-cidr".to_owned())));
        assert_eq!(page("zzz"), Err(None));
    }
}
