//! Sources and findings for the tests of the renderers.

use super::{Code, Diagnostic, Diagnostics, Sources};
use crate::source::{Source, SourceId, Span};

/// A few named texts; the first one is the manifest.
pub(crate) struct Texts(Vec<Source>);

impl Texts {
    /// Takes names and texts.
    pub(crate) fn new(texts: &[(&str, &str)]) -> Self {
        let id = |n: usize| n.checked_sub(1).map_or(SourceId::MANIFEST, SourceId::of_input);
        let source = |(n, (name, text)): (usize, &(&str, &str))| {
            Source::from_text(id(n), (*name).to_owned(), (*text).to_owned())
        };
        Self(texts.iter().enumerate().map(source).collect())
    }

    /// Returns the last place of `needle` in the `n`-th text.
    pub(crate) fn last(&self, n: usize, needle: &str) -> Span {
        let start = self.0[n].text().rfind(needle).expect("the sample holds the needle");
        Span::new(self.0[n].id(), start..start + needle.len())
    }

    /// Returns the first place of `needle` in the `n`-th text.
    pub(crate) fn first(&self, n: usize, needle: &str) -> Span {
        let start = self.0[n].text().find(needle).expect("the sample holds the needle");
        Span::new(self.0[n].id(), start..start + needle.len())
    }
}

impl Sources for Texts {
    fn source(&self, id: SourceId) -> &Source {
        self.0.iter().find(|source| source.id() == id).expect("the sample has this source")
    }
}

/// Returns two errors and a warning over two sources: CRLF, text that is not ASCII, an edit, a file that is empty.
pub(crate) fn mixed() -> (Texts, Diagnostics) {
    let texts = Texts::new(&[
        ("sovereign.toml", "# Größe\r\nname = \"ä\"\r\nlist = [\"é\", \"harbour\"]\r\nname = \"ä\"\r\n"),
        ("blue prints/empty.toml", ""),
    ]);
    let mut diags = Diagnostics::new();
    let harbour = texts.first(0, "\"harbour\"");
    diags.push(
        Diagnostic::new(Code::UnknownBlueprint, harbour, "unknown blueprint `harbour`")
            .label("not in the kit")
            .fix("a blueprint with a similar name exists", harbour, "\"harbor\""),
    );
    diags.push(
        Diagnostic::new(Code::DuplicateName, texts.last(0, "\"ä\""), "name `ä` is declared twice")
            .label("declared again here")
            .related(texts.first(0, "\"ä\""), "first declared here")
            .related(Span::new(SourceId::of_input(0), 0..0), "and never here")
            .note("a name becomes a directory, so: 100 % unique")
            .help("rename one of them"),
    );
    let empty = Span::new(SourceId::of_input(0), 0..0);
    diags.push(Diagnostic::new(Code::MissingObservedFact, empty, "nothing is known"));
    (texts, diags)
}
