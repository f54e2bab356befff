//! The path of a key, as a person types it: `region.hel1.pod-cidr`.

use std::fmt;

use crate::Refused;

/// The path of a key: names of keys, and of the entries of lists, from the top of the file.
///
/// `region.hel1.pod-cidr` and `region[hel1].pod-cidr` are the same; an entry of a list goes by its name, its slug or its place
/// from 0. Quotes are those of TOML: `values."a.b"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// Returns the path that a text is.
    ///
    /// # Errors
    /// It is none: what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let cannot = |why: &str| {
            Refused::new(format!("`{text}` is no path: {why}"))
                .help("write keys with dots between them, such as `region.hel1.pod-cidr`")
        };
        let (mut steps, mut rest) = (Vec::new(), text.trim());
        loop {
            let is_bracket = rest.starts_with('[');
            let inner = if is_bracket { &rest[1..] } else { rest };
            let (step, after) = if let Some(quote @ ('"' | '\'')) = inner.chars().next() {
                quoted(inner, quote).ok_or_else(|| cannot("a quote is never closed"))?
            } else {
                let end = inner.find(['.', '[', ']']).unwrap_or(inner.len());
                (inner[..end].trim().to_owned(), &inner[end..])
            };
            let is_quoted = inner.starts_with(['"', '\'']);
            if !is_quoted && step.contains(['"', '\'']) {
                return Err(cannot("a quote stands within a key"));
            }
            if step.is_empty() {
                return Err(cannot("a key between dots is missing"));
            }
            steps.push(step);
            rest = if is_bracket {
                after.strip_prefix(']').ok_or_else(|| cannot("a bracket is never closed"))?
            } else {
                after
            };
            rest = match rest.chars().next() {
                None => return Ok(Self(steps)),
                Some('.') => &rest[1..],
                Some('[') => rest,
                Some(_) => return Err(cannot("a dot is missing")),
            };
        }
    }

    /// Returns a path of these steps.
    pub(crate) fn of(steps: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(steps.into_iter().map(Into::into).collect())
    }

    pub(crate) fn steps(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// Returns steps as a person types them.
pub(crate) fn shown(steps: &[String]) -> String {
    let is_bare = |step: &String| step.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let steps = steps.iter().map(|step| if is_bare(step) { step.clone() } else { format!("{step:?}") });
    steps.collect::<Vec<_>>().join(".")
}

/// Returns the text of a key in quotes, and what stands behind it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|&(_, c)| {
        let is_end = c == quote && !escaped;
        escaped = c == '\\' && !escaped && quote == '"';
        is_end
    });
    let (end, _) = end?;
    let key = toml_edit::Key::parse(&text[..=end]).ok()?;
    let [key] = &key[..] else { return None };
    Some((key.get().to_owned(), &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_people_type_it() {
        let steps = |text: &str| Path::parse(text).map(|path| path.0).ok();
        let of = |steps: &[&str]| Some(steps.iter().map(|&step| step.to_owned()).collect::<Vec<_>>());
        assert_eq!(steps("region.hel1.pod-cidr"), of(&["region", "hel1", "pod-cidr"]));
        assert_eq!(steps("region[hel1].pod-cidr"), of(&["region", "hel1", "pod-cidr"]));
        assert_eq!(steps("a[0][\"x y\"]"), of(&["a", "0", "x y"]));
        assert_eq!(steps("values.\"a.b\".'c\\d'"), of(&["values", "a.b", "c\\d"]));
        assert_eq!(steps(r#"a."say \"x\"".b"#), of(&["a", "say \"x\"", "b"]));
        for wrong in ["", ".", "a.", "a..b", "a[b", "a\"b", "a.\"b", "a[b]c", "a]", "[]"] {
            assert_eq!(steps(wrong), None, "{wrong}");
        }
        for path in ["region.hel1", "values.\"a.b\".c"] {
            assert_eq!(Path::parse(path).unwrap().to_string(), path);
        }
    }
}
