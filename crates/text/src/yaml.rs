//! Takes a value tree, gives YAML that every reader understands alike.
//!
//! Block style, two spaces, sequences indented under their key, one text per tree: the layout depends on the
//! values alone, so that a diff of two trees is a diff of their values. Nothing here can fail, and nothing is
//! allocated but the one growing text.

mod lines;

use std::fmt::Write as _;

pub use lines::{Leaf, leaves, leaves_of_json};

use crate::node::{Node, Value};

/// Columns per level.
const INDENT: usize = 2;

/// The longest key, in bytes as written, that stands before its colon without a `?`. The specification lets a
/// reader give up after 1024 characters, and all of them do.
const LONGEST_SIMPLE_KEY: usize = 1024;

/// Bytes of a document, as most are at most: one that grows from nothing is copied again and again.
const USUAL: usize = 1024;

/// Words that a reader of YAML 1.1 or 1.2 takes for something else than text, in whatever case.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Returns one YAML document: a comment line, then `node`. What could end the comment early, or be invisible in it,
/// becomes a blank.
pub fn document(comment: &str, node: &Node) -> String {
    let mut out = String::with_capacity(USUAL);
    out.push_str("# ");
    out.extend(comment.chars().map(|c| if is_visible(c) { c } else { ' ' }));
    out.truncate(out.trim_end().len());
    out.push('\n');
    append(&mut out, node);
    out.shrink_to_fit();
    out
}

/// Appends `node` with a final newline. `out` must be empty or end in a newline.
pub fn append(out: &mut String, node: &Node) {
    put(out, &node.value, 0, true);
    out.push('\n');
}

/// Puts a value whose own lines begin at column `indent`. `here` says that the cursor stands where the value
/// may begin: after `- ` or at the start of the text, and not directly after the colon of a key.
fn put(out: &mut String, value: &Value, indent: usize, here: bool) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            for (n, (key, node)) in map.iter().enumerate() {
                if n > 0 || !here {
                    line(out, indent);
                }
                put_key(out, key, indent);
                put(out, &node.value, indent + INDENT, false);
            }
        }
        Value::List(list) if !list.is_empty() => {
            for (n, node) in list.iter().enumerate() {
                if n > 0 || !here {
                    line(out, indent);
                }
                out.push_str("- ");
                put(out, &node.value, indent + INDENT, true);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Map(_) => {
            if !here {
                out.push(' ');
            }
            put_leaf(out, value, indent);
        }
    }
}

/// Puts what fits behind a key: a scalar or an empty collection.
fn put_leaf(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Integer(n) => {
            let _ = write!(out, "{n}");
        }
        Value::Float(n) => put_float(out, *n),
        Value::String(text) if is_plain(text) => out.push_str(text),
        Value::String(text) if is_literal(text) => put_literal(out, text, indent.max(INDENT)),
        Value::String(text) => put_quoted(out, text),
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
    }
}

/// Puts a key and its colon.
fn put_key(out: &mut String, key: &str, indent: usize) {
    let start = out.len();
    if is_plain(key) {
        out.push_str(key);
    } else {
        put_quoted(out, key);
    }
    if out.len() - start > LONGEST_SIMPLE_KEY {
        out.insert_str(start, "? ");
        line(out, indent);
    }
    out.push(':');
}

/// Puts a number so that it stays a float: YAML 1.1 wants a point and a signed exponent. What is not finite
/// has no JSON and becomes `null`.
fn put_float(out: &mut String, n: f64) {
    if !n.is_finite() {
        out.push_str("null");
        return;
    }
    let start = out.len();
    let _ = write!(out, "{n:?}");
    if let Some(length) = out[start..].find('e') {
        let e = start + length;
        if !out[e + 1..].starts_with('-') {
            out.insert(e + 1, '+');
        }
        if !out[start..e].contains('.') {
            out.insert_str(e, ".0");
        }
    }
}

/// Returns whether text may stand bare, as a key or as a value. This and [`is_literal`] are the rule of quoting.
///
/// Readers disagree about bare words: YAML 1.1 makes booleans of `on` and `y`, base 60 of `1:20`, octal of
/// `012` and a date of `2001-01-01`; YAML 1.2 takes some of this back and adds `0o14`. The tree is read by
/// both: the API server leans to 1.1, kustomize to 1.2, and Python to 1.1 again. An emitter that quotes only
/// what its own dialect would re-type writes the text `on` of an annotation bare, and the API server refuses
/// the boolean: <https://github.com/dtolnay/serde-yaml/issues/319>. So the rule follows no dialect's list of
/// exceptions. Text is bare only if it starts as no number, date or sign can start, holds nothing that means
/// something in YAML, and is none of nine words. Several lines become a literal block only if no reader has
/// to guess where its indentation or its end is: go-yaml refuses a block that begins with a tab
/// (<https://github.com/yaml/go-yaml/issues/383>), and editors drop blanks at the end of a line. Everything
/// else is quoted, on one line, with the escapes that JSON and YAML share. They part only beyond U+FFFF,
/// where YAML has `\U` and several readers refuse surrogate pairs.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/')
        && bytes
            .iter()
            .all(|b| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'-' | b':'))
        && !text.ends_with(':')
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Returns whether text may be a literal block.
fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text.split('\n').all(|line| !line.ends_with([' ', '\t']))
        && text.chars().all(|c| is_visible(c) || c == '\n' || c == '\t')
}

/// Returns whether a character stands for itself: every reader accepts it, and a person who reviews the file sees it.
/// Controls, line separators and noncharacters are refused by some readers; marks that reorder or hide text
/// (and tag characters, which spell invisible ASCII) are accepted by all and escaped for the person.
fn is_visible(c: char) -> bool {
    !matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Puts a literal block with its lines at column `indent`. Its last newline is the one that ends any line.
fn put_literal(out: &mut String, text: &str, indent: usize) {
    let lines = text.strip_suffix('\n');
    out.push_str(if lines.is_some() { "|" } else { "|-" });
    for text in lines.unwrap_or(text).split('\n') {
        if text.is_empty() {
            out.push('\n');
        } else {
            line(out, indent);
            out.push_str(text);
        }
    }
}

/// Puts text in double quotes, on one line.
fn put_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut done = 0;
    for (at, c) in text.char_indices() {
        if is_visible(c) && c != '"' && c != '\\' {
            continue;
        }
        out.push_str(&text[done..at]);
        done = at + c.len_utf8();
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => {
                let code = u32::from(c);
                let _ =
                    if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            }
        }
    }
    out.push_str(&text[done..]);
    out.push('"');
}

/// Begins a line at column `indent`.
fn line(out: &mut String, indent: usize) {
    const BLANKS: &str = "                                ";
    out.push('\n');
    let mut left = indent;
    while left > BLANKS.len() {
        out.push_str(BLANKS);
        left -= BLANKS.len();
    }
    out.push_str(&BLANKS[..left]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceId, Span};
    use serde_json::json;

    fn node(json: serde_json::Value) -> Node {
        Node::from_json(json, Span::new(SourceId::MANIFEST, 0..0))
    }

    fn body(json: serde_json::Value) -> String {
        let mut out = String::new();
        append(&mut out, &node(json));
        out
    }

    fn text(text: &str) -> String {
        body(json!(text))
    }

    #[test]
    fn a_tree_looks_as_people_write_it() {
        let tree = json!({
            "apiVersion": "apps/v1",
            "metadata": {"labels": {}, "finalizers": []},
            "spec": {
                "containers": [
                    {"name": "a", "args": ["--on", "x"], "env": [{"name": "N", "value": "1"}]},
                    {"name": "b"},
                    "c",
                    [["d", 1], [], {}],
                ],
                "script": "set -e\n\necho\n",
                "tail": "one\n  two",
                "gone": null,
                "ready": true,
            },
        });
        let expected = "\
# Made from [region.fsn]
apiVersion: apps/v1
metadata:
  labels: {}
  finalizers: []
spec:
  containers:
    - name: a
      args:
        - \"--on\"
        - x
      env:
        - name: \"N\"
          value: \"1\"
    - name: b
    - c
    - - - d
        - 1
      - []
      - {}
  script: |
    set -e

    echo
  tail: |-
    one
      two
  gone: null
  ready: true
";
        assert_eq!(document("Made from [region.fsn]", &node(tree)), expected);
    }

    #[test]
    fn a_comment_stays_on_its_line() {
        let one = |comment| document(comment, &node(json!({"a": 1})));
        assert_eq!(one("x\ny: 1\r\u{85}\u{2028}\u{feff}\0z"), "# x y: 1     z\na: 1\n");
        assert_eq!(one("100 % é 🙂 # \t\n"), "# 100 % é 🙂 #\na: 1\n");
        assert_eq!(one(""), "#\na: 1\n");
    }

    #[test]
    fn only_harmless_words_are_bare() {
        for bare in
            ["a", "/", "/etc", "v1.2.3", "a:b", "http://x:80/y_z-1", "yess", "nan", "inf", "e1", "True1"]
        {
            assert_eq!(text(bare), format!("{bare}\n"));
            assert_eq!(body(json!({bare: 1})), format!("{bare}: 1\n"));
        }
        let quoted = [
            "",
            "y",
            "Y",
            "n",
            "yes",
            "NO",
            "On",
            "oFf",
            "TRUE",
            "false",
            "Null",
            "~",
            "=",
            "<<",
            "-",
            "a:",
            "a b",
            ".inf",
            "1",
            "0o14",
            "1e3",
            "2001-01-01",
            "a#",
            "a,",
            "[a]",
            "{a}",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "é",
            "a'",
        ];
        for quoted in quoted {
            assert_eq!(text(quoted), format!("\"{quoted}\"\n"));
            assert_eq!(body(json!({quoted: 1})), format!("\"{quoted}\": 1\n"));
        }
    }

    #[test]
    fn what_a_reader_could_refuse_or_a_person_overlook_is_escaped() {
        assert_eq!(text("\"\\/\t\r\0\u{7f}"), "\"\\\"\\\\/\\t\\r\\u0000\\u007f\"\n");
        assert_eq!(
            text("\u{85}\u{a0}\u{2028}\u{202e}\u{feff}\u{ffff}"),
            "\"\\u0085\u{a0}\\u2028\\u202e\\ufeff\\uffff\"\n"
        );
        assert_eq!(text("🙂 e\u{301} \u{e000} \u{e0041}"), "\"🙂 e\u{301} \u{e000} \\U000e0041\"\n");
    }

    #[test]
    fn a_block_is_literal_only_if_it_is_unmistakable() {
        assert_eq!(text("a\nb"), "|-\n  a\n  b\n");
        assert_eq!(text("a\n\tb: # c\n---\n"), "|\n  a\n  \tb: # c\n  ---\n");
        assert_eq!(text("a\n"), "|\n  a\n");
        for quoted in [
            "\n",
            "a\n\n",
            " a\nb",
            "\ta\nb",
            "\na",
            "a \nb",
            "a\nb\t",
            "a\n \nb",
            "a\r\nb",
            "a\n\u{2028}b",
            "a\n\u{7}",
        ] {
            assert!(text(quoted).starts_with('"'), "{quoted:?}");
        }
        assert_eq!(body(json!({"a\nb": 1})), "\"a\\nb\": 1\n");
    }

    #[test]
    fn a_float_is_a_float_to_every_reader() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1.0, "1.0"),
            (1e300, "1.0e+300"),
            (-1.5e16, "-1.5e+16"),
            (1e-7, "1.0e-7"),
            (5e-324, "5.0e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "null"),
            (f64::NEG_INFINITY, "null"),
        ];
        for (n, expected) in cases {
            let mut out = String::from("a: e");
            put_float(&mut out, n);
            assert_eq!(out, format!("a: e{expected}"));
        }
        assert_eq!(
            body(json!([i64::MIN, 0, i64::MAX])),
            "- -9223372036854775808\n- 0\n- 9223372036854775807\n"
        );
    }

    #[test]
    fn a_key_too_long_for_a_reader_is_marked() {
        let (fits, long) = ("k".repeat(1024), "k".repeat(1025));
        assert_eq!(body(json!({&fits: 1})), format!("{fits}: 1\n"));
        assert_eq!(
            body(json!([{&long: {"a": 1}, "b": {&long: [2]}}])),
            format!("- ? {long}\n  :\n    a: 1\n  b:\n    ? {long}\n    :\n      - 2\n")
        );
    }

    #[test]
    fn depth_is_no_danger() {
        let deep =
            (0..1000).fold(json!("x"), |tree, n| if n % 2 == 0 { json!([tree]) } else { json!({"k": tree}) });
        let out = body(deep);
        assert_eq!(out.matches("k:").count(), 500);
        assert!(out.ends_with("- x\n"));
    }
}
