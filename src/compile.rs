//! The sentence, said in one go: an input becomes a plan, and that objects, and those a tree.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, Reported};
use crate::dns::{self, Zone};
use crate::input::Input;
use crate::kit::Kits;
use crate::known::{Known, Origins};
use crate::lower::{self, Layer, Lowered, Placed};
use crate::plan::tenant::Organization;
use crate::plan::{self, Plan, Region};
use crate::read::{self, Reading};
use crate::render::{self, Tenants};
use crate::source::{Span, Spanned};
use crate::transition::{self, Consents, Places};
use crate::tree::{Tree, TreePath};
use crate::{check, parallel};

/// A tree with what the comparison of trees needs besides: objects with causes, consents, and why things are absent.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The tree.
    pub tree: Tree,
    /// Its objects.
    pub lowered: Lowered,
    /// What the manifest consents to.
    pub consents: Consents,
    /// The place that keeps a release out of a cluster, by cluster and release.
    pub absent: BTreeMap<(String, String), Span>,
    /// The line that chose the kit.
    pub kit: Spanned<String>,
    /// Where the manifest speaks of the domain and of each region.
    pub places: Places,
}

impl Compiled {
    /// What keeps an object out of a cluster: the list of regions, the line that switched a release off, or the line
    /// that chose the kit.
    pub fn cause_of_absence(&self, cluster: &str, (kind, name): (&str, &str)) -> Span {
        let shared = Layer::SovereignValues.directory();
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
    compile_but(Known::default(), (input, kits), diags).map(|(tree, _)| tree)
}

/// Compiles an input like [`compile`], but for the Organizations of which it is known what becomes of them: of their files
/// the tree has digests only. Gives what the tree follows from, for the next time.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile_but(
    mut known: Known,
    (input, kits): (&Input, &Kits),
    diags: &mut Diagnostics,
) -> Result<(Tree, Origins), Reported> {
    resolved((input, kits), diags, |plan, reading, diags| {
        let (mut standing, mut unknown) = (Vec::new(), Vec::new());
        for organization in organizations(plan) {
            match known.take(&reading.origins, organization.slug.value.as_str()) {
                Some(files) => standing.extend(files),
                None => unknown.push(organization),
            }
        }
        let zone = dns::zone(plan);
        let lowered = lowered((plan, &zone), &unknown, diags, |placed| render::file(&placed))?;
        let files = lowered.tenants.into_iter().flatten().chain(lowered.hosts).collect();
        let tree =
            render::render((plan, &zone), &lowered.platform, Tenants { files, standing }, reading.digest);
        Ok((tree, reading.origins.clone()))
    })
}

/// Compiles an input into its tree and what comparing trees needs.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile_whole(input: &Input, kits: &Kits, diags: &mut Diagnostics) -> Result<Compiled, Reported> {
    resolved((input, kits), diags, |plan, reading, diags| {
        let zone = dns::zone(plan);
        let (lowered, hosts) = whole((plan, &zone), diags)?;
        let tenants = Tenants { files: hosts, standing: Vec::new() };
        Ok(Compiled {
            tree: render::render((plan, &zone), &lowered, tenants, reading.digest),
            consents: Consents::of(plan),
            absent: transition::absences(plan),
            kit: Spanned::new(plan.kit.name.clone(), plan.kit_span),
            places: Places::of(plan),
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
    then: impl FnOnce(&Plan<'_>, Lowered) -> T,
) -> Result<T, Reported> {
    resolved((input, kits), diags, |plan, _, diags| {
        let (lowered, _) = whole((plan, &dns::zone(plan)), diags)?;
        Ok(then(plan, lowered))
    })
}

/// Compiles an input up to its plan, held against the rules, and gives it to `then` whatever they said.
fn resolved<T>(
    (input, kits): (&Input, &Kits),
    diags: &mut Diagnostics,
    then: impl FnOnce(&Plan<'_>, &Reading, &mut Diagnostics) -> Result<T, Reported>,
) -> Result<T, Reported> {
    let Some(reading) = read::read(input, diags) else {
        return Err(stopped(input, diags));
    };
    check::written(&reading.document, input, diags);
    let Some(kit) = check::unknown_kit::open(&reading.document, input, kits, diags) else {
        return Err(stopped(input, diags));
    };
    let Some(plan) = plan::resolve(&reading.document, &kit, diags) else {
        return Err(stopped(input, diags));
    };
    check::plan(&plan, diags);
    then(&plan, &reading, diags)
}

/// A Sovereign that goes has no objects.
fn organizations<'p, 'a>(plan: &'p Plan<'a>) -> &'p [Organization<'a>] {
    if plan.is_retired() { &[] } else { &plan.organizations }
}

/// What becomes of a plan.
struct Parts<T> {
    /// The objects of the platform.
    platform: Lowered,
    /// What was made of each object of an Organization, by region in tree order.
    tenants: Vec<Vec<T>>,
    /// What the hosts of Organizations answer with.
    hosts: Vec<(TreePath, String)>,
}

/// What becomes of one Organization.
struct Part<T> {
    found: Diagnostics,
    /// By region, the names of its objects, and what was made of each.
    regions: Vec<(Vec<check::Named>, Vec<T>)>,
    hosts: Vec<(String, String)>,
}

/// Lowers a plan but for other Organizations than these, and holds its objects against the rules. `make` takes each object
/// of an Organization, and every Organization is a piece of work by itself.
fn lowered<T: Send>(
    (plan, zone): (&Plan<'_>, &Zone),
    organizations: &[&Organization<'_>],
    diags: &mut Diagnostics,
    make: impl Fn(Placed) -> T + Sync,
) -> Result<Parts<T>, Reported> {
    let platform = lower::platform(plan);
    let (strict, hosts) = (diags.apart(), dns::Hosts::of(plan, zone));
    let parts = parallel::map(organizations, |organization| {
        let mut found = strict.clone();
        let of_region = |region: (usize, &Region<'_>)| {
            let objects = lower::tenants::lower(plan, region, organization);
            let names = check::placed(plan, Some(region.1), &objects, &mut found);
            (names, objects.into_iter().map(&make).collect::<Vec<T>>())
        };
        let regions = plan.regions.iter().enumerate().map(of_region).collect();
        Part { found, regions, hosts: hosts.files(organization) }
    });
    let mut names: Vec<Vec<check::Named>> = plan.regions.iter().map(|_| Vec::new()).collect();
    let mut tenants: Vec<Vec<T>> = plan.regions.iter().map(|_| Vec::new()).collect();
    let mut of_hosts = Vec::new();
    for part in parts {
        diags.take_in(part.found);
        for ((names, made), (more_names, more)) in names.iter_mut().zip(&mut tenants).zip(part.regions) {
            names.extend(more_names);
            made.extend(more);
        }
        of_hosts.extend(part.hosts.into_iter().filter_map(|(path, text)| Some((TreePath::new(path)?, text))));
    }
    check::objects(plan, &platform, names, diags);
    diags.verdict()?;
    Ok(Parts { platform, tenants, hosts: of_hosts })
}

/// Lowers a plan and holds its objects against the rules: gives all of them, and the files of Organizations' hosts.
fn whole(
    (plan, zone): (&Plan<'_>, &Zone),
    diags: &mut Diagnostics,
) -> Result<(Lowered, Vec<(TreePath, String)>), Reported> {
    let all: Vec<_> = organizations(plan).iter().collect();
    let Parts { mut platform, tenants, hosts } = lowered((plan, zone), &all, diags, |placed| placed)?;
    for (cluster, objects) in platform.clusters.iter_mut().zip(tenants) {
        cluster.objects.extend(objects);
    }
    Ok((platform, hosts))
}

/// The proof that a stage which gives nothing has reported why; a stage that has not is a bug of ours, reported
/// as one rather than hidden.
fn stopped(input: &Input, diags: &mut Diagnostics) -> Reported {
    if let Err(reported) = diags.verdict() {
        return reported;
    }
    let span = Span::new(input.manifest().id(), 0..0);
    let message = "the compiler stopped without a reason; this is a bug, please report it";
    diags.error(Diagnostic::new(Code::Syntax, span, message))
}
