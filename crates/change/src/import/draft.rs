//! The manifest on its way: what the tree says of its Sovereign, and the tables of blueprints that fit its releases.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::existing::Existing;
use super::patch::{PREFIX, Patch, Patches, edges};
use super::{BLUEPRINTS, proof, toml};
use sovereign_compile::Compiled;
use sovereign_language::cloud::Provider;
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_language::pool;
use sovereign_text::diag::{Diagnostics, Severity, Sources as _};
use sovereign_text::source::SourceId;

/// Slots of blueprints of one's own begin here, where no kit has some.
const OWN_SLOTS: usize = 81;

/// A manifest that is being fitted.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The tables before those of blueprints.
    head: String,
    regions: Vec<String>,
    /// The blueprints of the kit.
    known: BTreeSet<String>,
    /// What holds for the blueprint in all regions.
    everywhere: Patches,
    /// What holds in one region.
    regional: BTreeMap<String, Patches>,
    /// Releases that no kit has, as blueprints.
    own: BTreeMap<String, String>,
    /// Tables that were refused: they are not tried again.
    refused: BTreeSet<(Option<String>, String)>,
    pub(super) assumed: Vec<String>,
    pub(super) unsaid: Vec<String>,
}

impl Draft {
    pub(super) fn new(existing: &Existing, kits: &Kits) -> Self {
        let mut assumed = Vec::new();
        let head = head(existing, kits, &mut assumed);
        let regions = existing.regions.clone();
        let kit = kit(existing, kits, &mut Vec::new());
        let known = kits.open(&kit, &[], &mut Diagnostics::new());
        let known = known
            .iter()
            .flat_map(|kit| &kit.blueprints)
            .map(|blueprint| blueprint.name.value.to_string())
            .collect();
        let (everywhere, regional, own) = (Patches::new(), BTreeMap::new(), BTreeMap::new());
        let (refused, unsaid) = (BTreeSet::new(), Vec::new());
        let mut draft = Self { head, regions, known, everywhere, regional, own, refused, assumed, unsaid };
        for region in draft.regions.clone() {
            let table = table_of_region(existing, &region, &mut draft.assumed);
            draft.head.push_str(&table);
        }
        draft
            .unsaid
            .extend(existing.unreadable.iter().map(|path| format!("{path} is no YAML that can be read")));
        draft
    }

    /// Returns the blueprints of one's own, by their files.
    pub(super) fn blueprints(&self) -> BTreeMap<String, String> {
        self.own
            .values()
            .cloned()
            .zip(self.own.keys())
            .map(|(text, name)| (format!("{name}.toml"), text))
            .collect()
    }

    /// Returns the manifest.
    pub(super) fn manifest(&self) -> String {
        let mut text = self.head.clone();
        if !self.own.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n[[blueprint-source]]\npath = \"{BLUEPRINTS}\"");
        }
        for (name, patch) in &self.everywhere {
            patch.write(&format!("blueprint.{}", toml::key(name)), &mut text);
        }
        // Tables of a region stand below that region.
        for (region, patches) in &self.regional {
            let mut tables = String::new();
            for (name, patch) in patches {
                patch.write(&format!("region.blueprint.{}", toml::key(name)), &mut tables);
            }
            let header = format!("[[region]]\nname = {}\n", toml::string(region));
            if let Some(at) = text.find(&header) {
                let end = text[at..].find("\n[").map_or(text.len(), |next| at + next);
                text.insert_str(end, tables.trim_end_matches('\n'));
            }
        }
        text
    }

    /// Corrects the tables of blueprints by what differs.
    pub(super) fn fit(&mut self, existing: &Existing, compiled: &Compiled) {
        let given = proof::given(compiled);
        let mut found: BTreeMap<String, BTreeMap<String, Patch>> = BTreeMap::new();
        for region in self.regions.clone() {
            let here: BTreeMap<&str, &Json> = given
                .iter()
                .filter(|(id, _)| id.cluster == region && id.is_release())
                .map(|(id, object)| (id.name.as_str(), object))
                .collect();
            let there: BTreeMap<&str, &Json> = existing.releases(&region).collect();
            for name in here.keys().chain(there.keys()).copied().collect::<BTreeSet<_>>() {
                let Some(blueprint) = name.strip_prefix(PREFIX) else { continue };
                let patch = match (there.get(name), here.get(name)) {
                    (Some(there), Some(here)) => Patch::between(there, here),
                    (None, Some(_)) => Patch::off(),
                    (Some(there), None) => {
                        self.missing(name, there);
                        continue;
                    }
                    (None, None) => continue,
                };
                found.entry(blueprint.to_owned()).or_default().insert(region.clone(), patch);
            }
        }
        for (blueprint, patches) in found {
            self.take(&blueprint, patches);
        }
    }

    /// Takes what was found for a blueprint: for all regions where it is the same in each.
    fn take(&mut self, blueprint: &str, patches: BTreeMap<String, Patch>) {
        let first = patches.values().next().cloned().unwrap_or_default();
        if patches.values().all(|patch| *patch == first) {
            if !first.is_empty() && !self.refused.contains(&(None, blueprint.to_owned())) {
                self.everywhere.entry(blueprint.to_owned()).or_default().add(first);
            }
            return;
        }
        for (region, patch) in patches {
            let place = (Some(region.clone()), blueprint.to_owned());
            if !patch.is_empty() && !self.refused.contains(&place) {
                self.regional.entry(region).or_default().entry(blueprint.to_owned()).or_default().add(patch);
            }
        }
    }

    /// Takes a release that the manifest does not give: switched on if a kit has it, else as a blueprint of one's own.
    fn missing(&mut self, name: &str, release: &Json) {
        let blueprint = name.strip_prefix(PREFIX).unwrap_or(name).to_owned();
        if self.refused.contains(&(None, blueprint.clone())) || self.own.contains_key(name) {
            return;
        }
        if self.known.contains(name) {
            if self.everywhere.get(&blueprint).and_then(|patch| patch.enabled).is_none() {
                self.everywhere.entry(blueprint).or_default().add(Patch::on());
            } else {
                self.unsaid.push(format!("{name} runs where the kit does not let it"));
                self.refused.insert((None, blueprint));
            }
            return;
        }
        if let Some(text) = own(name, release, OWN_SLOTS + self.own.len()) {
            self.own.insert(name.to_owned(), text);
        } else {
            self.unsaid.push(format!(
                "{name}: its values hold what a blueprint would take for an expression, or null"
            ));
            self.refused.insert((None, blueprint));
        }
    }

    /// Takes back the tables that have errors, and says so. Returns whether there are some.
    pub(super) fn give_up(&mut self, diags: &Diagnostics, input: &Input, kits: &Kits) -> bool {
        let sources = SourceMap { input, kits };
        let mut is_given_up = false;
        let errors = diags.sorted().into_iter().filter(|it| diags.severity(it.code) == Severity::Error);
        let mut others = Vec::new();
        for error in errors {
            let source = sources.source(error.primary.span.source);
            let words = format!("{}: {}", error.code, error.message);
            let place = if error.primary.span.source == SourceId::MANIFEST {
                place(source.text(), error.primary.span.start as usize)
            } else {
                let file = source.name().rsplit('/').next().and_then(|name| name.strip_suffix(".toml"));
                file.map(|name| (None, name.to_owned()))
            };
            let Some((region, name)) = place else {
                others.push(words);
                continue;
            };
            let is_there = match &region {
                Some(region) => {
                    self.regional.get_mut(region).is_some_and(|patches| patches.remove(&name).is_some())
                }
                None => self.everywhere.remove(&name).is_some() || self.own.remove(&name).is_some(),
            };
            if is_there {
                let of = region.as_ref().map_or_else(String::new, |region| format!(" in {region}"));
                self.unsaid.push(format!("the table of {name}{of} is refused: {words}"));
                let bare = name.strip_prefix(PREFIX).unwrap_or(&name).to_owned();
                self.refused.insert((region, bare));
                is_given_up = true;
            }
        }
        if !is_given_up {
            self.unsaid.extend(others.into_iter().map(|words| format!("no manifest compiles: {words}")));
        }
        is_given_up
    }
}

/// Returns the table that a place of a manifest is in: the region, if it is one of a region, and the blueprint.
fn place(text: &str, at: usize) -> Option<(Option<String>, String)> {
    let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end);
    let above = text.get(..end)?;
    let header = above.lines().rev().find(|line| line.starts_with('['))?;
    let name = |rest: &str| {
        let rest = rest.trim_end_matches(']');
        rest.strip_suffix(".values").unwrap_or(rest).trim_matches('"').to_owned()
    };
    if let Some(rest) = header.strip_prefix("[blueprint.") {
        return Some((None, name(rest)));
    }
    let rest = header.strip_prefix("[region.blueprint.")?;
    let region = above.lines().rev().skip_while(|line| *line != "[[region]]").count();
    let region = text.lines().skip(region).find_map(|line| line.strip_prefix("name = "))?;
    Some((Some(region.trim_matches('"').to_owned()), name(rest)))
}

/// Returns what a tree says of its Sovereign as a whole.
fn head(existing: &Existing, kits: &Kits, assumed: &mut Vec<String>) -> String {
    let told = |key: &str| {
        let files = existing.told.values();
        files.filter_map(|file| file.get(key)).find_map(Json::as_str).map(str::to_owned)
    };
    let kit = kit(existing, kits, assumed);
    let mut or = |found: Option<String>, what: &str, default: &str| {
        found.filter(|text| !text.is_empty()).unwrap_or_else(|| {
            assumed.push(format!("{what}: {default}"));
            default.to_owned()
        })
    };
    let fqdn = or(existing.fqdn.clone(), "the domain name", "sovereign.example.org");
    let (first, parent) = fqdn.split_once('.').unwrap_or((&fqdn, ""));
    let meshed = existing.regions.iter().find_map(|region| mesh(existing, region)).map(|(name, _)| name);
    let name = meshed.unwrap_or_else(|| first.to_owned());
    let name = if name.len() < 3 { format!("{name}-sovereign") } else { name };
    let is_zone = pool::zones().any(|zone| zone == parent);
    let is_pool = told("domain_mode").map_or(is_zone, |mode| mode == "pool");
    // Under another zone a pool says who answers for it: by what the tree holds, whoever does for OpenOva's.
    let servers = pool::SERVERS.map(toml::string).join(", ");
    let servers = if is_zone {
        String::new()
    } else {
        format!("\npool = {{ name-servers = [{servers}], api = {} }}", toml::string(pool::API))
    };
    let domain = if is_pool {
        format!("mode = \"pool\"\nparent = {}{servers}", toml::string(parent))
    } else {
        format!("mode = \"byo-manual\"\nfqdn = {}", toml::string(&fqdn))
    };
    let org = or(told("org_name"), "the name of the owner", &name);
    let email = or(told("org_email"), "the address of the owner", &format!("ops@{fqdn}"));
    let repository = existing
        .objects
        .iter()
        .find(|(id, _)| id.kind == "GitRepository.source.toolkit.fluxcd.io" && id.namespace == "flux-system");
    let field =
        |path: &str| repository.and_then(|(_, object)| object.pointer(path)?.as_str()).map(str::to_owned);
    let url = or(
        field("/spec/url").or_else(|| told("gitops_repo_url")),
        "the repository",
        "https://github.com/openova-io/openova",
    );
    let branch =
        field("/spec/ref/branch").or_else(|| told("gitops_branch")).filter(|branch| branch != "main");
    let branch = branch.map_or_else(String::new, |branch| format!("branch = {}\n", toml::string(&branch)));
    let login = field("/spec/secretRef/name");
    let login = login
        .map_or_else(String::new, |name| format!("credentials = {{ secret = {} }}\n", toml::string(&name)));
    format!(
        "# Imported from a tree: what was assumed and what could not be said is in the report of `sovereign import`.\n\
         kit = {}\n\n[sovereign]\nname = {}\norganization = {{ name = {}, email = {} }}\n\n[domain]\n{domain}\n\n\
         [gitops]\nurl = {}\n{branch}{login}",
        toml::string(&kit),
        toml::string(&name),
        toml::string(&org),
        toml::string(&email),
        toml::string(&url),
    )
}

/// Returns the kit that the lock names, if the program has it, or the one that fits best.
fn kit(existing: &Existing, kits: &Kits, assumed: &mut Vec<String>) -> String {
    let kit = existing.kit.clone().filter(|kit| kits.names().any(|known| known == kit));
    kit.unwrap_or_else(|| {
        let best = best_kit(existing, kits);
        assumed.push(format!("the kit: {best}, of which the most releases are"));
        best
    })
}

/// Returns the name of a Sovereign and the code of a region: a cluster is called by both in the mesh, `omantel-hel`.
fn mesh(existing: &Existing, region: &str) -> Option<(String, String)> {
    let cilium = existing.releases(region).find(|(name, _)| *name == "bp-cilium")?.1;
    let name = cilium.pointer("/spec/values/cilium/cluster/name")?.as_str()?;
    name.rsplit_once('-').map(|(name, code)| (name.to_owned(), code.to_owned()))
}

/// Returns the kit of which the most releases of a tree are, with their versions.
fn best_kit(existing: &Existing, kits: &Kits) -> String {
    let hits = |name: &str| {
        let Some(kit) = kits.open(name, &[], &mut Diagnostics::new()) else { return 0 };
        let releases = existing.objects.iter().filter(|(id, _)| id.is_release());
        let is_hit = |name: &str, object: &Json| {
            let version = object.pointer("/spec/chart/spec/version").and_then(Json::as_str);
            kit.blueprint(name)
                .is_some_and(|blueprint| Some(blueprint.version.value.to_string().as_str()) == version)
        };
        releases.filter(|(id, object)| is_hit(&id.name, object)).count()
    };
    // Of equal ones the newest.
    kits.names().max_by_key(|name| hits(name)).unwrap_or_default().to_owned()
}

/// Returns the table of a region.
fn table_of_region(existing: &Existing, region: &str, assumed: &mut Vec<String>) -> String {
    let told = existing
        .told
        .iter()
        .find(|(path, _)| path.starts_with(&format!("infrastructure/{region}/")))
        .map(|(_, told)| told);
    let lists = existing.told.values().filter_map(|file| file["regions"].as_array()).flatten();
    let listed = lists.into_iter().find(|it| it["cloudRegion"] == region || it["code"] == region);
    let text = |key: &str| {
        told.and_then(|told| told[key].as_str()).or_else(|| listed?[key].as_str()).map(str::to_owned)
    };
    let provider = text("provider").or_else(|| labelled(existing, region));
    let provider = provider.unwrap_or_else(|| {
        assumed.push(format!("the provider of {region}: hetzner"));
        "hetzner".to_owned()
    });
    let cloud = Provider::all().map(Provider::cloud).find(|cloud| cloud.word == provider);
    let size = text("control_plane_size").unwrap_or_else(|| {
        let size = cloud.and_then(|cloud| cloud.sizes.known.first()).copied().unwrap_or("cpx32");
        assumed.push(format!("the machines of {region}: one {size}"));
        size.to_owned()
    });
    let is_ha = told.is_some_and(|told| told["ha_enabled"] == true);
    let count = if is_ha { ", count = 3" } else { "" };
    let mut table = format!(
        "\n[[region]]\nname = {}\nprovider = {}\ncontrol-plane = {{ size = {}{count} }}\n",
        toml::string(region),
        toml::string(&provider),
        toml::string(&size),
    );
    // Writing to a string cannot fail, here and below.
    let code = mesh(existing, region).map(|(_, code)| code);
    let is_known =
        |code: &str| cloud.and_then(|cloud| cloud.region(region)).is_some_and(|known| known.code == code);
    if let Some(code) = code.filter(|code| !is_known(code)) {
        let own = cloud.map(|cloud| cloud.letter);
        let letter =
            code.chars().rev().find(|char| Some(*char) != own && char.is_ascii_lowercase()).unwrap_or('x');
        assumed.push(format!("the letter of {region} in location codes: {letter}"));
        let _ = writeln!(table, "code = {}\nletter = \"{letter}\"", toml::string(&code));
    }
    let is_first = existing.regions.first().is_some_and(|first| first == region);
    if existing.fact(region, "role") == Some("primary") && !is_first {
        let _ = writeln!(table, "role = \"primary\"");
    }
    for (key, fact) in [("pod-cidr", "pods"), ("service-cidr", "services"), ("network-cidr", "network")] {
        if let Some(cidr) = existing.fact(region, fact) {
            let _ = writeln!(table, "{key} = {}", toml::string(cidr));
        }
    }
    for (key, fact) in [("index", "index"), ("mesh-id", "mesh-id")] {
        if let Some(number) = existing.fact(region, fact) {
            let _ = writeln!(table, "{key} = {number}");
        }
    }
    let workers = told.and_then(|told| told["worker_count"].as_i64()).filter(|count| *count > 0);
    if let (Some(workers), Some(size)) = (workers, text("worker_size")) {
        let _ = writeln!(table, "workers = {{ size = {}, count = {workers} }}", toml::string(&size));
    }
    table
}

/// Returns the provider that the label of the nodes of a region begins with: `hz-hel-rtz-prod`.
fn labelled(existing: &Existing, region: &str) -> Option<String> {
    let objects = existing.objects.iter().filter(|(id, _)| id.cluster == region && id.is_release());
    let mut labels = objects.filter_map(|(_, object)| label(object.pointer("/spec/values")?));
    let code = labels.find_map(|label| Some(label.split_once('-')?.0.to_owned()))?;
    Provider::all().map(Provider::cloud).find(|cloud| cloud.code == code).map(|cloud| cloud.word.to_owned())
}

/// Returns the label of nodes that some value has.
fn label(value: &Json) -> Option<String> {
    match value {
        Json::String(text) if text.ends_with("-rtz-prod") => Some(text.clone()),
        Json::Object(map) => map.values().find_map(label),
        Json::Array(list) => list.iter().find_map(label),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    }
}

/// Returns a release as a blueprint of one's own; `None` where its values cannot be written as ones.
fn own(name: &str, release: &Json, slot: usize) -> Option<String> {
    let text = |path: &str| release.pointer(path).and_then(Json::as_str);
    let values =
        release.pointer("/spec/values").cloned().unwrap_or_else(|| Json::Object(serde_json::Map::new()));
    let written = toml::value(&values)?;
    if written.contains("{{") && values.to_string().contains("{{") {
        return None;
    }
    let mut out = format!(
        "slot = \"{slot}\"\nname = {}\nchart = {}\nversion = {}\nnamespace = {}\nrelease = {}\nruns = \"every\"\ninterval = {}\n",
        toml::string(name),
        toml::string(text("/spec/chart/spec/chart").unwrap_or(name)),
        toml::string(text("/spec/chart/spec/version")?),
        toml::string(text("/spec/targetNamespace").or_else(|| text("/metadata/namespace"))?),
        toml::string(text("/spec/releaseName").unwrap_or(name)),
        toml::string(text("/spec/interval").unwrap_or("15m")),
    );
    let edges: Vec<_> = edges(release).iter().map(|edge| toml::string(&format!("{PREFIX}{edge}"))).collect();
    if !edges.is_empty() {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "depends-on = [{}]", edges.join(", "));
    }
    for (action, retries) in
        [("install", "/spec/install/remediation/retries"), ("upgrade", "/spec/upgrade/remediation/retries")]
    {
        let _ = writeln!(out, "\n[{action}]");
        if let Some(retries) = release.pointer(retries).and_then(Json::as_i64) {
            let _ = writeln!(out, "retries = {retries}");
        }
        if let Some(timeout) = text(&format!("/spec/{action}/timeout")) {
            let _ = writeln!(out, "timeout = {}", toml::string(timeout));
        }
        if release.pointer(&format!("/spec/{action}/disableWait")) == Some(&Json::Bool(true)) {
            let _ = writeln!(out, "disable-wait = true");
        }
    }
    if let Json::Object(values) = &values
        && !values.is_empty()
    {
        let _ = writeln!(out, "\n[values]");
        for (key, value) in values {
            let _ = writeln!(out, "{} = {}", toml::key(key), toml::value(value)?);
        }
    }
    Some(out)
}
