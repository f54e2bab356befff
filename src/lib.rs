//! The Sovereign compiler: one typed `sovereign.toml` in, the complete Flux tree of an OpenOva Sovereign out.
//!
//! # The sentence
//!
//! A **source** is decoded into a **manifest**, resolved against a **kit** into a **plan**, **checked**,
//! **lowered** to Kubernetes **objects**, rendered as **YAML** into a **tree**, and the tree is **compared**,
//! **written** or **committed**. The modules are the words of that sentence, and one data type leaves each stage:
//!
//! | stage | takes | gives | promise |
//! |---|---|---|---|
//! | [`Input::gather`] | texts | [`Input`] | valid UTF-8 with line tables and ids |
//! | [`read::read`] | [`Input`] | [`manifest::Document`] | every text is parsed once; every value follows its grammar and knows its span |
//! | [`Kits::open`] | name, further blueprints | [`kit::Kit`] | blueprints whose required keys are all there |
//! | [`plan::resolve`] | document, kit | [`plan::Plan`] | defaults filled, names derived, networks allocated, releases placed |
//! | [`check::plan`], [`check::objects`] | plan, objects | diagnostics | every rule has had its say |
//! | [`lower::platform`], [`lower::tenants`] | plan | [`lower::Lowered`] | typed objects with places; cannot fail |
//! | [`dns::zone`] | plan | [`dns::Zone`] | one answer and one writer for a name; cannot fail |
//! | [`render::render`] | objects | [`tree::Tree`] | safe paths to bytes, sorted, locked |
//! | [`artifacts::of`], [`secrets::of`] | plan, objects | lists | what the tree needs and does not hold |
//! | [`diff::diff`] | old snapshot, compiled tree | [`diff::Diff`] | every change of a file, an object, a cluster |
//! | [`transition::judge`] | two trees | diff, diagnostics | what the step may not do without consent |
//! | [`write::apply`] | tree | [`write::Applied`] | the directory is the old tree or the new one |
//! | [`simulate::Simulation`] | plan, lost regions | [`simulate::Outcome`] | what a loss comes to, from the plan alone |
//! | [`publish::publish`] | repository, manifests | [`publish::Outcome`] | one commit or none, only our paths, the branch moved by compare-and-swap |
//!
//! # Invariants
//!
//! - Nothing that [`compile`] calls reads the file system, the environment or the clock.
//! - No map with a random order exists in this crate; the same input gives the same bytes on every machine, in
//!   any order of tables and keys.
//! - Every value carries the [`source::Span`] that caused it, in the manifest or in a kit entry. It is copied and
//!   never looked up while compiling.
//! - [`diag::Reported`] can only be had by reporting an error, so nothing fails in silence.
//! - A [`tree::TreePath`] cannot leave the tree. A secret has no place in the language.
//! - A user's `values` are never a template. Expressions stand in blueprints only, and only in a language without
//!   statements and functions.
//! - YAML is written by [`yaml`] alone. Only [`diff`] reads it, and only the files of an old tree that change.
//! - A region's directory speaks of that region only: what speaks of all regions stands beside them.

pub mod artifacts;
pub mod check;
pub mod cli;
pub mod diag;
pub mod diff;
pub mod dns;
pub mod expression;
pub mod git;
pub mod grammar;
pub mod host;
pub mod image;
pub mod input;
pub mod kit;
pub mod knowledge;
pub mod load;
pub mod lower;
pub mod manifest;
pub mod node;
pub mod object;
pub mod parallel;
pub mod plan;
pub mod probes;
pub mod prose;
pub mod provision;
pub mod publish;
pub mod read;
pub mod reference;
pub mod render;
pub mod rollout;
pub mod secrets;
pub mod shape;
pub mod simulate;
pub mod snapshot;
pub mod source;
pub mod transition;
pub mod tree;
pub mod write;
pub mod yaml;

use std::collections::BTreeMap;

pub use diag::{Diagnostics, Reported};
pub use input::{Input, SourceMap};
pub use kit::Kits;
pub use tree::Tree;

/// A tree with what the comparison of trees needs besides: objects with causes, consents, and why things are absent.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The tree.
    pub tree: Tree,
    /// Its objects.
    pub lowered: lower::Lowered,
    /// What the manifest consents to.
    pub consents: transition::Consents,
    /// The place that keeps a release out of a cluster, by cluster and release.
    pub absent: BTreeMap<(String, String), source::Span>,
    /// The line that chose the kit.
    pub kit: source::Spanned<String>,
    /// Where the manifest speaks of the domain and of each region.
    pub places: transition::Places,
}

impl Compiled {
    /// What keeps an object out of a cluster: the list of regions, the line that switched a release off, or the line
    /// that chose the kit.
    pub fn cause_of_absence(&self, cluster: &str, (kind, name): (&str, &str)) -> source::Span {
        let shared = lower::Layer::SovereignValues.directory();
        if cluster != shared && !self.places.region.contains_key(cluster) {
            return self.places.regions;
        }
        let is_release = matches!(kind, "HelmRelease" | "HelmRepository");
        let absent = self.absent.get(&(cluster.to_owned(), name.to_owned())).filter(|_| is_release);
        absent.copied().filter(|span| span.source.is_input()).unwrap_or(self.kit.span)
    }
}

/// Compiles an input into its tree. All mistakes are reported, not only the first; warnings do not stop it. The objects
/// of an Organization are dropped as soon as they are text: a fleet of them never stands in memory at once.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile(input: &Input, kits: &Kits, diags: &mut Diagnostics) -> Result<Tree, Reported> {
    resolved(input, kits, diags, |plan, digest, diags| {
        let (platform, tenants) = lowered(plan, diags, |placed| render::file(&placed))?;
        Ok(render::render(plan, &platform, tenants.into_iter().flatten().collect(), digest))
    })
}

/// Compiles an input into its tree and what comparing trees needs.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile_whole(input: &Input, kits: &Kits, diags: &mut Diagnostics) -> Result<Compiled, Reported> {
    resolved(input, kits, diags, |plan, digest, diags| {
        let lowered = whole(plan, diags)?;
        Ok(Compiled {
            tree: render::render(plan, &lowered, Vec::new(), digest),
            consents: transition::Consents::of(plan),
            absent: transition::absences(plan),
            kit: source::Spanned::new(plan.kit.name.clone(), plan.kit_span),
            places: transition::Places::of(plan),
            lowered,
        })
    })
}

/// Compiles an input up to its objects, and gives the plan and them to `then` if nothing is wrong with either. The plan
/// borrows from what is decoded here, so it does not leave.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn with_plan<T>(
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
    then: impl FnOnce(&plan::Plan<'_>, lower::Lowered) -> T,
) -> Result<T, Reported> {
    resolved(input, kits, diags, |plan, _, diags| Ok(then(plan, whole(plan, diags)?)))
}

/// Lowers a plan and holds its objects against the rules: gives those of the platform and of every Organization.
fn whole(plan: &plan::Plan<'_>, diags: &mut Diagnostics) -> Result<lower::Lowered, Reported> {
    let (mut whole, tenants) = lowered(plan, diags, |placed| placed)?;
    for (cluster, objects) in whole.clusters.iter_mut().zip(tenants) {
        cluster.objects.extend(objects);
    }
    Ok(whole)
}

/// Compiles an input up to its plan, held against the rules, and gives it to `then` whatever they said, with the digest
/// of the input.
fn resolved<T>(
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
    then: impl FnOnce(&plan::Plan<'_>, tree::Digest, &mut Diagnostics) -> Result<T, Reported>,
) -> Result<T, Reported> {
    let Some(read::Reading { document, digest }) = read::read(input, diags) else {
        return Err(stopped(input, diags));
    };
    check::written(&document, input, diags);
    let Some(kit) = check::unknown_kit::open(&document, input, kits, diags) else {
        return Err(stopped(input, diags));
    };
    let Some(plan) = plan::resolve(&document, &kit, diags) else {
        return Err(stopped(input, diags));
    };
    check::plan(&plan, diags);
    then(&plan, digest, diags)
}

/// Lowers a plan and holds its objects against the rules: gives those of the platform, and what `make` makes of each
/// object of an Organization, by region in tree order. Every Organization is a piece of work by itself.
fn lowered<T: Send>(
    plan: &plan::Plan<'_>,
    diags: &mut Diagnostics,
    make: impl Fn(lower::Placed) -> T + Sync,
) -> Result<(lower::Lowered, Vec<Vec<T>>), Reported> {
    let platform = lower::platform(plan);
    let strict = diags.apart();
    // A Sovereign that goes has no objects.
    let organizations = if plan.is_retired() { &[] } else { plan.organizations.as_slice() };
    let pieces = parallel::map(organizations, |organization| {
        let mut found = strict.clone();
        let of_region = |region: (usize, &plan::Region<'_>)| {
            let objects = lower::tenants::lower(plan, region, organization);
            let names = check::placed(plan, Some(region.1), &objects, &mut found);
            (names, objects.into_iter().map(&make).collect::<Vec<T>>())
        };
        let regions: Vec<_> = plan.regions.iter().enumerate().map(of_region).collect();
        (found, regions)
    });
    let mut names: Vec<Vec<check::Named>> = plan.regions.iter().map(|_| Vec::new()).collect();
    let mut results: Vec<Vec<T>> = plan.regions.iter().map(|_| Vec::new()).collect();
    for (found, regions) in pieces {
        diags.take_in(found);
        for ((names, results), (more_names, more)) in names.iter_mut().zip(&mut results).zip(regions) {
            names.extend(more_names);
            results.extend(more);
        }
    }
    check::objects(plan, &platform, names, diags);
    diags.verdict()?;
    Ok((platform, results))
}

/// The proof that a stage which gives nothing has reported why; a stage that has not is a bug of ours, reported
/// as one rather than hidden.
fn stopped(input: &Input, diags: &mut Diagnostics) -> Reported {
    if let Err(reported) = diags.verdict() {
        return reported;
    }
    let span = source::Span::new(input.manifest().id(), 0..0);
    let message = "the compiler stopped without a reason; this is a bug, please report it";
    diags.error(diag::Diagnostic::new(diag::Code::Syntax, span, message))
}
