//! The sentence, said in one go: an input becomes a plan, and that objects, and those a tree.

mod examine;

pub use examine::examine;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::build_cache::{OrganizationFile, Origins, Partial, Standing, ValidCache};
use crate::consequences;
use crate::dns::{self, Zone};
use crate::lower::{self, Layer, Lowered, Placed};
use crate::plan::places::{Places, absences};
use crate::plan::tenant::Organization;
use crate::plan::{self, Consents, Given, Plan, Region, TenantSummary};
use crate::provision::{self, ToldFile};
use crate::read::{self, Reading};
use crate::tree::{Tree, TreePath};
use crate::written::Written;
use crate::{check, render};
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, Reported};
use sovereign_text::parallel;
use sovereign_text::source::{SourceId, Span, Spanned};

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
    /// What in the input gave values of the kit.
    pub given: Given,
    /// What modules are told.
    pub told: Vec<ToldFile>,
    /// The paths of what is written.
    pub written: Written,
}

impl Compiled {
    /// Returns what keeps an object out of a cluster: the list of regions, the line that switched a release off, or the line
    /// that chose the kit.
    pub fn cause_of_absence(&self, cluster: &str, kind: &str, name: &str) -> Span {
        if !Layer::is_shared_directory(cluster) && !self.places.region.contains_key(cluster) {
            return self.places.regions;
        }
        let is_release = matches!(kind, "HelmRelease" | "HelmRepository");
        let absent = self.absent.get(&(cluster.to_owned(), name.to_owned())).filter(|_| is_release);
        let table = || self.places.kind.get(kind).copied();
        absent.copied().filter(|span| span.source.is_input()).or_else(table).unwrap_or(self.kit.span)
    }
}

/// Compiles an input into its tree. All mistakes are reported, not only the first; warnings do not stop it. The objects
/// of an Organization are dropped as soon as they are text: a fleet of them never stands in memory at once.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile(input: &Input, kits: &Kits, diags: &mut Diagnostics) -> Result<Tree, Reported> {
    resolved(input, kits, None, diags, |plan, reading, diags| {
        let zone = dns::zone(plan);
        let (platform, tenants) = texts(plan, &zone, &organizations(plan), diags)?;
        Ok(render::render(plan, &zone, &platform, tenants, reading.digest))
    })
}

/// Where the files of a tree are, without their texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Where the tree lives in a repository: `clusters/<fqdn>`.
    pub root: TreePath,
    /// The paths of its files, below the root.
    pub paths: BTreeSet<TreePath>,
}

/// Holds an input against every rule, like [`compile`], and writes no text.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn outline(input: &Input, kits: &Kits, diags: &mut Diagnostics) -> Result<Outline, Reported> {
    resolved(input, kits, None, diags, |plan, _, diags| {
        let zone = dns::zone(plan);
        let parts = lowered(plan, &zone, &organizations(plan), diags, |placed| placed.path)?;
        let hosts = parts.hosts.into_iter().map(|(path, _)| path);
        let tenants = parts.tenants.into_iter().flatten().chain(hosts).collect();
        Ok(Outline { root: render::root(plan), paths: render::paths(plan, &zone, &parts.platform, tenants) })
    })
}

/// Compiles an input like [`compile`], but for the Organizations that are settled. Gives what the tree follows from, for the
/// next time.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile_incremental<'m>(
    known: Option<&ValidCache<'m>>,
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
) -> Result<(Partial<'m>, Origins<'m>), Reported> {
    knowing(known, diags, |known, diags| partly(known, input, kits, diags))
}

/// Compiles with what is known, and once more without if something is wrong: that may be wrong with a settled Organization
/// too, and is said of all of them.
fn knowing<'m, T>(
    known: Option<&ValidCache<'m>>,
    diags: &mut Diagnostics,
    compile: impl Fn(Option<&ValidCache<'m>>, &mut Diagnostics) -> Result<T, Reported>,
) -> Result<T, Reported> {
    if known.is_some() {
        let mut found = diags.apart();
        if let Ok(compiled) = compile(known, &mut found) {
            diags.take_in(found);
            return Ok(compiled);
        }
    }
    compile(None, diags)
}

fn partly<'m>(
    known: Option<&ValidCache<'m>>,
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
) -> Result<(Partial<'m>, Origins<'m>), Reported> {
    resolved(input, kits, known, diags, |plan, reading, diags| {
        let zone = dns::zone(plan);
        let (platform, tenants) = texts(plan, &zone, &organizations(plan), diags)?;
        let paths = tenants.iter().map(|(path, _)| path);
        let standing = known.map(|known| standing(known, plan, reading, paths)).unwrap_or_default();
        let texts = render::texts(plan, &zone, &platform, tenants, &standing);
        let origin = render::origin(plan, reading.digest);
        let tree = Partial::new(render::root(plan), texts, standing, &origin);
        Ok((tree, origins(plan, reading, diags)))
    })
}

/// Returns the files of settled Organizations. `paths` are those of all others.
fn standing<'m, 'p>(
    known: &ValidCache<'m>,
    plan: &Plan<'_>,
    reading: &Reading<'m>,
    paths: impl Iterator<Item = &'p TreePath>,
) -> Standing<'m> {
    let settled = reading.settled.iter().filter(|_| !plan.is_retired());
    let settled = settled.map(|summary| summary.slug.value.as_str()).collect();
    known.standing(&settled, &paths.filter_map(|path| Some(path.as_str().rsplit_once('/')?.0)).collect())
}

/// Returns what is worth remembering of an input that was compiled. An Organization about which something was
/// reported is compiled again the next time, so that it is reported again.
fn origins<'m>(plan: &Plan<'_>, reading: &Reading<'m>, diags: &Diagnostics) -> Origins<'m> {
    let reported: BTreeSet<SourceId> = diags.sources();
    let tenant_summaries: BTreeMap<SourceId, &TenantSummary> =
        plan.tenant_summaries.iter().map(|summary| (summary.slug.span.source, summary)).collect();
    // Of findings that were not kept, nobody knows where they point.
    let all_kept = diags.dropped() == 0;
    let files = reading.files.iter().filter(|file| all_kept && !reported.contains(&file.source));
    let files = files.filter_map(|file| {
        let remembered = match file.settled {
            Some(remembered) => remembered.clone(),
            None => OrganizationFile {
                text: file.text,
                said: file.said,
                facts: tenant_summaries.get(&file.source)?.facts(),
            },
        };
        Some((Cow::Owned(file.path.clone()), remembered))
    });
    Origins { context: Some(reading.context), organizations: files.collect() }
}

/// Compiles an input into its tree and what comparing trees needs.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile_with_objects(
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
) -> Result<Compiled, Reported> {
    compile_beside(None, input, kits, diags).map(|beside| beside.compiled)
}

/// What becomes of an input beside files that stand already.
#[derive(Clone, Debug)]
pub struct Beside<'m> {
    /// All that may differ from the tree before. To compare that with this, leave the files that stand out of it too.
    pub compiled: Compiled,
    /// The files that stand already; none, if nothing is known or something was wrong.
    pub standing: Standing<'m>,
    /// What the tree follows from.
    pub origins: Origins<'m>,
}

/// Compiles an input like [`compile_with_objects`], but for the Organizations that are settled. What comparing trees needs of these is
/// nothing: nothing of theirs changes.
///
/// # Errors
/// At least one error was reported to `diags`.
pub fn compile_beside<'m>(
    known: Option<&ValidCache<'m>>,
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
) -> Result<Beside<'m>, Reported> {
    knowing(known, diags, |known, diags| beside(known, input, kits, diags))
}

fn beside<'m>(
    known: Option<&ValidCache<'m>>,
    input: &Input,
    kits: &Kits,
    diags: &mut Diagnostics,
) -> Result<Beside<'m>, Reported> {
    resolved(input, kits, known, diags, |plan, reading, diags| {
        let zone = dns::zone(plan);
        let (lowered, hosts) = whole(plan, &zone, diags)?;
        let (tree, standing) = match known {
            None => (render::render(plan, &zone, &lowered, hosts, reading.digest), Standing::new()),
            Some(known) => {
                let objects = lowered.clusters.iter().flat_map(|cluster| &cluster.objects);
                let paths = objects.map(|placed| &placed.path).chain(hosts.iter().map(|(path, _)| path));
                let standing = standing(known, plan, reading, paths);
                let texts = render::texts(plan, &zone, &lowered, hosts, &standing);
                let origin = render::origin(plan, reading.digest);
                Partial::new(render::root(plan), texts, standing, &origin).into_tree(&origin)
            }
        };
        let compiled = Compiled {
            tree,
            consents: Consents::new(plan),
            absent: absences(plan),
            kit: Spanned::new(plan.kit.name.clone(), plan.kit_span),
            places: Places::new(plan),
            given: Given::new(plan),
            told: provision::files(plan),
            written: Written::new(input),
            lowered,
        };
        Ok(Beside { compiled, standing, origins: origins(plan, reading, diags) })
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
    resolved(input, kits, None, diags, |plan, _, diags| {
        let (lowered, _) = whole(plan, &dns::zone(plan), diags)?;
        Ok(then(plan, lowered))
    })
}

/// Compiles an input up to its plan, held against the rules, and gives it to `then` whatever they said.
fn resolved<'m, T>(
    input: &Input,
    kits: &Kits,
    known: Option<&ValidCache<'m>>,
    diags: &mut Diagnostics,
    then: impl FnOnce(&Plan<'_>, &Reading<'m>, &mut Diagnostics) -> Result<T, Reported>,
) -> Result<T, Reported> {
    let Some(reading) = read::read(input, known, diags) else {
        return Err(stopped(input, diags));
    };
    check::written(&reading.document, input, diags);
    let Some(kit) = check::unknown_kit::open(&reading.document, input, kits, diags) else {
        return Err(stopped(input, diags));
    };
    let Some(plan) = plan::resolve_among(&reading.settled, &reading.document, &kit, diags) else {
        return Err(stopped(input, diags));
    };
    check::plan(&plan, diags);
    let made = then(&plan, &reading, diags);
    consequences::silence(&reading.document, input, diags);
    check::accept_unused::check(&reading.document, diags);
    let made = made?;
    diags.verdict()?;
    Ok(made)
}

/// Returns the Organizations that have objects: in a Sovereign that goes, none has.
fn organizations<'p, 'a>(plan: &'p Plan<'a>) -> Vec<&'p Organization<'a>> {
    plan.organizations.iter().filter(|_| !plan.is_retired()).collect()
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

/// How many objects an Organization has, more or less.
const OBJECTS: usize = 16;

/// Lowers a plan but for other Organizations than these, and holds its objects against the rules. `make` takes each object
/// of an Organization, and every Organization is a piece of work by itself.
fn lowered<T: Send>(
    plan: &Plan<'_>,
    zone: &Zone,
    organizations: &[&Organization<'_>],
    diags: &mut Diagnostics,
    make: impl Fn(Placed) -> T + Sync,
) -> Result<Parts<T>, Reported> {
    let platform = lower::platform(plan);
    let (strict, hosts) = (diags.apart(), dns::Hosts::new(plan, zone));
    let parts = parallel::map_heavy(OBJECTS, organizations, |organization| {
        let mut found = strict.clone();
        let of_region = |(place, region): (usize, &Region<'_>)| {
            let objects = lower::tenants::lower(plan, place, region, organization);
            let names = check::placed(plan, Some(region), &objects, &mut found);
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

/// Lowers a plan and holds its objects against the rules: gives those of the platform, and the files of Organizations.
fn texts(
    plan: &Plan<'_>,
    zone: &Zone,
    organizations: &[&Organization<'_>],
    diags: &mut Diagnostics,
) -> Result<(Lowered, Vec<(TreePath, String)>), Reported> {
    let parts = lowered(plan, zone, organizations, diags, |placed| render::file(&placed))?;
    Ok((parts.platform, parts.tenants.into_iter().flatten().chain(parts.hosts).collect()))
}

/// Lowers a plan and holds its objects against the rules: gives all of them, and the files of Organizations' hosts.
fn whole(
    plan: &Plan<'_>,
    zone: &Zone,
    diags: &mut Diagnostics,
) -> Result<(Lowered, Vec<(TreePath, String)>), Reported> {
    let Parts { mut platform, tenants, hosts } =
        lowered(plan, zone, &organizations(plan), diags, |placed| placed)?;
    for (cluster, objects) in platform.clusters.iter_mut().zip(tenants) {
        cluster.objects.extend(objects);
    }
    Ok((platform, hosts))
}

/// Returns the proof that a stage which gives nothing has reported why; a stage that has not is a bug of ours, reported
/// as one rather than hidden.
fn stopped(input: &Input, diags: &mut Diagnostics) -> Reported {
    if let Err(reported) = diags.verdict() {
        return reported;
    }
    let span = Span::new(input.manifest().id(), 0..0);
    let message = "the compiler stopped without a reason; this is a bug, please report it";
    diags.error(Diagnostic::new(Code::Syntax, span, message))
}
