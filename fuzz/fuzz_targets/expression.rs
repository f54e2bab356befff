//! Any text as an expression of a blueprint: no panic, an end within the bounds, and a value exactly where no error was
//! reported and nothing was left out.
//!
//! `cargo fuzz run expression -- -only_ascii=1 -max_len=1000 -timeout=1 -rss_limit_mb=512`
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use sovereign_language::expression::{Expressions, Scope, Work};
use sovereign_text::diag::Diagnostics;
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{SourceId, Span};

/// What the expressions of one blueprint may make, and the texts between them.
const MOST: usize = (1 << 20) + 1000;

fuzz_target!(|text: &str| {
    let cause = Span::new(SourceId::MANIFEST, 0..0);
    let values = Node::new(Map::of_unique([("value", Node::new(text.to_owned(), cause))]), cause);
    let facts = json!({
        "fqdn": "a.b", "null": null, "identity": { "shared": true }, "tls": { "acme": false }, "region_names": ["hel1", "nbg1"],
        "regions": [{ "name": "hel1" }, { "name": "nbg1" }],
        "region": { "name": "hel1", "mesh_id": 7, "peers": [], "observed": { "deployment_id": "0123" } },
    });
    let scope = Scope::new(facts, vec!["region.observed.load_balancer_address".to_owned()]);
    let (mut work, mut diags) = (Work::default(), Diagnostics::new());
    let found = Expressions::compile([&values], &[], &mut diags).evaluate(&values, &scope, &mut work, &mut diags);
    let value = found.at(&["value"]);
    let has_none = diags.verdict().is_err() || !work.left_out().is_empty();
    assert_eq!(value.is_none(), has_none, "{value:?}");
    assert!(diags.sorted().len() <= 1, "one string, one finding");
    assert!(value.is_none_or(|value| value.to_json().to_string().len() <= 6 * MOST), "too large");
});
