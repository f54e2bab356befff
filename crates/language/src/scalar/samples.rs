//! The proof that a grammar and its JSON Schema are the same: samples, and everything one edit away from them.

use super::Scalar;

/// Characters that turn one grammar into another.
const EDITS: &str = "a0Z9-._/:@ ~\\[]{}$^=+%#?*x\n\té\u{a0}\u{2028}\u{1F600}";
/// Longer samples are only used as they are.
const LONGEST_EDITED: usize = 110;

/// The grammar accepts and refuses these; its schema accepts exactly what the grammar does.
pub(crate) fn agree<T: Scalar>(accepted: &[&str], refused: &[&str]) {
    prove::<T>(accepted, refused, &[]);
}

/// Like [`agree`], but the schema is wider: it accepts `wider`, which the grammar refuses.
pub(crate) fn within<T: Scalar>(accepted: &[&str], refused: &[&str], wider: &[&str]) {
    assert!(!wider.is_empty(), "use `agree`");
    prove::<T>(accepted, refused, wider);
}

fn prove<T: Scalar>(accepted: &[&str], refused: &[&str], wider: &[&str]) {
    let schema = jsonschema::draft7::new(&T::schema()).expect("the schema is a schema");
    let fits = |text: &str| schema.is_valid(&serde_json::Value::from(text));
    assert!(!schema.is_valid(&serde_json::json!(1)), "only strings");
    for text in accepted.iter().chain([&T::EXAMPLE]) {
        assert!(T::parse(text).is_ok(), "{text:?} is {}: {:?}", T::NAME, T::parse(text).err());
        assert!(fits(text), "{text:?} is {} for the schema too", T::NAME);
    }
    for text in refused.iter().chain(wider) {
        let bad = T::parse(text).err().unwrap_or_else(|| panic!("{text:?} is not {}", T::NAME));
        assert_eq!(fits(text), wider.contains(text), "{text:?} is {} for the schema", T::NAME);
        if let Some(at) = &bad.at {
            assert!(text.get(at.clone()).is_some(), "{at:?} lies in {text:?}");
        }
        if let Some(meant) = &bad.meant {
            assert!(T::parse(meant).is_ok(), "{meant:?} is {}", T::NAME);
        }
    }
    let short = |text: &&&str| text.len() <= LONGEST_EDITED;
    for text in accepted.iter().chain(refused).chain([&T::EXAMPLE]).filter(short) {
        for edited in edits(text) {
            let (parsed, fitting) = (T::parse(&edited).is_ok(), fits(&edited));
            let same = if wider.is_empty() { parsed == fitting } else { fitting || !parsed };
            assert!(same, "{edited:?} as {}: grammar {parsed}, schema {fitting}", T::NAME);
        }
    }
}

/// Returns every text that is one character away.
fn edits(text: &str) -> Vec<String> {
    let ends = text.char_indices().map(|(n, c)| (n, n + c.len_utf8())).chain([(text.len(), text.len())]);
    let mut edited = Vec::new();
    for (start, end) in ends {
        edited.push([&text[..start], &text[end..]].concat());
        for c in EDITS.chars() {
            edited.push(format!("{}{c}{}", &text[..start], &text[end..]));
            edited.push(format!("{}{c}{}", &text[..start], &text[start..]));
        }
    }
    edited
}

/// Returns the characters that are wrong, and what was meant.
pub(crate) fn fault<T: Scalar + std::fmt::Debug>(text: &str) -> (&str, Option<String>) {
    let bad = T::parse(text).expect_err("a text that is wrong");
    (&text[bad.at.unwrap_or(0..text.len())], bad.meant)
}
