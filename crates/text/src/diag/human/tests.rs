//! What a person sees, byte for byte.

use super::super::{Code, samples};
use super::*;
use crate::source::Span;

const PLAIN: Style = Style { color: false, width: 100 };

fn one(texts: &samples::Texts, finding: Diagnostic) -> String {
    let mut diags = Diagnostics::new();
    diags.push(finding);
    render(&diags, texts, PLAIN)
}

fn at(range: Range<usize>) -> Diagnostic {
    Diagnostic::new(Code::WrongType, Span::new(SourceId::MANIFEST, range), "m").label("here")
}

#[test]
fn findings_show_their_source_facts_and_advice() {
    let (texts, diags) = samples::mixed();
    let out = render(&diags, &texts, PLAIN);
    let expected = r#"error[unknown-blueprint]: unknown blueprint `harbour`
 --> sovereign.toml:3:14
  |
3 | list = ["é", "harbour"]
  |              ^^^^^^^^^ not in the kit
  |
help: a blueprint with a similar name exists
  |
3 - list = ["é", "harbour"]
3 + list = ["é", "harbor"]
  |

error[duplicate-name]: name `ä` is declared twice
 --> sovereign.toml:4:8
  |
2 | name = "ä"
  |        --- first declared here
3 | list = ["é", "harbour"]
4 | name = "ä"
  |        ^^^ declared again here
  |
 ::: blue prints/empty.toml:1:1
  |
1 |
  | - and never here
  |
  = note: a name becomes a directory, so: 100 % unique
  = help: rename one of them

warning[missing-observed-fact]: nothing is known
 --> blue prints/empty.toml:1:1
  |
1 |
  | ^

error: 2 errors, 1 warning
"#;
    assert_eq!(out, expected);
}

#[test]
fn no_place_makes_the_renderer_fail() {
    for text in ["", "\n", "a = 1", "ä\t= \"é\"\r\n\r\nb = 2\n\nc = 3\n", "x\n\n\n\n\n\n\n\n\n\n\n\ny"] {
        let texts = samples::Texts::new(&[("t", text)]);
        for start in 0..=text.len() + 2 {
            for end in start..=text.len() + 3 {
                let span = Span::new(SourceId::MANIFEST, start..end);
                for replacement in ["", "z", "é\nb", "\r\n"] {
                    let out = one(&texts, at(start..end).related(span, "again").fix("do", span, replacement));
                    assert!(out.starts_with("error[wrong-type]: m\n"), "{out}");
                }
            }
        }
    }
}

#[test]
fn the_end_of_a_file_has_its_own_line_number() {
    let texts = samples::Texts::new(&[("t", "a = 1\r\n")]);
    let end = Span::new(SourceId::MANIFEST, 7..7);
    let out = one(&texts, at(7..7).fix("add `b`", end, "b = 2\n"));
    let expected = r"error[wrong-type]: m
 --> t:2:1
  |
2 |
  | ^ here
  |
help: add `b`
  |
2 + b = 2
  |

error: 1 error
";
    assert_eq!(out, expected);
}

#[test]
fn a_line_of_a_megabyte_is_cut_around_what_is_wrong() {
    let text = format!("a = 1\nlist = [{}\"é\", 7, {}]\n", "\"ä\", ".repeat(170_000), "\"ö\", ".repeat(1000));
    let texts = samples::Texts::new(&[("t", &text)]);
    let seven = texts.first(0, "7");
    let mut finding = at(seven.range()).related(texts.first(0, "\"ä\""), "a string");
    finding = finding.related(texts.first(0, "1"), "a number").fix("quote it", seven, "\"7\"");
    let out = one(&texts, finding);
    let expected = r#"error[wrong-type]: m
 --> t:2:850014
  |
 ::: 
2 | ..."ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "é", 7, "ö", "ö", "ö", "ö", "ö", "ö", "ö", "ö...
  |                                                      ^ here
  |
 ::: t:2:9
  |
 ::: 
2 | list = ["ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä"...
  |         --- a string
  |
 ::: t:1:5
  |
1 | a = 1
  |     - a number
  |
help: quote it
  |
2 - ..."ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "é", 7, "ö", "ö", "ö", "ö", "ö", "ö", "ö", "ö", "ö", "ö"...
2 + ..."ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "ä", "é", "7", "ö", "ö", "ö", "ö", "ö", "ö", "ö", "ö", "ö", "ö"...
  |

error: 1 error
"#;
    assert_eq!(out, expected);
}

#[test]
fn places_far_apart_and_tall_ones_stay_small() {
    let text = format!("first = 1\n{}last = [\n{}]\n", "# filler\n".repeat(5000), "  1,\n".repeat(50));
    let texts = samples::Texts::new(&[("t", &text)]);
    let tall = texts.first(0, "[\n").range().start..text.len();
    let out = one(&texts, at(tall).related(texts.first(0, "1"), "not like this"));
    let expected = r"error[wrong-type]: m
    --> t:5002:8
     |
5002 | last = [
     |        ^ here
     |
    ::: t:1:9
     |
   1 | first = 1
     |         - not like this

error: 1 error
";
    assert_eq!(out, expected);
}

#[test]
fn a_removed_line_is_a_patch_without_carriage_returns() {
    let texts = samples::Texts::new(&[("t", "a = 1\r\nb = 2\r\nc = 3\r\n")]);
    let out = one(&texts, at(7..12).fix("remove it", Span::new(SourceId::MANIFEST, 7..14), ""));
    let expected = r"error[wrong-type]: m
 --> t:2:1
  |
2 | b = 2
  | ^^^^^ here
  |
help: remove it
  |
2 - b = 2
  |

error: 1 error
";
    assert_eq!(out, expected);
}

#[test]
fn a_thousand_findings_over_eight_megabytes_keep_their_lines() {
    let text = "key = \"some value of usual length\"\n".repeat(240_000);
    let texts = samples::Texts::new(&[("t", &text)]);
    let mut diags = Diagnostics::new();
    for n in 0..Diagnostics::MOST + 5 {
        let start = n * 35 * 230;
        diags.push(at(start..start + 3).related(Span::new(SourceId::MANIFEST, 0..3), "first"));
    }
    let out = render(&diags, &texts, PLAIN);
    assert!(out.contains("--> t:231:1\n"));
    assert!(out.contains("--> t:229771:1\n"), "999 * 230 + 1");
    assert!(out.ends_with("\nerror: 1000 errors, 5 more findings not shown\n"));
    for all in [super::super::json::render, super::super::sarif::render, super::super::short::render] {
        assert!(all(&diags, &texts).contains("229771"));
    }
}

#[test]
fn no_findings_give_no_text_and_colors_are_asked_for() {
    let texts = samples::Texts::new(&[("t", "a = 1")]);
    assert_eq!(render(&Diagnostics::new(), &texts, PLAIN), "");
    let mut diags = Diagnostics::denying_warnings();
    diags.push(Diagnostic::new(Code::SettingWithoutEffect, texts.first(0, "1"), "m").help("h\u{1b}[31m"));
    assert!(render(&diags, &texts, PLAIN).ends_with("= help: h␛[31m\n\nerror: 1 error\n"));
    assert!(render(&diags, &texts, Style { color: true, ..PLAIN }).contains("\u{1b}[1m"));
}
