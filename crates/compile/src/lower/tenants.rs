//! Tenants: the resources of each Organization in the primary region, and in each region of its environments what it
//! may use and what keeps it apart: Namespace, quota, network policy, vCluster.
//!
//! kustomize takes time that grows with the square of a directory, so the layer is cut into buckets. A bucket follows
//! from the name of an Organization alone, so that no Organization moves when others come and go.

use std::collections::{BTreeMap, BTreeSet};

use super::{Layer, Placed, layers, namespace, origin, tree_path};
use crate::object::{
    self, Application, Dependency, Environment, EnvironmentPolicy, EnvironmentRegion, Flow, GatewayAccess,
    Kustomization, LimitRange, Meta, Need, NetworkPolicy, Object, Peer, ResourceQuota, SecretPolicy,
    Vcluster,
};
use crate::plan::failover::Seat;
use crate::plan::tenant::{self as planned, Bucket, Organization};
use crate::plan::{Plan, Region, TenantSummary, mirror, naming};
use sovereign_language::manifest::{PodSecurity, TenantPlan};
use sovereign_language::scalar::{BuildingBlock, VCLUSTER};
use sovereign_text::node::{Node, text};
use sovereign_text::source::{Span, Spanned};

/// The release that brings the HelmRepository of the vCluster chart.
pub(crate) const CHARTS: &str = "bp-vcluster-helmrepo";
/// The groups of the platform's own resources.
pub(crate) const GROUPS: [&str; 3] = ["orgs.openova.io", "catalyst.openova.io", "apps.openova.io"];
/// The group of network policies that know the Gateway.
const CILIUM: &str = "cilium.io";

/// The chart of upstream's organization controller, and the image of the platform's own vClusters (domain section 3.3).
const VERSION: &str = "0.20.0";
const REGISTRY: &str = "harbor.openova.io";
const IMAGE: &str = "proxy-ghcr/loft-sh/vcluster";
/// The label of nodes, and with it the selector of what runs on them.
const REGION_LABEL: &str = "openova.io/region";

/// DNS: the platform's servers listen on the port of their Service.
const DNS: Flow = Flow { peers: &[Peer::Namespace("kube-system")], ports: &[("UDP", 53), ("TCP", 53)] };
const WITHIN: Flow = Flow { peers: &[Peer::SameNamespace], ports: &[] };
/// The namespace where the Gateway's Envoy runs.
const GATEWAY: Flow = Flow { peers: &[Peer::Namespace("kube-system")], ports: &[] };
/// The vCluster's own API, on the port of its Pod: Flux installs applications through it, the platform looks at them.
const ITS_API: Flow = Flow {
    peers: &[Peer::Namespace("flux-system"), Peer::Namespace("catalyst-system")],
    ports: &[("TCP", 8443)],
};
/// The host's API, which the vCluster copies its Pods to. It listens on machines, which no selector matches, so the
/// peer stays open.
const HOST_API: Flow = Flow { peers: &[], ports: &[("TCP", 6443)] };

/// What a container that says nothing gets.
const LIMITS: [(&str, &str); 2] = [("cpu", "500m"), ("memory", "512Mi")];
const REQUESTS: [(&str, &str); 2] = [("cpu", "100m"), ("memory", "128Mi")];

/// Returns the objects of an Organization in a region, which is given with its place in the plan.
pub(crate) fn lower(
    plan: &Plan<'_>,
    place: usize,
    region: &Region<'_>,
    organization: &Organization<'_>,
) -> Vec<Placed> {
    if !region.is_primary() && !organization.runs_in(place) {
        return Vec::new();
    }
    let tenant = Tenant { plan, region, place, organization };
    let mut placed = tenant.room();
    if region.is_primary() {
        placed.extend(tenant.resources());
    }
    placed
}

/// Returns one Kustomization a bucket, and above them one a group, since `flux-system` is a directory that
/// kustomize reads too.
pub(super) fn kustomizations(plan: &Plan<'_>, place: usize, region: &Region<'_>) -> Vec<Placed> {
    let here = plan.tenant_summaries.iter().filter(|summary| region.is_primary() || summary.runs_in(place));
    let buckets: BTreeSet<Bucket> = here.map(TenantSummary::bucket).collect();
    let groups: BTreeSet<u16> = buckets.iter().map(|bucket| bucket.group()).collect();
    let layer = layers::directory(plan, region, Layer::Tenants);
    let place = |directory: &str, layer, object: Kustomization| Placed {
        path: tree_path(&format!(
            "{}/{directory}{}.yaml",
            region.name.value.as_str(),
            object.meta.name.value
        )),
        layer,
        origin: origin("[[organization]]"),
        object: object.into(),
    };
    let mut placed: Vec<_> = groups
        .into_iter()
        .map(|group| {
            let name = format!("{}-{group}", Layer::Tenants.directory());
            let object = layers::kustomization(region, name, &format!("{layer}/{group}"));
            place("flux-system/kustomization-", Layer::FluxSystem, object)
        })
        .collect();
    let depends_on = depends_on(plan, region);
    placed.extend(buckets.into_iter().map(|bucket| {
        let directory = format!("{layer}/{bucket}");
        let mut object = Kustomization {
            depends_on: depends_on.clone(),
            ..layers::kustomization(region, layers::of_bucket(bucket), &directory)
        };
        object.meta.shard = plan.shards.map(|shards| shards.shard(bucket));
        place(&format!("{}/{}/", Layer::Tenants.directory(), bucket.group()), Layer::Tenants, object)
    }));
    placed
}

/// Returns the layers that bring the definitions of what stands in a bucket, and the controllers that work on it.
fn depends_on(plan: &Plan<'_>, region: &Region<'_>) -> Vec<String> {
    let definitions = groups(region).filter_map(|group| region.provider_of(group)).map(super::release::layer);
    let layers: BTreeSet<Layer> = definitions.chain(plan.shards.map(|_| Layer::Shards)).collect();
    layers.into_iter().map(|layer| layer.directory().to_owned()).collect()
}

/// Returns the API groups of what stands in a bucket.
fn groups(region: &Region<'_>) -> impl Iterator<Item = &'static str> {
    GROUPS.into_iter().filter(|_| region.is_primary()).chain([CILIUM])
}

/// Returns what must be ready before the Organizations of a region come: the definitions of what they consist of, and the
/// controllers of their shards. The first of them may come at any time, and changes no layer then.
pub(super) fn needs(region: &Region<'_>, platform: &[Placed]) -> Vec<Need> {
    let controllers = platform.iter().filter(|placed| placed.layer == Layer::Shards);
    let controllers = controllers.map(|placed| Need::Object(placed.object.identity()));
    groups(region).map(|group| Need::Definitions(group.to_owned())).chain(controllers).collect()
}

/// An Organization in a region.
struct Tenant<'p, 'a> {
    plan: &'p Plan<'a>,
    region: &'p Region<'a>,
    place: usize,
    organization: &'p Organization<'a>,
}

impl Tenant<'_, '_> {
    fn slug(&self) -> Spanned<String> {
        text(&self.organization.slug)
    }

    fn meta(&self, name: &str) -> Meta {
        let slug = &self.organization.slug;
        Meta::namespaced(Spanned::new(name.to_owned(), slug.span), slug.value.as_str())
    }

    fn placed(&self, file: &str, object: impl Into<Object>) -> Placed {
        let path = self.organization.file(self.region.name.value.as_str(), &format!("{file}.yaml"));
        Placed {
            path: tree_path(&path),
            layer: Layer::Tenants,
            origin: origin(&format!("[[organization]] {}", self.organization.slug.value)),
            object: object.into(),
        }
    }

    /// Returns where it lives: what it may use, whom it may talk to, its vCluster.
    fn room(&self) -> Vec<Placed> {
        let has_vcluster =
            self.organization.plan.value.has_vcluster() && self.organization.runs_in(self.place);
        let mut placed = vec![
            self.placed("namespace", self.namespace()),
            self.placed("quota", self.quota()),
            self.placed("limits", self.limits()),
            self.placed("network", self.network(has_vcluster)),
        ];
        if self.region.provider_of(CILIUM).is_some() {
            let access = GatewayAccess { meta: self.meta("gateway") };
            placed.push(self.placed("gateway", access));
        }
        if has_vcluster {
            placed.push(self.placed("vcluster", self.vcluster()));
        }
        placed
    }

    fn namespace(&self) -> Object {
        let slug = self.slug();
        let level = Spanned::new(PodSecurity::Baseline.to_string(), slug.span);
        let organization = self.organization;
        let fixed = |value: &str| Spanned::new(value.to_owned(), slug.span);
        let mut labels = vec![
            ("openova.io/host-cluster", self.host_cluster(self.region, self.block())),
            ("openova.io/managed-by", fixed("catalyst")),
            ("openova.io/organization", slug.clone()),
            ("openova.io/sovereign", text(&self.plan.fqdn)),
        ];
        labels.extend(organization.written.tier.as_ref().map(|tier| ("openova.io/tier", text(tier))));
        namespace::object(self.plan, &slug, &level, &labels)
    }

    /// Returns the building block of the first of its environments here; where it has none, that of its vClusters.
    fn block(&self) -> BuildingBlock {
        let is_here = |environment: &&planned::Environment<'_>| {
            environment.regions.iter().any(|seat| seat.region == self.place)
        };
        let first = self.organization.environments.iter().find(is_here);
        first.map_or(BuildingBlock::Rtz, |environment| environment.block.value)
    }

    fn host_cluster(&self, region: &Region<'_>, block: BuildingBlock) -> Spanned<String> {
        let name =
            naming::host_cluster(region.provider.value, &region.code.value, block, self.plan.env.value);
        Spanned::new(name, region.code.span)
    }

    fn quota(&self) -> ResourceQuota {
        let plan = self.organization.plan;
        let amount = |amount: &str| Spanned::new(amount.to_owned(), plan.span);
        let [(cpu, memory), (cpu_limit, memory_limit)] = amounts(plan.value);
        ResourceQuota {
            meta: self.meta("plan"),
            hard: vec![
                ("limits.cpu", amount(cpu_limit)),
                ("limits.memory", amount(memory_limit)),
                ("requests.cpu", amount(cpu)),
                ("requests.memory", amount(memory)),
            ],
        }
    }

    fn limits(&self) -> LimitRange {
        let span = self.organization.slug.span;
        let amounts = |amounts: [(&'static str, &str); 2]| {
            amounts.map(|(key, amount)| (key, Spanned::new(amount.to_owned(), span))).to_vec()
        };
        LimitRange { meta: self.meta("defaults"), limits: amounts(LIMITS), requests: amounts(REQUESTS) }
    }

    fn network(&self, has_vcluster: bool) -> NetworkPolicy {
        let (mut ingress, mut egress) = (vec![WITHIN, GATEWAY], vec![WITHIN, DNS]);
        if has_vcluster {
            ingress.push(ITS_API);
            egress.push(HOST_API);
        }
        // The Namespace stays when the Organization goes, and so does what keeps it apart.
        let mut meta = self.meta("isolation");
        let (key, value) = namespace::PRUNE;
        meta.annotations = vec![(key, Spanned::new(value.to_owned(), meta.name.span))];
        NetworkPolicy { meta, ingress, egress }
    }

    fn vcluster(&self) -> Vcluster {
        let span = self.organization.slug.span;
        let shard = self.plan.shards.map(|shards| shards.shard(self.organization.bucket));
        Vcluster {
            meta: Meta { shard, ..self.meta(VCLUSTER) },
            release: VCLUSTER,
            waits_for: Spanned::new(CHARTS.to_owned(), span),
            version: VERSION,
            values: self.values(span),
        }
    }

    /// Returns the values of the platform's own vClusters (domain section 3.3), with the Organization's own address.
    fn values(&self, span: Span) -> Node {
        let slug = &self.organization.slug.value;
        let values = serde_json::json!({
            "controlPlane": {
                "backingStore": { "database": { "embedded": { "enabled": true } } },
                "distro": { "k8s": { "enabled": true } },
                "service": { "spec": { "type": "ClusterIP" } },
                "statefulSet": {
                    "image": { "registry": REGISTRY, "repository": IMAGE, "tag": VERSION },
                    "persistence": { "volumeClaim": { "enabled": true, "size": "5Gi" } },
                    "resources": {
                        "limits": { "cpu": "2", "memory": "1Gi" },
                        "requests": { "cpu": "200m", "memory": "384Mi" },
                    },
                },
            },
            // The chart's own address can be used inside of the Pod only; the name with `.svc` is in no certificate.
            "exportKubeConfig": { "context": VCLUSTER, "server": format!("https://{VCLUSTER}.{slug}:443") },
            "sync": {
                "fromHost": { "ingressClasses": { "enabled": true } },
                "toHost": {
                    "configMaps": { "enabled": true },
                    "ingresses": { "enabled": false },
                    "persistentVolumeClaims": { "enabled": true },
                    "secrets": { "enabled": true },
                    "services": { "enabled": true },
                },
            },
        });
        let mut values = Node::from_json(values, span);
        let stateful_set = ["controlPlane", "statefulSet"];
        let path = |rest: &[&'static str]| [&stateful_set, rest].concat();
        values.set(&path(&["scheduling", "nodeSelector", REGION_LABEL]), self.region.label.clone().into());
        if let Some(class) = &self.plan.storage.class {
            values.set(&path(&["persistence", "volumeClaim", "storageClass"]), text(class).into());
        }
        if let Some(airgap) = &self.plan.airgap {
            for (component, image) in [
                ("apiServer", "kube-apiserver"),
                ("controllerManager", "kube-controller-manager"),
                ("scheduler", "kube-scheduler"),
            ] {
                let image_path = |key| ["controlPlane", "distro", "k8s", component, "image", key];
                values.set(&image_path("registry"), Node::new(REGISTRY, span));
                values.set(&image_path("repository"), Node::new(format!("proxy-k8s/{image}"), span));
            }
            mirror::rewrite(&mut values, &airgap.registry);
        }
        values.sort();
        values
    }

    /// Returns the platform's own resources.
    fn resources(&self) -> Vec<Placed> {
        let mut placed = vec![self.placed("organization", self.organization())];
        for environment in &self.organization.environments {
            let name = &environment.name.value;
            placed.push(self.placed(&format!("environment.{name}"), self.environment(environment)));
            if let Some(policy) = &environment.written.policy {
                let meta = Meta::cluster(policy_name(environment, policy.span));
                let object = EnvironmentPolicy { meta, written: policy.value.clone() };
                placed.push(self.placed(&format!("policy.{name}"), object));
            }
            if let Some(policy) = &environment.written.secret_policy {
                let meta = Meta::cluster(Spanned::new(format!("{name}-secrets"), policy.span));
                let object = SecretPolicy { meta, written: policy.value.clone() };
                placed.push(self.placed(&format!("secrets.{name}"), object));
            }
            let names: BTreeMap<&str, &Spanned<String>> = environment
                .applications
                .iter()
                .map(|application| (application.name.value.as_str(), &application.object))
                .collect();
            for application in &environment.applications {
                let file = format!("application.{}", application.object.value);
                placed.push(self.placed(&file, self.application(environment, application, &names)));
            }
        }
        placed
    }

    fn organization(&self) -> object::Organization {
        let (organization, written) = (self.organization, self.organization.written);
        object::Organization {
            meta: Meta::cluster(self.slug()),
            display_name: written.display_name.as_ref().map(text),
            tier: written.tier.as_ref().map(text),
            parent: written.parent_org.as_ref().map(text),
            owners: written.owners.clone(),
            identity: written.identity.clone(),
            public: written.tenant_public.clone(),
            kind: text(&organization.kind),
            billing: text(&organization.billing),
            plan: text(&organization.plan),
            default_env: text(&organization.default_env),
            sovereign: text(&self.plan.fqdn),
        }
    }

    fn environment(&self, environment: &planned::Environment<'_>) -> Environment {
        let region = |seat: &Seat| {
            let region = self.plan.at(*seat)?;
            let here = |value: String| Spanned::new(value, seat.span);
            Some(EnvironmentRegion {
                provider: here(region.provider.value.to_string()),
                code: here(region.code.value.clone()),
                block: text(&environment.block),
                host_cluster: here(self.host_cluster(region, environment.block.value).value),
            })
        };
        let policy = environment.written.policy.as_ref().map(|policy| policy_name(environment, policy.span));
        Environment {
            meta: Meta::cluster(environment.name.clone()),
            organization: self.slug(),
            env: text(&environment.env),
            placement: text(&environment.placement),
            regions: environment.regions.iter().filter_map(region).collect(),
            policy: policy.or_else(|| environment.written.policy_ref.as_ref().map(text)),
        }
    }

    fn application(
        &self,
        environment: &planned::Environment<'_>,
        application: &planned::Application<'_>,
        names: &BTreeMap<&str, &Spanned<String>>,
    ) -> Application {
        let slug = self.organization.slug.value.as_str();
        let label = |seat: &Seat| {
            let region = self.plan.at(*seat)?;
            Some(Spanned::new(region.label.value.clone(), seat.span))
        };
        let needed = application.written.needs().filter_map(|need| {
            // One of the same environment is called as its resource is.
            let name = match need.namespace {
                Some(_) => need.name.value,
                None => names.get(need.name.value)?.value.as_str(),
            };
            Some(Dependency {
                name: Spanned::new(name.to_owned(), need.name.span),
                namespace: need.namespace.map(text),
                context: need.context.map(text),
            })
        });
        Application {
            meta: Meta::namespaced(application.object.clone(), slug),
            written: application.written.clone(),
            environment: environment.name.clone(),
            placement: text(&application.placement),
            regions: application.regions.iter().filter_map(label).collect(),
            depends_on: needed.collect(),
        }
    }
}

fn policy_name(environment: &planned::Environment<'_>, span: Span) -> Spanned<String> {
    Spanned::new(format!("{}-policy", environment.name.value), span)
}

/// CPU and memory of a plan: what is guaranteed, and what can be used at most (domain section 6). The burst of `flexi`
/// has no figures upstream: at most what `xl` has, half of it guaranteed.
fn amounts(plan: TenantPlan) -> [(&'static str, &'static str); 2] {
    match plan {
        TenantPlan::S => [("2", "4Gi"); 2],
        TenantPlan::M => [("4", "8Gi"); 2],
        TenantPlan::L => [("8", "16Gi"); 2],
        TenantPlan::Xl => [("16", "32Gi"); 2],
        TenantPlan::Flexi => [("8", "16Gi"), ("16", "32Gi")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_language::scalar::choice::Choice as _;

    /// The control plane of a vCluster may use 2 CPUs and 1 GiB of its Organization's quota.
    #[test]
    fn a_plan_with_a_vcluster_has_room_for_twice_its_control_plane() {
        for plan in TenantPlan::WORDS.iter().filter_map(|word| TenantPlan::from_word(word)) {
            let [(cpu, memory), (cpu_limit, memory_limit)] = amounts(plan);
            let number = |text: &str| text.trim_end_matches("Gi").parse::<u32>().expect("a number");
            assert!(number(cpu) <= number(cpu_limit) && number(memory) <= number(memory_limit), "{plan}");
            assert_eq!(plan.has_vcluster(), number(cpu) >= 4 && number(memory) >= 2, "{plan}");
        }
    }
}
