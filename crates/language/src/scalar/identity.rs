//! Who: names of Sovereigns, Organizations and people, and the names of what belongs to them.

mod branch;
mod kubernetes;
mod ssh;

pub use branch::BranchName;
pub use kubernetes::{LabelKey, LabelValue, SecretName};
pub(crate) use kubernetes::{PodSelector, SecretKey, subdomain, subdomain_schema};
pub use ssh::SSH_ALGORITHMS;
pub(crate) use ssh::SshPublicKey;

use std::ops::Range;

use super::Malformed;
use super::text::{self, Checked, text};

/// White space as both Unicode and JSON Schema's regular expressions have it, as the inside of a class.
const SPACES: &str =
    "\\u0000-\\u0020\\u007f-\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";

/// Characters that nobody sees, or that turn the direction of those beside them: a name with one looks like another name
/// (CVE-2021-42574). The inside of a class, as [`is_deceptive`] has it. The joiners U+200C and U+200D are not among them:
/// Persian and Hindi are written with them, and families of emoji.
const DECEPTIVE: &str = "\\u00ad\\u061c\\u115f\\u1160\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ufffe\\uffff";

text! {
    /// The name of a Sovereign or Organization: the rule of the Organization resource, without a dash at the end,
    /// since the name becomes a DNS label and a namespace.
    Slug, "a slug", "omantel",
    |text| text::word(text, 3, 32),
    text::word_schema(3, 32)
}

text! {
    /// An address of electronic mail that both the provisioner and the API server take (`format: email` is Go's
    /// `net/mail`, RFC 5322, without quotes): words with dots between them on either side of the `@`, in the domain two
    /// at least. A domain has the characters of host names; letters of all scripts may stand anywhere.
    Email, "an e-mail address", "ops@omantel.om",
    email,
    {
        let words = |refused: &str, more: &str| format!("[^{refused}{SPACES}{DECEPTIVE}]+(\\.[^{refused}{SPACES}{DECEPTIVE}]+){more}");
        let (name, domain) = (words("().<>\\[\\]:;@\\\\,\"", "*"), words("!-,./:-@\\[-`{-~", "+"));
        text::schema(format!("^{name}@{domain}$"), 5, 254)
    }
}

text! {
    /// A name for people to read: one line, not blank, every character to be seen.
    DisplayName, "a display name", "ACME Telecom",
    display_name,
    {
        let none_of = |more: &str| format!("[^\\u0000-\\u001f{more}\\u007f-\\u009f{DECEPTIVE}]");
        let (any, edge) = (none_of(""), none_of(" "));
        text::schema(format!("^{edge}({any}*{edge})?$"), 1, 128)
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

/// Returns whether a character is one of [`DECEPTIVE`].
fn is_deceptive(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
    )
}

fn email(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    text::only(text, "characters other than white space", |c| !is_space(c))?;
    text::only(text, "characters that can be seen", |c| !is_deceptive(c))?;
    let Some((name, host)) = text.split_once('@') else {
        return Err(Malformed::new("has no `@`"));
    };
    let at = name.len();
    if let Some(second) = host.find('@') {
        return Err(Malformed::new("has a second `@`").at(at + 1 + second..at + 2 + second));
    }
    if name.is_empty() {
        return Err(Malformed::new("has nothing before the `@`").at(0..1));
    }
    // What has a meaning of its own in the header of a mail (RFC 5322, section 3.2.3).
    let in_names = |c: char| !"()<>[]:;@\\,\"".contains(c);
    words(text, 0..at, "characters that need no quotes", in_names)?;
    if !host.contains('.') {
        return Err(Malformed::new("has no domain with a dot after the `@`").at(at..text.len()));
    }
    let of_hosts = |c: char| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii();
    words(text, at + 1..text.len(), "letters, digits, dashes and dots", of_hosts)?;
    text::length(text, 5, 254)
}

/// Words with dots between them, each of some characters.
fn words(text: &str, range: Range<usize>, kind: &str, ok: fn(char) -> bool) -> Checked {
    let whole = text.get(range.clone()).unwrap_or_default();
    for word in text::parts(whole, '.') {
        let word = word.start + range.start..word.end + range.start;
        if word.is_empty() {
            let dot = word.start.min(range.end.saturating_sub(1));
            return Err(Malformed::new("has nothing beside a dot").at(dot..dot + 1));
        }
        text::part(text, word, |word| text::only(word, kind, ok))?;
    }
    Ok(())
}

pub(super) fn display_name(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    text::only(text, "characters that can be seen", |c| !(c.is_control() || is_deceptive(c)))?;
    text::edges(text, |c| c != ' ', |c| c != ' ')?;
    text::length(text, 1, 128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn slugs_have_3_to_32_characters() {
        let of = |n| "a".repeat(n);
        agree::<Slug>(
            &["abc", "omantel", "a-1", "a--b", &of(31), &of(32)],
            &["", "ab", "a", "1ab", "-ab", "ab-", "Abc", "a_b", "a.b", "a b", "äbc", &of(33)],
        );
        assert_eq!(fault::<Slug>(&format!("{}bc", of(31))), ("c", None));
        assert_eq!(fault::<Slug>("Omantel"), ("O", Some("omantel".into())));
        assert_eq!(fault::<Slug>("1omantel"), ("1", None));
        assert_eq!(fault::<Slug>("omantel-"), ("-", None));
        assert_eq!(fault::<Slug>("oman_tel"), ("_", None));
        assert_eq!(fault::<Slug>("ab"), ("ab", None));
    }

    #[test]
    fn addresses_have_a_name_and_a_domain() {
        let (most, over) = (format!("{}@b.cd", "a".repeat(249)), format!("{}@b.cd", "a".repeat(250)));
        agree::<Email>(
            &[
                "a@b.c",
                "ops@omantel.om",
                "a+b@sub.host.org",
                "ä@ö.ü",
                "o'neil.x_y/z=1@a-b.c",
                "{a|`b`}~@c.d",
                &most,
            ],
            &[
                "",
                "a",
                "a@",
                "@b.c",
                "a@b",
                "a@b.",
                "a@.b",
                "a@b@c.d",
                "a b@c.d",
                "a@b.c\n",
                "o@acme..com",
                "o@.acme.com",
                "o@acme.com.",
                ".o@acme.com",
                "o.@acme.com",
                "o..p@acme.com",
                "o,x@acme.com",
                "o:x@acme.com",
                "o;x@acme.com",
                "\"o\"@acme.com",
                "o\\x@acme.com",
                "(o)@acme.com",
                "[o]@acme.com",
                "<o@acme.com>",
                "o@acme.com>",
                "o@acme.com,",
                "o@ac_me.com",
                "o@[127.0.0.1]",
                "a@\u{feff}.c",
                "a\u{85}@b.c",
                "a\u{202e}@b.c",
                "a@b\u{ad}.c",
                &over,
            ],
        );
        assert_eq!(fault::<Email>("a@b@c.d"), ("@", None));
        assert_eq!(fault::<Email>("a@host"), ("@host", None));
        assert_eq!(fault::<Email>("o@acme..com"), (".", None));
        assert_eq!(fault::<Email>("o@acme.com."), (".", None));
        assert_eq!(fault::<Email>("o,x@acme.com"), (",", None));
        assert_eq!(fault::<Email>("ops@acme.com>"), (">", None));
        assert_eq!(fault::<Email>(" a@b.c"), (" ", Some("a@b.c".into())));
    }

    #[test]
    fn display_names_are_one_visible_line() {
        let (most, over) = ("ä".repeat(128), "ä".repeat(129));
        agree::<DisplayName>(
            &["A", "ACME Telecom", "عُمانتل", "می\u{200c}خواهم", "\u{1F600}", &most],
            &[
                "",
                " ",
                " A",
                "A ",
                "A\nB",
                "A\u{7f}",
                "\u{9f}",
                "A\u{202e}B",
                "\u{2066}A",
                "A\u{200b}",
                "\u{2028}",
                "A\u{ffff}",
                &over,
            ],
        );
        assert_eq!(fault::<DisplayName>("A\tB"), ("\t", None));
        assert_eq!(fault::<DisplayName>("A\u{200b}B"), ("\u{200b}", None));
        assert_eq!(fault::<DisplayName>("ACME "), (" ", Some("ACME".into())));
        assert_eq!(fault::<DisplayName>(&over), ("ä", None));
    }
}
