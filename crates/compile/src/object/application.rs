//! Applications of Organizations.

use super::tables::{count, owners};
use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_language::manifest::ApplicationTable;
use sovereign_language::scalar::PortName;
use sovereign_language::schema::{Count, TextOr};
use sovereign_text::node::{Fields, Node};
use sovereign_text::source::Spanned;

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
    pub depends_on: Vec<Dependency>,
}

/// An Application that another one needs.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Its name.
    pub name: Spanned<String>,
    /// Its namespace, if that is said.
    pub namespace: Option<Spanned<String>>,
    /// The context that the platform looks it up in.
    pub context: Option<Spanned<String>>,
}

impl Dependency {
    fn node(&self) -> Node {
        Fields::new(self.name.span)
            .set("name", &self.name)
            .maybe("namespace", self.namespace.as_ref())
            .maybe("context", self.context.as_ref())
            .node()
    }
}

impl Resource for Application {
    const KIND: &'static str = "Application";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("apps.openova.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        object.put("spec", self.spec())
    }
}

impl Application {
    fn spec(&self) -> Node {
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
            fields =
                fields.fixed("dependsOn", self.depends_on.iter().map(Dependency::node).collect::<Vec<_>>());
        }
        fields.node()
    }
}
