//! Any bytes as a manifest: no panic, a tree exactly where no error was reported, every span inside its source.
//!
//! `cargo fuzz run compile fuzz/corpus/compile examples src/cli/init`: the examples are the seeds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovereign_text::diag::{Diagnostics, Sources};
use sovereign_text::source::Source;
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_compile::compile;

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = Source::manifest("sovereign.toml", bytes.to_vec()) else { return };
    let (input, kits) = (Input::new(source), Kits::embedded());
    let mut diags = Diagnostics::new();
    let result = compile(&input, &kits, &mut diags);
    assert_eq!(result.is_err(), diags.verdict().is_err());
    let sources = SourceMap { input: &input, kits: &kits };
    for finding in diags.sorted() {
        let edits = finding.help.iter().filter_map(|help| Some(help.edit.as_ref()?.span));
        let labels = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span);
        for span in labels.chain(edits) {
            let source = sources.source(span.source);
            assert!(source.id() == span.source && source.text().get(span.range()).is_some(), "{finding:?}");
        }
    }
    let style = sovereign_text::diag::human::Style { color: false, width: 100 };
    sovereign_text::diag::human::render(&diags, &sources, style);
});
