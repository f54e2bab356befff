//! Any text as a value and as a key: what is written is read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sovereign_text::node::Node;
use sovereign_text::source::{SourceId, Span};
use sovereign_text::yaml;

fuzz_target!(|text: &str| {
    let mut meant = json!({ "value": text, "list": [text, [text]] });
    meant[text] = json!({ text: text });
    let node = Node::from_json(meant.clone(), Span::new(SourceId::MANIFEST, 0..0));
    let document = yaml::document(text, &node);
    let options = serde_saphyr::options! { budget: None, with_snippet: false };
    let read: Value = serde_saphyr::from_str_with_options(&document, options).expect("YAML");
    assert_eq!(read.to_string(), meant.to_string(), "{document}");
});
