#![doc = include_str!("../../../../docs/diagnostics/unsafe-text.md")]

use crate::lower::Placed;
use crate::plan::{Plan, Region};
use sovereign_language::schema::shorten;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Step, path_text};

/// The longest key that kustomize writes back in a form that it can read, in bytes: YAML lets a reader give up behind that.
const LONGEST_KEY: usize = 1024;
/// The key that readers of YAML 1.1 take for a merge, also in quotation marks: kustomize drops it.
const MERGE: &str = "<<";

/// Reports texts and keys that Flux's kustomize-controller loses, or stops at: it reads each layer and writes it anew.
pub(crate) fn check(_: &Plan<'_>, _: Option<&Region<'_>>, objects: &[Placed], diags: &mut Diagnostics) {
    for placed in objects {
        placed.object.node().walk(&mut |path, node| {
            let key = if let Some(Step::Key(key)) = path.last() { *key } else { "" };
            let reason = reason_of_key(key).or_else(|| {
                let c = first_unsafe(node.as_str()?)?;
                Some(format!("`{}` holds the character U+{:04X}", shorten(&path_text(path)), u32::from(c)))
            });
            if let Some(reason) = reason.filter(|_| !diags.overflows(Code::UnsafeText)) {
                diags.push(
                    Diagnostic::new(
                        Code::UnsafeText,
                        node.cause,
                        format!("{reason}, which Flux does not carry"),
                    )
                    .note("kustomize reads the tree and writes it anew before it is applied")
                    .help("write it in another way: bytes as base64, a list in place of such a key"),
                );
            }
        });
    }
}

fn reason_of_key(key: &str) -> Option<String> {
    if key == MERGE {
        return Some("the key is `<<`".to_owned());
    }
    if key.len() > LONGEST_KEY {
        return Some(format!("the key `{}` has more than {LONGEST_KEY} bytes", shorten(key)));
    }
    let c = first_unsafe(key)?;
    Some(format!("a key holds the character U+{:04X}", u32::from(c)))
}

/// Returns the first character of a text that is unsafe. Each of them is behind the printable ones of ASCII, and hardly any text has others,
/// so bytes are looked at first.
fn first_unsafe(text: &str) -> Option<char> {
    let is_printable_ascii = text.bytes().fold(0, u8::max) <= b'~';
    if is_printable_ascii { None } else { text.chars().find(|c| is_unsafe(*c)) }
}

/// Returns whether kustomize cannot write a character so that it can read it again.
fn is_unsafe(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}
