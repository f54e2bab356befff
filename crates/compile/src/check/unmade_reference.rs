#![doc = include_str!("../../../../docs/diagnostics/unmade-reference.md")]

use std::collections::BTreeMap;

use crate::plan::{Plan, Region, Release};
use crate::secrets::Providers;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::node::{Node, Step};

/// How many Secrets are named.
const SHOWN: usize = 4;
/// What follows the name of a database in the names of the Secrets that CloudNativePG makes for it.
const OF_DATABASES: [&str; 4] = ["-app", "-ca", "-replication", "-superuser"];

/// Reports Secrets and ConfigMaps that values call existing and that nobody makes. Those that the kit itself names are
/// among its facts.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    // Once for a line, whatever the number of regions.
    let mut found = BTreeMap::new();
    for region in &plan.regions {
        let mut providers = None;
        for release in region.releases.iter().filter(|release| is_of_user(release)) {
            release.values.walk(&mut |path, node| {
                let Some((kind, name)) = existing(path, node).filter(|_| node.cause.source.is_input()) else {
                    return;
                };
                let providers = providers.get_or_insert_with(|| Providers::new(plan, region));
                let namespace = release.blueprint.namespace.value.as_str();
                let is_made = kind == "Secret"
                    && (providers.provider((namespace, name)).is_some() || is_of_database(region, name));
                // What a blueprint says that it reads is for another rule.
                let mut said = release.blueprint.required_secrets().map(|secret| secret.id.value.parts());
                if !is_made && !is_instead(release, path) && !said.any(|id| id == (namespace, name)) {
                    let found = found.entry(node.cause);
                    found.or_insert_with(|| report(release, providers, kind, (namespace, name), node));
                }
            });
        }
    }
    for diagnostic in found.into_values() {
        diags.push(diagnostic);
    }
}

fn is_of_user(release: &Release<'_>) -> bool {
    release.blueprint.span.source.is_input() || release.changed_by.iter().any(|table| table.values.is_some())
}

/// Returns whether a value names the Secret that a chart takes in place of one that it makes up: a person makes that.
fn is_instead(release: &Release<'_>, path: &[Step<'_>]) -> bool {
    let keys: Vec<_> =
        path.iter().filter_map(|step| if let Step::Key(key) = step { Some(*key) } else { None }).collect();
    let mut minted = release.blueprint.mints.iter().filter_map(|minted| minted.unless.as_ref());
    minted.any(|unless| unless.value.keys() == keys)
}

/// Returns what a value calls existing: the kind, and the name.
fn existing<'n>(path: &[Step<'_>], node: &'n Node) -> Option<(&'static str, &'n str)> {
    let Some(Step::Key(key)) = path.last() else { return None };
    let rest = key.to_ascii_lowercase();
    let (_, what) = rest.split_once("existing")?;
    let kind = match what.strip_suffix("name").unwrap_or(what) {
        "secret" => "Secret",
        "configmap" => "ConfigMap",
        _ => return None,
    };
    node.as_str().filter(|name| !name.is_empty()).map(|name| (kind, name))
}

/// Returns whether CloudNativePG would make a Secret of this name.
fn is_of_database(region: &Region<'_>, name: &str) -> bool {
    OF_DATABASES.iter().any(|end| name.ends_with(end)) && region.provider_of("postgresql.cnpg.io").is_some()
}

fn report(
    release: &Release<'_>,
    providers: &Providers,
    kind: &str,
    (namespace, name): (&str, &str),
    node: &Node,
) -> Diagnostic {
    let reader = &release.blueprint.name.value;
    let message = format!("nobody is known to make the {kind} `{namespace}/{name}` that `{reader}` reads");
    let found = Diagnostic::new(Code::UnmadeReference, node.cause, message)
        .note("a Pod that reads what is not there never starts");
    let there: Vec<_> =
        providers.ids().filter(|id| id.0 == namespace && kind == "Secret").map(|id| id.1).collect();
    match suggest::nearest(name, there.iter().copied()) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None if there.is_empty() => found.help("make it by hand before the release, and accept this finding"),
        None => found.help(format!("that namespace has {}", suggest::list(there, SHOWN))),
    }
}
