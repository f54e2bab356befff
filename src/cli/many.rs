//! One command over many manifests: on all processors, in a stable order, with one summary and one exit code.
//!
//! A command is written for one manifest. Where several are meant, each runs into buffers of its own, and what it says is
//! handed over in the order of the manifests; what machines read becomes one document.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::args::Format;
use super::args::many::Manifests;
use super::progress::Progress;
use super::{Exit, Failure, Terminal};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::load;
use sovereign_store::manifests::{self, Found};
use sovereign_text::diag::{self, Compilation, Diagnostics, Severity, github, sarif};
use sovereign_text::parallel;

/// The version of the document that holds the answers for many manifests.
const VERSION: u32 = 1;

impl Manifests {
    /// Returns the manifests that are meant; `None` after saying why there are none.
    ///
    /// # Errors
    /// The words cannot be written.
    pub(super) fn find(&self, terminal: &mut Terminal<'_>) -> Result<Option<Found>, Failure> {
        let mut found = match manifests::find(&self.files) {
            Ok(found) => found,
            Err(error) => {
                writeln!(terminal.err, "error: {error}")?;
                return Ok(None);
            }
        };
        if let Some(part) = self.shard {
            found.files.retain(|file| part.holds(&load::from_root(&file.to_string_lossy())));
            found.is_one = false;
        }
        Ok(Some(found))
    }
}

/// How what a command gives for each manifest becomes one output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    /// One after the other: each says what it is about.
    Lines,
    /// One after the other, each below the name of its manifest.
    Titles,
    /// The same in Markdown.
    Markdown,
    /// One JSON document that holds the answers.
    Json,
}

/// A command over manifests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Many {
    pub(super) findings: Format,
    pub(super) join: Join,
    /// What the summary says of manifests for which the command ends with each exit code.
    pub(super) words: fn(Exit) -> &'static str,
    pub(super) quiet: bool,
}

impl Many {
    /// Runs a command for the manifests that are meant.
    ///
    /// # Errors
    /// There is one manifest, and the command fails; or the output cannot be written.
    pub(super) fn run(
        &self,
        manifests: &Manifests,
        terminal: &mut Terminal<'_>,
        one: impl Fn(&Path, &mut Terminal<'_>) -> Result<Exit, Failure> + Sync,
    ) -> Result<Exit, Failure> {
        match manifests.find(terminal)? {
            Some(found) => self.over(&found, terminal, one),
            None => Ok(Exit::Usage),
        }
    }

    /// Runs a command for these manifests.
    ///
    /// # Errors
    /// There is one manifest, and the command fails; or the output cannot be written.
    pub(super) fn over(
        &self,
        found: &Found,
        terminal: &mut Terminal<'_>,
        one: impl Fn(&Path, &mut Terminal<'_>) -> Result<Exit, Failure> + Sync,
    ) -> Result<Exit, Failure> {
        if let (true, [file]) = (found.is_one, found.files.as_slice()) {
            return one(file, terminal);
        }
        if self.join == Join::Json && matches!(self.findings, Format::Sarif | Format::Github) {
            let words = "the answers and the findings would be two documents on one output: print the findings as `json` or `human`";
            writeln!(terminal.err, "error: {words}")?;
            return Ok(Exit::Usage);
        }
        let (color, out_color, width, places) =
            (terminal.color, terminal.out_color, terminal.width, terminal.places);
        let kits = Arc::clone(&terminal.kits);
        let work = |file: &PathBuf| {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let among = Some(Among::new(self));
            let kits = Arc::clone(&kits);
            let mut apart = Terminal {
                out: &mut out,
                err: &mut err,
                color,
                out_color,
                width,
                places,
                kits,
                among,
                progress: Progress::default(),
            };
            let ended = one(file, &mut apart);
            let among = apart.among.take().unwrap_or_else(|| Among::new(self));
            let exit = ended.unwrap_or_else(|Failure::Environment(words)| {
                err.extend_from_slice(format!("error: {words}\n").as_bytes());
                Exit::Environment
            });
            Said { out, err, exit, among }
        };
        let mut whole = Whole { many: self, sum: Sum::default(), found: Vec::new(), kits: Arc::clone(&kits) };
        let mut outcome = whole.begin(terminal);
        terminal.progress.begin(found.files.len());
        parallel::each(&found.files, work, |file, said| {
            terminal.progress.one_more();
            if outcome.is_ok() {
                outcome = whole.take(file, said, terminal);
            }
        });
        outcome?;
        whole.end(terminal)
    }
}

/// Says which of these manifests give one tree: they would take it from each other. Returns whether there are some.
///
/// # Errors
/// The words cannot be written.
pub(super) fn refuse_twins(found: &Found, terminal: &mut Terminal<'_>) -> Result<bool, Failure> {
    let twins = if found.is_one { BTreeMap::new() } else { manifests::twins(&found.files) };
    for (root, files) in &twins {
        let names: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        writeln!(
            terminal.err,
            "error: {} give one tree, {root}: a Sovereign has one manifest",
            names.join(" and ")
        )?;
    }
    Ok(!twins.is_empty())
}

/// What differs for a command when its manifest is one of many.
#[derive(Debug)]
pub struct Among {
    findings: Format,
    /// Whether findings are part of a document.
    keeps: bool,
    found: Vec<(Diagnostics, Input)>,
    errors: usize,
    warnings: usize,
}

impl Among {
    fn new(many: &Many) -> Self {
        let keeps = match many.findings {
            Format::Sarif | Format::Github => true,
            Format::Json => many.join == Join::Json,
            Format::Human | Format::Short => false,
        };
        Self { findings: many.findings, keeps, found: Vec::new(), errors: 0, warnings: 0 }
    }

    /// Counts findings, and keeps them if they are to be part of one document. Returns whether they are.
    pub(super) fn keep(&mut self, diags: &Diagnostics, input: &Input, format: Format) -> bool {
        self.errors += diags.count(Severity::Error);
        self.warnings += diags.count(Severity::Warning);
        let keeps = self.keeps && format == self.findings;
        if keeps && diags.iter().next().is_some() {
            self.found.push((diags.clone(), input.clone()));
        }
        keeps
    }
}

/// What a command said of one manifest.
struct Said {
    out: Vec<u8>,
    err: Vec<u8>,
    exit: Exit,
    among: Among,
}

/// How many manifests ended how.
#[derive(Default)]
struct Sum {
    exits: BTreeMap<Exit, usize>,
    errors: usize,
    warnings: usize,
}

/// What comes together.
struct Whole<'a> {
    many: &'a Many,
    sum: Sum,
    found: Vec<(Diagnostics, Input)>,
    kits: Arc<Kits>,
}

impl Whole<'_> {
    fn begin(&self, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
        if self.many.join == Join::Json {
            write!(terminal.out, "{{\n\"version\": {VERSION},\n\"manifests\": [")?;
        }
        Ok(())
    }

    fn take(&mut self, file: &Path, said: Said, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
        let Said { out, err, exit, among } = said;
        let is_first = self.sum.exits.is_empty();
        *self.sum.exits.entry(exit).or_default() += 1;
        self.sum.errors += among.errors;
        self.sum.warnings += among.warnings;
        match self.many.join {
            Join::Json => {
                if !is_first {
                    terminal.out.write_all(b",")?;
                }
                self.answer(file, exit, &out, &among, terminal.out)?;
            }
            Join::Titles if !out.is_empty() => writeln!(terminal.out, "{}:", file.display())?,
            Join::Markdown if !out.is_empty() => writeln!(terminal.out, "## `{}`\n", file.display())?,
            Join::Titles | Join::Markdown | Join::Lines => {}
        }
        if self.many.join != Join::Json {
            terminal.out.write_all(&out)?;
            if self.many.findings != Format::Json {
                self.found.extend(among.found);
            }
        }
        terminal.err.write_all(&err)?;
        Ok(())
    }

    /// Writes one member of the document.
    fn answer(
        &self,
        file: &Path,
        exit: Exit,
        out: &[u8],
        among: &Among,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        write!(to, "\n{{\"file\": {}, \"exit\": {}, ", json!(file.to_string_lossy()), exit.code())?;
        if self.many.findings == Format::Json {
            let lines: Vec<_> = among
                .found
                .iter()
                .map(|(diags, input)| diag::json::render(diags, &SourceMap { input, kits: &self.kits }))
                .collect();
            let lines = lines.concat();
            write!(to, "\"findings\": [{}], ", lines.lines().collect::<Vec<_>>().join(", "))?;
        }
        to.write_all(b"\"answer\": ")?;
        to.write_all(if out.is_empty() { b"null" } else { out.trim_ascii_end() })?;
        to.write_all(b"}")
    }

    fn end(self, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
        if self.many.join == Join::Json {
            terminal.out.write_all(b"\n]\n}\n")?;
        }
        let maps: Vec<_> =
            self.found.iter().map(|(_, input)| SourceMap { input, kits: &self.kits }).collect();
        let found: Vec<_> = self
            .found
            .iter()
            .zip(&maps)
            .map(|((diags, _), sources)| Compilation { diags, sources })
            .collect();
        match self.many.findings {
            Format::Sarif => terminal.out.write_all(sarif::render_all(&found).as_bytes())?,
            Format::Github => {
                let text = github::render_all(&found, &load::from_root);
                terminal.out.write_all(text.as_bytes())?;
            }
            Format::Human | Format::Short | Format::Json => {}
        }
        let worst = self.sum.exits.keys().next_back().copied().unwrap_or(Exit::Done);
        if !self.many.quiet || worst != Exit::Done {
            writeln!(terminal.err, "{}", self.sum.words(self.many.words))?;
        }
        Ok(worst)
    }
}

impl Sum {
    /// Returns it in one line: `3 manifests: 2 right, 1 with errors; 1 error, 4 warnings`.
    fn words(&self, of: fn(Exit) -> &'static str) -> String {
        let count = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
        let mut words = count(self.exits.values().sum(), "manifest");
        for (at, (exit, n)) in self.exits.iter().enumerate() {
            // Writing to a string cannot fail, here and below.
            let _ = write!(words, "{} {n} {}", if at == 0 { ":" } else { "," }, of(*exit));
        }
        if self.errors + self.warnings > 0 {
            let _ = write!(words, "; {}, {}", count(self.errors, "error"), count(self.warnings, "warning"));
        }
        words
    }
}
