//! Objects of Organizations: the platform's own resources (schemas of `orgs.openova.io`, `catalyst.openova.io` and
//! `apps.openova.io`), and what keeps tenants apart in a cluster.

use super::{Fields, Meta, text};
use crate::plan::shards::{LABEL, Shard};
use sovereign_language::grammar::identity::{LabelKey, LabelValue};
use sovereign_language::grammar::tenant::CLIENT_SECRET;
use sovereign_language::grammar::tenant::PortName;
use sovereign_language::manifest::organization::{
    ApplicationTable, ClaimMapper, ComplianceTable, EnvironmentPolicyTable, FederationConfig, HandlerTable,
    OrganizationIdentity, OwnerTable, PromotionTable, RotationTable, SecretPolicyTable, SelectorTable,
    TenantPublicTable,
};
use sovereign_language::shape::{Count, Named, TextOr};
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{Span, Spanned};

/// The port of a public Service that says none.
const HTTP: i64 = 80;

/// `orgs.openova.io` Organization.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its metadata.
    pub meta: Meta,
    /// Its name for people.
    pub display_name: Option<Spanned<String>>,
    /// How large it is.
    pub tier: Option<Spanned<String>>,
    /// The Organization that it is a part of.
    pub parent: Option<Spanned<String>>,
    /// The people who are responsible for it.
    pub owners: Option<Spanned<Vec<Spanned<OwnerTable>>>>,
    /// How its people log in.
    pub identity: Option<Spanned<OrganizationIdentity>>,
    /// What it shows to the public.
    pub public: Option<Spanned<TenantPublicTable>>,
    /// Whom it belongs to.
    pub kind: Spanned<String>,
    /// What its use costs it.
    pub billing: Spanned<String>,
    /// How much it may use.
    pub plan: Spanned<String>,
    /// The type of its default environment.
    pub default_env: Spanned<String>,
    /// The domain name of the Sovereign.
    pub sovereign: Spanned<String>,
}

impl Organization {
    pub(super) fn spec(&self) -> Node {
        let public = self.public.as_ref().map(|public| public_of(public, &self.meta.name));
        Fields::new(self.meta.name.span)
            .set("slug", &self.meta.name)
            .maybe("displayName", self.display_name.as_ref())
            .set("kind", &self.kind)
            .maybe("tier", self.tier.as_ref())
            .set("billingMode", &self.billing)
            .set("planSlug", &self.plan)
            .set("sovereignRef", &self.sovereign)
            .maybe("parentOrg", self.parent.as_ref())
            .set("defaultEnvironmentType", &self.default_env)
            .put_some("owners", self.owners.as_ref().map(owners))
            .put_some("identity", self.identity.as_ref().map(identity_of))
            .put_some("tenantPublic", public)
            .node()
    }
}

fn owners(owners: &Spanned<Vec<Spanned<OwnerTable>>>) -> Node {
    list(owners, |owner, span| {
        Fields::new(span).shown("email", owner.email.as_ref()).shown("role", owner.role.as_ref())
    })
}

fn identity_of(identity: &Spanned<OrganizationIdentity>) -> Node {
    let config = |config: &Spanned<FederationConfig>| {
        let written = &config.value;
        let secret = written.client_secret.as_ref().map(|reference| {
            let key = reference.value.key.as_ref().map(text);
            let key = key.unwrap_or_else(|| Spanned::new(CLIENT_SECRET.to_owned(), reference.span));
            Fields::new(reference.span).shown("name", reference.value.secret.as_ref()).set("key", &key).node()
        });
        let mapper = |mapper: &ClaimMapper, span| {
            Fields::new(span).shown("src", mapper.src.as_ref()).shown("dest", mapper.dest.as_ref())
        };
        Fields::new(config.span)
            .shown("issuer", written.issuer.as_ref())
            .shown("clientId", written.client_id.as_ref())
            .put_some("clientSecretRef", secret)
            .shown("tenantId", written.tenant_id.as_ref())
            .shown("authorizationUrl", written.authorization_url.as_ref())
            .shown("tokenUrl", written.token_url.as_ref())
            .shown("jwksUrl", written.jwks_url.as_ref())
            .put_some("claimMappers", written.claim_mappers.as_ref().map(|mappers| list(mappers, mapper)))
            .node()
    };
    Fields::new(identity.span)
        .shown("federationProvider", identity.value.federation_provider.as_ref())
        .put_some("federationConfig", identity.value.federation_config.as_ref().map(config))
        .node()
}

fn public_of(public: &Spanned<TenantPublicTable>, slug: &Spanned<String>) -> Node {
    let written = &public.value;
    let port = count(written.backend_port.as_ref()).unwrap_or(Spanned::new(HTTP, public.span));
    Fields::new(public.span)
        .shown("parentDomain", written.parent_domain.as_ref())
        .set("subdomain", &written.subdomain.as_ref().map_or_else(|| slug.clone(), text))
        .shown("backendService", written.backend_service.as_ref())
        .set("backendPort", &port)
        .shown("product", written.product.as_ref())
        .node()
}

/// `catalyst.openova.io` Environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its metadata.
    pub meta: Meta,
    /// Its Organization.
    pub organization: Spanned<String>,
    /// Its type.
    pub env: Spanned<String>,
    /// In how many regions it is.
    pub placement: Spanned<String>,
    /// Its regions, the primary first.
    pub regions: Vec<EnvironmentRegion>,
    /// Its policy, if it has one.
    pub policy: Option<Spanned<String>>,
}

/// A region of an Environment.
#[derive(Clone, Debug)]
pub struct EnvironmentRegion {
    /// The cloud.
    pub provider: Spanned<String>,
    /// The code of the region.
    pub code: Spanned<String>,
    /// The building block that tenants run in.
    pub block: Spanned<String>,
    /// The name of the host cluster.
    pub host_cluster: Spanned<String>,
}

impl Environment {
    pub(super) fn spec(&self) -> Node {
        let region = |region: &EnvironmentRegion| {
            Fields::new(region.code.span)
                .set("provider", &region.provider)
                .set("region", &region.code)
                .set("buildingBlock", &region.block)
                .set("hostCluster", &region.host_cluster)
                .node()
        };
        Fields::new(self.meta.name.span)
            .set("organizationRef", &self.organization)
            .set("envType", &self.env)
            .set("placement", &self.placement)
            .fixed("regions", self.regions.iter().map(region).collect::<Vec<_>>())
            .maybe("policyRef", self.policy.as_ref())
            .node()
    }
}

/// `catalyst.openova.io` EnvironmentPolicy.
#[derive(Clone, Debug)]
pub struct EnvironmentPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// What was written.
    pub written: EnvironmentPolicyTable,
}

impl EnvironmentPolicy {
    pub(super) fn spec(&self) -> Node {
        let promotion = |promotion: &Spanned<PromotionTable>| {
            let written = &promotion.value;
            Fields::new(promotion.span)
                .maybe("requiredApprovers", count(written.required_approvers.as_ref()).as_ref())
                .maybe("soakHours", count(written.soak_hours.as_ref()).as_ref())
                .maybe("requiredComplianceScore", count(written.required_compliance_score.as_ref()).as_ref())
                .node()
        };
        Fields::new(self.meta.name.span)
            .put_some("promotion", self.written.promotion.as_ref().map(promotion))
            .put_some("compliance", self.written.compliance.as_ref().map(compliance))
            .node()
    }
}

fn compliance(compliance: &Spanned<ComplianceTable>) -> Node {
    let weights = compliance.value.weights.as_ref().map(|weights| {
        named(weights, |weight| {
            Fields::new(weight.span)
                .maybe("weight", count(weight.value.weight.as_ref()).as_ref())
                .shown("scope", weight.value.scope.as_ref())
                .node()
        })
    });
    let modes = compliance.value.modes.as_ref().map(|modes| named(modes, |mode| text(mode).into()));
    Fields::new(compliance.span).put_some("weights", weights).put_some("modes", modes).node()
}

/// `catalyst.openova.io` SecretPolicy.
#[derive(Clone, Debug)]
pub struct SecretPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// What was written.
    pub written: SecretPolicyTable,
}

impl SecretPolicy {
    pub(super) fn spec(&self) -> Node {
        let handler = |handler: &Spanned<HandlerTable>| {
            Fields::new(handler.span)
                .shown("name", handler.value.name.as_ref())
                .shown("namespace", handler.value.namespace.as_ref())
                .node()
        };
        let rotation = |rotation: &RotationTable, span| {
            Fields::new(span)
                .shown("kind", rotation.kind.as_ref())
                .put_some("labelSelector", rotation.label_selector.as_ref().map(selector))
                .shown("ttl", rotation.ttl.as_ref())
                .shown("action", rotation.action.as_ref())
                .shown("gracePeriod", rotation.grace_period.as_ref())
                .put_some("handlerRef", rotation.handler.as_ref().map(handler))
        };
        let rotations = self.written.rotation.as_ref().map(|rotations| list(rotations, rotation));
        Fields::new(self.meta.name.span).put_some("rotation", rotations).node()
    }
}

fn selector(selector: &Spanned<SelectorTable>) -> Node {
    let labels = |labels: &Spanned<Named<LabelKey, LabelValue>>| named(labels, |value| text(value).into());
    let expressions = selector.value.match_expressions.as_ref().map(|expressions| {
        list(expressions, |expression, span| {
            let values = expression.values.as_ref().map(|values| {
                let values: Vec<Node> = values.value.iter().map(|value| text(value).into()).collect();
                Node::new(values, span)
            });
            Fields::new(span)
                .shown("key", expression.key.as_ref())
                .shown("operator", expression.operator.as_ref())
                .put_some("values", values)
        })
    });
    Fields::new(selector.span)
        .put_some("matchLabels", selector.value.match_labels.as_ref().map(labels))
        .put_some("matchExpressions", expressions)
        .node()
}

/// `apps.openova.io` Application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its metadata.
    pub meta: Meta,
    /// What was written.
    pub written: ApplicationTable,
    /// Its Environment.
    pub environment: Spanned<String>,
    /// Where it runs.
    pub placement: Spanned<String>,
    /// The node labels of its regions, the primary first.
    pub regions: Vec<Spanned<String>>,
    /// The Applications that it needs.
    pub depends_on: Vec<Need>,
}

/// An Application that another one needs.
#[derive(Clone, Debug)]
pub struct Need {
    /// Its name.
    pub name: Spanned<String>,
    /// Its namespace, if that is said.
    pub namespace: Option<Spanned<String>>,
    /// The context that the platform looks it up in.
    pub context: Option<Spanned<String>>,
}

impl Need {
    fn node(&self) -> Node {
        Fields::new(self.name.span)
            .set("name", &self.name)
            .maybe("namespace", self.namespace.as_ref())
            .maybe("context", self.context.as_ref())
            .node()
    }
}

impl Application {
    pub(super) fn spec(&self) -> Node {
        let written = &self.written;
        let blueprint = written.blueprint.as_ref().map(|blueprint| {
            Fields::new(blueprint.span)
                .shown("name", blueprint.value.name.as_ref())
                .shown("version", blueprint.value.version.as_ref())
                .node()
        });
        let port = |port: &Spanned<TextOr<PortName, Count<1, 65_535>>>| match &port.value {
            TextOr::Text(name) => Node::new(name.to_string(), port.span),
            TextOr::Other(number) => Node::new(number.0, port.span),
        };
        let health = written.health_check.as_ref().map(|health| {
            Fields::new(health.span)
                .shown("path", health.value.path.as_ref())
                .put_some("port", health.value.port.as_ref().map(port))
                .maybe("intervalSeconds", count(health.value.interval_seconds.as_ref()).as_ref())
                .maybe("timeoutSeconds", count(health.value.timeout_seconds.as_ref()).as_ref())
                .node()
        });
        let topology = written.topology.as_ref().map(|topology| {
            Fields::new(topology.span)
                .maybe("autoFailover", topology.value.auto_failover.as_ref())
                .shown("rto", topology.value.rto.as_ref())
                .shown("rpo", topology.value.rpo.as_ref())
                .maybe("minReplicas", count(topology.value.min_replicas.as_ref()).as_ref())
                .node()
        });
        let release = written.helm_release.as_ref().map(|release| {
            Fields::new(release.span)
                .shown("name", release.value.name.as_ref())
                .shown("namespace", release.value.namespace.as_ref())
                .node()
        });
        let regions: Vec<Node> = self.regions.iter().map(|region| region.clone().into()).collect();
        let mut fields = Fields::new(self.meta.name.span)
            .set("environmentRef", &self.environment)
            .put_some("blueprintRef", blueprint)
            .set("placement", &self.placement)
            .fixed("regions", regions)
            .put_some("parameters", written.parameters.as_ref().map(|values| values.value.0.clone()))
            .put_some("healthCheck", health)
            .put_some("owners", written.owners.as_ref().map(owners))
            .put_some("topology", topology)
            .shown("instanceId", written.instance_id.as_ref())
            .shown("isolationLevel", written.isolation_level.as_ref())
            .shown("namingTemplate", written.naming_template.as_ref())
            .maybe("bootstrap", written.bootstrap.as_ref())
            .put_some("helmRelease", release);
        if !self.depends_on.is_empty() {
            fields = fields.fixed("dependsOn", self.depends_on.iter().map(Need::node).collect::<Vec<_>>());
        }
        fields.node()
    }
}

/// `v1` ResourceQuota: how much may be asked for in a namespace.
#[derive(Clone, Debug)]
pub struct ResourceQuota {
    /// Its metadata.
    pub meta: Meta,
    /// What is limited, and how much of it there is.
    pub hard: Vec<(&'static str, Spanned<String>)>,
}

impl ResourceQuota {
    pub(super) fn spec(&self) -> Node {
        Fields::new(self.meta.name.span).put("hard", amounts(&self.hard, self.meta.name.span)).node()
    }
}

/// `v1` LimitRange: what a container that says nothing asks for. Without it, a quota refuses such containers.
#[derive(Clone, Debug)]
pub struct LimitRange {
    /// Its metadata.
    pub meta: Meta,
    /// Its limits.
    pub limits: Vec<(&'static str, Spanned<String>)>,
    /// Its requests.
    pub requests: Vec<(&'static str, Spanned<String>)>,
}

impl LimitRange {
    pub(super) fn spec(&self) -> Node {
        let span = self.meta.name.span;
        let container = Fields::new(span)
            .fixed("type", "Container")
            .put("default", amounts(&self.limits, span))
            .put("defaultRequest", amounts(&self.requests, span));
        Fields::new(span).fixed("limits", vec![container.node()]).node()
    }
}

fn amounts(amounts: &[(&'static str, Spanned<String>)], span: Span) -> Node {
    amounts.iter().fold(Fields::new(span), |fields, (key, amount)| fields.set(key, amount)).node()
}

/// `networking.k8s.io` NetworkPolicy of all Pods of a namespace: what it does not list is refused.
#[derive(Clone, Debug)]
pub struct NetworkPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// Who may reach the Pods.
    pub ingress: Vec<Flow>,
    /// Whom the Pods may reach.
    pub egress: Vec<Flow>,
}

/// Connections that are allowed.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// With whom.
    pub peers: &'static [Peer],
    /// To which ports, each with its protocol. None means all. The port of the Pod counts, not that of the Service:
    /// the policy is applied after the address is translated.
    pub ports: &'static [(&'static str, i64)],
}

/// The other side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// All Pods of the same namespace.
    SameNamespace,
    /// All Pods of a namespace.
    Namespace(&'static str),
}

impl NetworkPolicy {
    pub(super) fn spec(&self) -> Node {
        let span = self.meta.name.span;
        let kinds = ["Ingress", "Egress"].map(|kind| Node::new(kind, span));
        let flows = |flows: &[Flow], side| flows.iter().map(|flow| flow.node(side, span)).collect::<Vec<_>>();
        Fields::new(span)
            .fixed("podSelector", Map::new())
            .fixed("policyTypes", kinds.to_vec())
            .fixed("ingress", flows(&self.ingress, "from"))
            .fixed("egress", flows(&self.egress, "to"))
            .node()
    }
}

impl Flow {
    fn node(self, side: &'static str, span: Span) -> Node {
        let peer = |peer: &Peer| {
            let labels = match peer {
                Peer::SameNamespace => return Fields::new(span).fixed("podSelector", Map::new()).node(),
                Peer::Namespace(name) => Fields::new(span).fixed("kubernetes.io/metadata.name", *name),
            };
            let selector = Fields::new(span).put("matchLabels", labels.node());
            Fields::new(span).put("namespaceSelector", selector.node()).node()
        };
        let port = |(protocol, port): &(&'static str, i64)| {
            Fields::new(span).fixed("protocol", *protocol).fixed("port", *port).node()
        };
        let mut fields = Fields::new(span);
        if !self.peers.is_empty() {
            fields = fields.fixed(side, self.peers.iter().map(peer).collect::<Vec<_>>());
        }
        if !self.ports.is_empty() {
            fields = fields.fixed("ports", self.ports.iter().map(port).collect::<Vec<_>>());
        }
        fields.node()
    }
}

/// `cilium.io` CiliumNetworkPolicy that lets the Gateway in. Its Envoy has an identity of its own, which no selector of
/// namespaces matches.
#[derive(Clone, Debug)]
pub struct GatewayAccess {
    /// Its metadata.
    pub meta: Meta,
}

impl GatewayAccess {
    pub(super) fn spec(&self) -> Node {
        let span = self.meta.name.span;
        let entities = vec![Node::new("ingress", span)];
        let rule = Fields::new(span).fixed("fromEntities", entities).node();
        Fields::new(span).fixed("endpointSelector", Map::new()).fixed("ingress", vec![rule]).node()
    }
}

/// The HelmRelease of an Organization's vCluster (chart `vcluster`).
#[derive(Clone, Debug)]
pub struct Vcluster {
    /// Its metadata.
    pub meta: Meta,
    /// The name of the Helm release.
    pub release: &'static str,
    /// The release that brings the source of the chart. Not waited for in a shard, which has a source of its own.
    pub waits_for: Spanned<String>,
    /// The version of the chart.
    pub version: &'static str,
    /// The values, final.
    pub values: Node,
}

impl Vcluster {
    /// The namespace of the chart's HelmRepositories, which bp-vcluster-helmrepo makes.
    pub const SOURCES: &'static str = "vcluster-system";
    /// The HelmRepository that bp-vcluster-helmrepo makes.
    const SOURCE: &'static str = "loft";
    /// The name of the chart.
    pub const CHART: &'static str = "vcluster";
    /// The Secret with the kubeconfig, which the chart makes beside the vCluster: `vc-<release>`.
    pub const KUBECONFIG: &'static str = "vc-vcluster";
    const INTERVAL: &'static str = "10m";
    const TIMEOUT: &'static str = "15m";
    const RETRIES: i64 = 3;

    /// The HelmRepository of a shard, whose source-controller sees no other.
    pub fn source_of(shard: &Spanned<Shard>) -> Spanned<String> {
        shard.as_ref().map(|shard| format!("{}-{shard}", Self::SOURCE))
    }

    pub(super) fn spec(&self) -> Node {
        let span = self.meta.name.span;
        let shard = self.meta.shard.as_ref();
        let name = shard.map_or_else(|| Spanned::new(Self::SOURCE.to_owned(), span), Self::source_of);
        let source = Fields::new(span)
            .fixed("kind", "HelmRepository")
            .set("name", &name)
            .fixed("namespace", Self::SOURCES);
        let chart = Fields::new(span)
            .fixed("chart", Self::CHART)
            .fixed("version", self.version)
            .put("sourceRef", source.node());
        // The chart object that Flux makes of this belongs to the shard too.
        let metadata = shard.map(|shard| {
            let labels = Fields::new(shard.span).set(LABEL, &text(shard));
            Fields::new(shard.span).put("labels", labels.node()).node()
        });
        let chart = Fields::new(span).put_some("metadata", metadata).put("spec", chart.node());
        // In a shard nothing is waited for: a release of another one is none of its controller's business.
        let waits_for = shard.is_none().then(|| {
            let waits_for = Fields::new(self.waits_for.span)
                .set("name", &self.waits_for)
                .fixed("namespace", super::FLUX_NAMESPACE);
            Node::new(vec![waits_for.node()], span)
        });
        let action = |crds: &'static str| {
            let remediation = Fields::new(span).fixed("retries", Self::RETRIES);
            Fields::new(span)
                .fixed("timeout", Self::TIMEOUT)
                .fixed("crds", crds)
                .put("remediation", remediation.node())
                .node()
        };
        Fields::new(span)
            .fixed("interval", Self::INTERVAL)
            .fixed("releaseName", self.release)
            .put_some("targetNamespace", self.meta.namespace.clone().map(Into::into))
            .put_some("dependsOn", waits_for)
            .put("chart", chart.node())
            .put("install", action("Create"))
            .put("upgrade", action("Skip"))
            .put("values", self.values.clone())
            .node()
    }
}

/// A list of tables as a list of mappings.
fn list<T>(tables: &Spanned<Vec<Spanned<T>>>, fields: impl Fn(&T, Span) -> Fields) -> Node {
    let items: Vec<Node> = tables.value.iter().map(|table| fields(&table.value, table.span).node()).collect();
    Node::new(items, tables.span)
}

/// A table with names of the author's choice as a mapping, sorted.
fn named<K: ToString, T>(entries: &Spanned<Named<K, T>>, node: impl Fn(&Spanned<T>) -> Node) -> Node {
    let items = entries.value.0.iter().map(|(key, value)| (key.value.to_string(), node(value)));
    let mut node = Node::new(Map::of_unique(items), entries.span);
    node.sort();
    node
}

fn count<const LEAST: i64, const MOST: i64>(
    count: Option<&Spanned<Count<LEAST, MOST>>>,
) -> Option<Spanned<i64>> {
    count.map(|count| count.map(|count| count.0))
}
