//! Names of Git branches.

use crate::scalar::Malformed;
use crate::scalar::text::{self, Checked, text};

/// With `.lock` added, a name must still be the name of a file.
const MOST: usize = 244;

text! {
    /// The name of a Git branch: the rules of `git check-ref-format --branch`. Flux puts `refs/heads/` before it.
    BranchName, "the name of a branch", "main",
    branch,
    {
        // `[^ ]*` is any text here, since a space is refused below. `.` would stop at a line separator.
        let never = [
            "-", "/", "\\.", "@$", "HEAD$", "refs/", "[^ ]*/$", "[^ ]*\\.$",
            "[^ ]*//", "[^ ]*/\\.", "[^ ]*\\.\\.", "[^ ]*@\\{", "[^ ]*\\.lock(/|$)",
        ];
        text::schema(format!("^(?!{})[^\\u0000-\\u0020\\u007f~^:?*\\[\\\\]+$", never.join("|")), 1, MOST)
    }
}

/// What Git puts before the name of a branch, and what CI systems hand on (`GITHUB_REF`).
const BRANCHES: &str = "refs/heads/";

fn branch(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    if text.starts_with("refs/") {
        let bad = Malformed::new("is the name of a reference; a branch is named without `refs/heads/`");
        let name = text.strip_prefix(BRANCHES).filter(|name| branch(name).is_ok());
        let bad = bad.at(0..text.floor_char_boundary(BRANCHES.len()));
        return Err(if let Some(name) = name { bad.meant(name) } else { bad });
    }
    let ok = |c: char| !c.is_ascii_control() && !" ~^:?*[\\".contains(c);
    text::only(text, "characters that Git allows in a branch", ok)?;
    text::edges(text, |c| c != '-' && c != '/', |c| c != '/' && c != '.')?;
    for pair in ["..", "//", "@{"] {
        if let Some(at) = text.find(pair) {
            return Err(Malformed::new(format!("holds `{pair}`")).at(at..at + pair.len()));
        }
    }
    for range in text::parts(text, '/') {
        let part = &text[range.clone()];
        if part.starts_with('.') {
            return Err(Malformed::new("has a part that begins with a dot").at(range.start..range.start + 1));
        }
        if part.strip_suffix(".lock").is_some() {
            return Err(Malformed::new("has a part that ends with `.lock`").at(range.end - 5..range.end));
        }
    }
    if text == "@" || text == "HEAD" {
        return Err(Malformed::new("is what Git calls the present commit"));
    }
    text::length(text, 1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn branches_follow_the_rules_of_git() {
        let (most, over) = ("a".repeat(244), "a".repeat(245));
        agree::<BranchName>(
            &["main", "a/b", "release-1.2", "feature/x@y", "@x", "HEAD2", "a.lockx", "ä", "a{b}", &most],
            &[
                "",
                "-a",
                "/a",
                "a/",
                "a//b",
                ".a",
                "a/.b",
                "a..b",
                "a.",
                "a.lock",
                "a.lock/b",
                "@",
                "HEAD",
                "a@{b",
                "a b",
                "a~b",
                "a^b",
                "a:b",
                "a?b",
                "a*b",
                "a[b",
                "a\\b",
                "a\tb",
                "a\u{7f}",
                "refs/heads/main",
                "refs/x",
                "refs/",
                &over,
            ],
        );
        assert_eq!(fault::<BranchName>("feature//x"), ("//", None));
        assert_eq!(fault::<BranchName>("a/b.lock/c"), (".lock", None));
        assert_eq!(fault::<BranchName>("a/.b"), (".", None));
        assert_eq!(fault::<BranchName>("main "), (" ", Some("main".into())));
        assert_eq!(fault::<BranchName>("HEAD"), ("HEAD", None));
        assert_eq!(fault::<BranchName>("refs/heads/a/b"), ("refs/heads/", Some("a/b".into())));
        assert_eq!(fault::<BranchName>("refs/tags/v1"), ("refs/tags/v", None));
    }
}
