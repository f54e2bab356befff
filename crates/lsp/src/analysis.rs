//! What the compiler says of a manifest, kept for whoever asks until the next compilation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostics::Found;
use sovereign_compile::lower::Lowered;
use sovereign_compile::plan::Plan;
use sovereign_compile::provenance::{Provenance, Unwritten};
use sovereign_language::input::{Holds, Input, SourceMap};
use sovereign_language::kit::{Kit, Kits};
use sovereign_text::diag::Sources as _;
use sovereign_text::source::{Source, Span};

/// What the compiler says of a manifest and the files beside it.
#[derive(Clone, Debug)]
pub(crate) struct Analysis {
    /// Which run of the compiler it is of.
    pub(crate) serial: u64,
    /// The manifest.
    pub(crate) manifest: PathBuf,
    /// The texts.
    pub(crate) input: Arc<Input>,
    /// What was found, by file.
    pub(crate) found: BTreeMap<PathBuf, Vec<Found>>,
    /// What it means; of the last texts that meant something.
    pub(crate) meaning: Option<Arc<Meaning>>,
}

/// What a manifest means that has no errors.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meaning {
    /// Where the tree stands in a repository.
    pub(crate) root: String,
    /// What nobody wrote.
    pub(crate) defaults: Vec<Unwritten>,
    /// The blueprints of its kit.
    pub(crate) blueprints: Vec<BlueprintFacts>,
    /// The files of the tree.
    pub(crate) files: Vec<String>,
    /// What follows from each key, by the name of the source and then by that of the key.
    pub(crate) follows: BTreeMap<String, BTreeMap<String, Follows>>,
}

/// A field of a file of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Emitted {
    /// The place of the file among all.
    pub(crate) file: usize,
    /// The line, from 1.
    pub(crate) line: usize,
    pub(crate) field: String,
    pub(crate) value: String,
}

/// What follows from a key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follows {
    /// Some of the fields.
    pub(crate) fields: Vec<Emitted>,
    /// How many there are.
    pub(crate) count: usize,
    /// Their files, and those that are there because of the key.
    pub(crate) files: BTreeSet<usize>,
}

/// A blueprint, and what becomes of it.
#[derive(Clone, Debug)]
pub(crate) struct BlueprintFacts {
    /// Its name, without `bp-`.
    pub(crate) name: String,
    /// Its chart, and the version that the kit has.
    pub(crate) chart: String,
    pub(crate) version: String,
    /// The file of its entry and the place in it, where that is a file of one's own.
    pub(crate) entry: Option<(PathBuf, Span)>,
    /// By region, whether it runs and why.
    pub(crate) regions: Vec<(String, bool, String)>,
}

/// As many fields are kept of what follows from a key: more are counted.
const MOST_FIELDS: usize = 6;

impl Analysis {
    /// Returns the text of a file that the compiler has read.
    pub(crate) fn source(&self, path: &Path) -> Option<&Source> {
        let further = self.input.further().map(|file| file.source);
        std::iter::once(self.input.manifest()).chain(further).find(|source| Path::new(source.name()) == path)
    }

    /// Returns what a file beside the manifest holds.
    pub(crate) fn holds(&self, path: &Path) -> Option<Holds> {
        self.input.further().find(|file| Path::new(file.source.name()) == path).map(|file| file.holds)
    }
}

impl Meaning {
    /// Takes a plan with its objects.
    pub(crate) fn new(plan: &Plan<'_>, lowered: &Lowered, sources: SourceMap<'_>) -> Self {
        let provenance = Provenance::new(plan, lowered, sources);
        let mut meaning = Self {
            root: provenance.root(),
            defaults: provenance.defaults.clone(),
            blueprints: blueprints(plan.kit, |span| input_file(sources, span)),
            ..Self::default()
        };
        for facts in &mut meaning.blueprints {
            let placed = provenance.placement(&format!("bp-{}", facts.name), None);
            let regions = placed.into_iter().flat_map(|placement| placement.regions);
            facts.regions = regions.map(|region| (region.region, region.runs, region.reason)).collect();
        }
        meaning.follow(&provenance);
        meaning
    }

    fn follow(&mut self, provenance: &Provenance<'_>) {
        // A place is the cause of many fields, and its key takes a search.
        let mut keys: BTreeMap<Span, Option<(String, String)>> = BTreeMap::new();
        let mut key = |span: Span| {
            let cause = || {
                let cause = span.source.is_input().then(|| provenance.causes.cause(span, ""))?;
                Some((cause.source, cause.key?))
            };
            keys.entry(span).or_insert_with(cause).clone()
        };
        for (path, file) in provenance.files() {
            let number = self.files.len();
            self.files.push(path);
            for span in file.because.into_iter().chain([file.cause]) {
                if let Some((source, key)) = key(span) {
                    self.follows.entry(source).or_default().entry(key).or_default().files.insert(number);
                }
            }
            for field in provenance.fields(&file) {
                for span in field.places() {
                    let Some((source, key)) = key(span) else { continue };
                    let follows = self.follows.entry(source).or_default().entry(key).or_default();
                    follows.count += 1;
                    follows.files.insert(number);
                    if follows.fields.len() < MOST_FIELDS {
                        let (line, field, value) = (field.line, field.path.clone(), field.value.clone());
                        follows.fields.push(Emitted { file: number, line, field, value });
                    }
                }
            }
        }
    }

    /// Returns what follows from a key of a source and from those below it.
    pub(crate) fn below(&self, source: &str, key: &str) -> Follows {
        let mut all = Follows::default();
        let keys = self.follows.get(source).into_iter().flat_map(|keys| keys.range(key.to_owned()..));
        for (name, follows) in keys.take_while(|(name, _)| name.starts_with(key)) {
            let rest = name.get(key.len()..).unwrap_or_default();
            if rest.is_empty() || rest.starts_with(['.', '[']) {
                all.count += follows.count;
                all.files.extend(&follows.files);
                let room = MOST_FIELDS.saturating_sub(all.fields.len());
                all.fields.extend(follows.fields.iter().take(room).cloned());
            }
        }
        all
    }
}

/// Returns what is known of the blueprints of a kit.
pub(crate) fn blueprints(kit: &Kit, file: impl Fn(Span) -> Option<PathBuf>) -> Vec<BlueprintFacts> {
    let facts = kit.blueprints.iter().map(|blueprint| {
        let name = blueprint.name.value.as_str();
        BlueprintFacts {
            name: name.strip_prefix("bp-").unwrap_or(name).to_owned(),
            chart: blueprint.chart.value.to_string(),
            version: blueprint.version.value.to_string(),
            entry: file(blueprint.name.span).map(|path| (path, blueprint.name.span)),
            regions: Vec::new(),
        }
    });
    facts.collect()
}

/// Returns the blueprints of an embedded kit: what can be said of a manifest that has never been right.
pub(crate) fn of_embedded(kits: &Kits, named: Option<&str>) -> Vec<BlueprintFacts> {
    let known = named.filter(|named| kits.names().any(|kit| kit == *named));
    let name = known.or_else(|| kits.names().last()).unwrap_or_default();
    let kit = kits.open(name, &[], &mut sovereign_text::diag::Diagnostics::new());
    kit.map(|kit| blueprints(&kit, |_| None)).unwrap_or_default()
}

fn input_file(sources: SourceMap<'_>, span: Span) -> Option<PathBuf> {
    span.source.is_input().then(|| PathBuf::from(sources.source(span.source).name()))
}
