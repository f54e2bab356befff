//! What [`sovereign_text::yaml`] writes, other readers read back unchanged.
//!
//! Here the reader is serde-saphyr. The same 50,000 strings are left as files in `yaml-corpus/` below Cargo's
//! directory for tests; `tests/readers/` compares them with PyYAML, go-yaml and `sigs.k8s.io/yaml`.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sovereign_text::node::Node;
use sovereign_text::source::{SourceId, Span};
use sovereign_text::yaml;

/// How many distinct strings the corpus has.
const STRINGS: usize = 50_000;

/// What some reader of YAML has taken for something else, or stumbled over, alone or next to each other.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "", "on", "On", "yes", "No", "NO", "off", "y", "N", "true", "False", "TRUE", "null", "Null", "~", "nan",
    ".nan", ".NaN", ".inf", "-.Inf", "+.INF", "inf", "0", "-0", "7", "1_000", "012", "0o14", "0x1f", "0b11",
    "1:20", "190:20:30", "1:20.5", "1e3", "1.", ".5", "+1", "6.02e+23", "1e999", "99999999999999999999",
    "2001-01-01", "2001-01-01T00:00:00Z", "2001-1-1 1:1:1", "=", "<<", "- a", "- ", "-", "--", "a: b", ": ",
    ":", "::", "a:", "? ", "?", "# c", " #", "#", ",", "[", "]", "[]", "{", "}", "{}", "{ a: 1 }",
    "%TAG ! tag:x,2000:", "%YAML 1.1", "---", "--- ", "...", "|", "|-", ">", ">+2", "&a", "*a", "!t",
    "!!int", "!!binary", "!", "@", "`", "{{ x }}", "{{- x -}}", "${X}", "$X", "'", "''", "\"", "\\", "\\n",
    "\\u0041", "\\x", "/", "//", "/etc/x", "https://a.example:8443/b?c=d#e", "a", "x-y_z.9", "k8s.io/name",
    "*.example.org", " ", "  ", "\t", "\n", "\n\n", "\n ", "\n  ", "\n\t", " \n", "\t\n", "\n# c", "\n- ",
    "\n---\n", "\n...\n", "\nk: v", "\r", "\r\n", "\u{85}", "\u{a0}", "\u{2028}", "\u{2029}", "\u{feff}",
    "\u{200b}", "\u{200d}", "\u{202e}", "\u{2066}", "\u{ad}", "\u{1680}", "\u{3000}", "\0", "\u{1}",
    "\u{7}", "\u{8}", "\u{b}", "\u{c}", "\u{1b}[31m", "\u{1f}", "\u{7f}", "\u{80}", "\u{9f}", "\u{d7ff}",
    "\u{e000}", "\u{f8ff}", "\u{fdd0}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "\u{1fffe}", "\u{e0041}",
    "\u{f0000}", "\u{10ffff}", "🙂", "👩\u{200d}👧", "\u{1f3f4}\u{e0067}\u{e007f}",
    "é", "e\u{301}", "ß", "汉字", "שלום", "İ", "ı", "ﬀ",
    "½", "٣", "１",
    "words in a line that is rather long, with a comma: and a colon, and # no comment, so that some may fold",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

/// Numbers at the edges of what readers agree on.
#[rustfmt::skip]
const FLOATS: &[f64] = &[
    0.0, -0.0, 0.1, -0.1, 1.0, -1.0, 1.5, 100.0, 1e5, 1e15, 1e16, -1e16, 1.5e16, 1e21, 1e22, 1e300, -1e300,
    1e-4, 1e-5, 1e-7, 1.25e-7, 5e-324, -5e-324, 123_456_789.123_456_79, 0.300_000_000_000_000_04,
    9_007_199_254_740_993.0, f64::MIN_POSITIVE, f64::MAX, f64::MIN, f64::EPSILON,
    9_223_372_036_854_775_807.0,
];

/// A generator of numbers that gives the same ones everywhere and forever (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }

    fn char(&mut self) -> char {
        let limit = [0x80, 0x300, 0x3000, 0x11_0000][self.below(4)];
        char::from_u32(u32::try_from(self.below(limit)).unwrap()).unwrap_or('\u{fffd}')
    }
}

/// The corpus: every piece, every pair of pieces, strings around the length limit of keys, then compositions.
fn corpus() -> Vec<String> {
    let mut strings: Vec<String> = PIECES.iter().map(|&piece| piece.to_owned()).collect();
    for first in PIECES {
        strings.extend(PIECES.iter().map(|second| format!("{first}{second}")));
    }
    for length in (126..131).chain(1010..1030).chain([5000]) {
        strings.extend(["k", " ", "é", "🙂", "\0", "a b", "a\n"].map(|unit| unit.repeat(length)));
        strings.push(format!("{}\nb", "k ".repeat(length)));
        strings.push(format!("{}\nb", "k".repeat(length)));
    }
    let mut seen = BTreeSet::new();
    strings.retain(|string| seen.insert(string.clone()));
    let mut dice = Dice(319);
    while strings.len() < STRINGS {
        let mut string = String::new();
        for _ in 0..=dice.below(6) {
            if dice.below(8) == 0 {
                string.push(dice.char());
            } else {
                string.push_str(PIECES[dice.below(PIECES.len())]);
            }
        }
        if seen.insert(string.clone()) {
            strings.push(string);
        }
    }
    strings
}

/// Maps whose keys are the strings; many, because a map of all would be searched from the front 50,000 times.
fn as_keys(strings: &[String]) -> Value {
    let map = |chunk: &[String]| chunk.iter().enumerate().map(|(n, key)| (key.clone(), json!(n))).collect();
    strings.chunks(200).map(|chunk| Value::Object(map(chunk))).collect()
}

/// Trees in which every string is a value and a key at several depths, next to everything that is not text.
fn as_trees(strings: &[String]) -> Value {
    let tree = |chunk: &[String]| {
        let mut tree = Value::Null;
        for (n, string) in chunk.iter().enumerate() {
            let mut map = Map::new();
            match n % 4 {
                0 => map.insert(string.clone(), json!([string, tree])),
                1 => map.insert(string.clone(), json!([tree, string, [], {}, [[string, 1.0]], true])),
                2 => map.insert(string.clone(), json!({"a": string, "b": [[tree]], "c": {}, string: n})),
                _ => map.insert(string.clone(), json!([[{"a": tree, string: [string]}], string])),
            };
            tree = Value::Object(map);
        }
        tree
    };
    strings.chunks(5).map(tree).collect()
}

fn node(json: &Value) -> Node {
    Node::from_json(json.clone(), Span::new(SourceId::MANIFEST, 0..0))
}

fn emit(json: &Value) -> String {
    yaml::document("Made for readers", &node(json))
}

/// The document as serde-saphyr reads it. Its budget guards against documents of strangers and is off. Its
/// frames are large without optimization: 200 levels do not fit the stack of a test's thread.
fn read(document: &str) -> Value {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, || {
            let options = serde_saphyr::options! { budget: None, with_snippet: false };
            serde_saphyr::from_str_with_options(document, options).unwrap()
        });
        reader.unwrap().join().unwrap()
    })
}

/// Compares as JSON text: there the order of keys counts, `1` is not `1.0`, and `0.0` is not `-0.0`.
fn assert_same(expected: &Value) {
    let document = emit(expected);
    assert_eq!(read(&document).to_string(), expected.to_string(), "{document}");
}

#[test]
fn fifty_thousand_strings_come_back_the_same_and_are_left_for_other_readers() {
    let strings = corpus();
    let deep =
        (0..200).fold(json!("x"), |tree, n| if n % 3 == 0 { json!([tree]) } else { json!({"on": tree}) });
    let integers =
        json!([i64::MIN, i64::MAX, 0, -1, 1, 12, 1000, 4_294_967_296_i64, 9_007_199_254_740_993_i64]);
    let documents = [
        ("values", json!({"values": &strings})),
        ("keys", json!({"keys": as_keys(&strings)})),
        ("trees", json!({"trees": as_trees(&strings)})),
        ("numbers", json!({"integers": integers, "floats": FLOATS})),
        ("deep", deep),
    ];
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("yaml-corpus");
    let emitted = documents.map(|(name, expected)| (name, emit(&expected), expected));
    for (name, document, expected) in &emitted {
        save(&directory, &format!("{name}.yaml"), document);
        save(&directory, &format!("{name}.json"), &expected.to_string());
    }
    for (name, document, expected) in emitted {
        let (found, expected) = (read(&document).to_string(), expected.to_string());
        assert!(found == expected, "{name} differ, see tests/readers/");
    }
}

#[expect(clippy::disallowed_methods, reason = "the corpus is for programs outside of this one")]
fn save(directory: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(directory).unwrap();
    std::fs::write(directory.join(name), text).unwrap();
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 1..7).prop_map(|pieces| pieces.concat())
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("JSON has no other numbers", |n| n.is_finite())
}

proptest! {
    // 256 times 200 strings; fresh ones in every run, unlike the corpus.
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_strings_come_back_the_same(strings in prop::collection::vec(hostile(), 200)) {
        assert_same(&json!({"values": &strings, "keys": as_keys(&strings), "trees": as_trees(&strings)}));
    }

    #[test]
    fn floats_come_back_the_same(floats in prop::collection::vec(finite(), 200)) {
        assert_same(&json!({"floats": floats}));
    }

    #[test]
    fn a_comment_never_leaks(comment in hostile()) {
        let document = yaml::document(&comment, &node(&json!({"a": 1})));
        prop_assert_eq!(document.matches('\n').count(), 2);
        prop_assert_eq!(read(&document), json!({"a": 1}));
    }
}
