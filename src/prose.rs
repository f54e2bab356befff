//! Text for people, by Tera: the README of a tree. Templates see typed facts only; nothing a user wrote is ever a
//! template.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use tera::{Context, Tera};

use crate::grammar::location::Env;
use crate::lower::Lowered;
use crate::object::failover::WitnessConfig;
use crate::object::{FLUX_NAMESPACE, Object};
use crate::plan::{Plan, Region};

/// The file name of the README.
pub const README: &str = "README.md";
const TEMPLATE: &str = include_str!("prose/readme.md");

/// The README of a tree: what it is, what runs where, what must be there first, how to change it.
pub fn readme(plan: &Plan<'_>, lowered: &Lowered) -> String {
    let blueprints: Vec<_> =
        plan.kit.blueprints.iter().filter_map(|blueprint| row(plan, blueprint)).collect();
    let facts = json!({
        "name": plan.name.value.as_str(),
        "fqdn": plan.fqdn.value.as_str(),
        "env": plan.env.value.to_string(),
        "kit": plan.kit.name,
        "mode": plan.domain.mode.value.to_string(),
        "contract": plan.contract.value.to_string(),
        "repository": plan.gitops.url.value.as_str(),
        "branch": plan.gitops.branch.value.as_str(),
        "regions": plan.regions.iter().map(|r| region(r, plan.env.value)).collect::<Vec<_>>(),
        "blueprints": blueprints,
        "organizations": plan.organizations.len(),
        "environments": plan.organizations.iter().map(|o| o.environments.len()).sum::<usize>(),
        "secrets": secrets(lowered),
    });
    let context = Context::from_serialize(&facts).unwrap_or_default();
    // The template is part of the program and a test renders it, so this cannot fail for a user's reasons.
    Tera::one_off(TEMPLATE, &context, false).unwrap_or_default()
}

fn region(region: &Region<'_>, env: Env) -> Json {
    json!({
        "name": region.name.value.as_str(),
        "role": region.role.value.to_string(),
        "provider": region.provider.value.to_string(),
        "label": region.label.value,
        "key": region.key,
        "mesh_name": region.mesh.name.value,
        "mesh_id": region.mesh.id.value,
        "pods": region.pods.value.to_string(),
        "services": region.services.value.to_string(),
        "network": region.network.value.to_string(),
        "host_clusters": region.host_clusters(env),
        "location_codes": region.location_codes(env),
        "vclusters": region.vclusters.iter().map(|tier| tier.value.to_string()).collect::<Vec<_>>(),
        "releases": region.releases.len(),
        "id": format!("r{}", region.index),
    })
}

/// A blueprint and its version in each region; `None` if it runs nowhere.
fn row(plan: &Plan<'_>, blueprint: &crate::kit::Blueprint) -> Option<Json> {
    let name = blueprint.name.value.as_str();
    let versions: Vec<_> = plan
        .regions
        .iter()
        .map(|region| {
            region.release(name).map_or_else(String::new, |release| release.version.value.to_string())
        })
        .collect();
    let runs = versions.iter().any(|version| !version.is_empty());
    runs.then(|| json!({ "slot": blueprint.slot.value.as_str(), "name": name, "versions": versions }))
}

/// Every Secret that the tree names and does not make, as `region: namespace/name`.
fn secrets(lowered: &Lowered) -> Vec<Json> {
    let mut rows = Vec::new();
    for cluster in &lowered.clusters {
        let mut names: BTreeSet<(String, String)> = BTreeSet::new();
        for object in cluster.objects.iter().map(|placed| &placed.object) {
            names.extend(secrets_of(object));
        }
        let names: Vec<_> = names.iter().map(|(namespace, name)| format!("{namespace}/{name}")).collect();
        rows.push(json!({ "region": cluster.directory, "names": names }));
    }
    rows
}

fn secrets_of(object: &Object) -> Vec<(String, String)> {
    let flux = |name: &str| (FLUX_NAMESPACE.to_owned(), name.to_owned());
    match object {
        Object::GitRepository(repository) => repository.secret.iter().map(|s| flux(&s.value)).collect(),
        Object::HelmRepository(repository) => vec![flux(&repository.secret.value)],
        Object::HelmRelease(release) => {
            let secret = crate::kit::blueprint::ValuesKind::Secret;
            let sources = release.values_from.iter().filter(|source| source.kind.value == secret);
            sources.map(|source| flux(&source.name.value)).collect()
        }
        Object::ProviderConfig(config) => {
            vec![(config.secret.0.value.clone(), config.secret.1.value.clone())]
        }
        Object::ClusterIssuer(issuer) => vec![("cert-manager".to_owned(), issuer.ca.value.clone())],
        Object::Continuum(continuum) => {
            let namespace = continuum.meta.namespace.as_ref().map(|n| n.value.clone()).unwrap_or_default();
            match &continuum.witness_config {
                WitnessConfig::CloudflareKv { token: (name, _), .. } => vec![(namespace, name.value.clone())],
                WitnessConfig::DnsQuorum(_) | WitnessConfig::Missing => Vec::new(),
            }
        }
        Object::Pdm(pdm) => pdm
            .api
            .iter()
            .map(|(name, _)| (crate::plan::failover::NAMESPACE.to_owned(), name.value.clone()))
            .collect(),
        Object::Namespace(_)
        | Object::ResourceQuota(_)
        | Object::LimitRange(_)
        | Object::NetworkPolicy(_)
        | Object::GatewayAccess(_)
        | Object::Vcluster(_)
        // Thousands of them would hide all others.
        | Object::Organization(_)
        | Object::Environment(_)
        | Object::EnvironmentPolicy(_)
        | Object::SecretPolicy(_)
        | Object::Application(_)
        | Object::CnpgPair(_)
        | Object::ConfigMap(_)
        | Object::Kustomization(_)
        | Object::Provider(_)
        | Object::Gateway(_)
        | Object::Certificate(_) => Vec::new(),
    }
}
