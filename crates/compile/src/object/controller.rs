//! The controllers of a shard: Flux's own Deployments (chart `flux2` 2.14, Flux 2.4) with another name, a label selector,
//! and the same ServiceAccounts. The lease of a leader is named after the selector, so shards do not share one.

use super::{
    ApiVersion, Definition, FLUX_NAMESPACE, HealthCheck, HelmRepository, Identity, Meta, Need, Resource,
    Vcluster,
};
use sovereign_language::kit::CANCEL_HEALTH_CHECKS;
use sovereign_language::scalar::{LABEL, Shard};
use sovereign_text::node::{Fields, Map, Node};
use sovereign_text::source::Spanned;

/// The port of artifacts, and the names of the ports that are asked for health and artifacts.
const ARTIFACTS: i64 = 9090;
const HEALTH: &str = "healthz";
pub(super) const HTTP: &str = "http";

/// A controller of Flux that works on a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FluxController {
    /// Fetches charts.
    Source,
    /// Applies buckets.
    Kustomize,
    /// Installs releases.
    Helm,
}

impl FluxController {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Source, Self::Kustomize, Self::Helm];

    /// Returns the name of Flux's own, also of its ServiceAccount.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source-controller",
            Self::Kustomize => "kustomize-controller",
            Self::Helm => "helm-controller",
        }
    }

    /// Returns the name of a shard's.
    pub(crate) fn name_in(self, shard: Shard) -> String {
        format!("{}-{shard}", self.name())
    }

    /// Returns how long it may take to stop: a Helm action is not cut short.
    fn grace(self) -> i64 {
        match self {
            Self::Source => 10,
            Self::Kustomize => 60,
            Self::Helm => 600,
        }
    }

    /// Returns the directories that it writes to, and their volumes.
    fn directories(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Source => &[("/data", "data"), ("/tmp", "tmp")],
            Self::Kustomize | Self::Helm => &[("/tmp", "temp")],
        }
    }
}

/// `apps` Deployment of a shard's controller.
#[derive(Clone, Debug)]
pub struct Controller {
    /// Its metadata.
    pub meta: Meta,
    /// Which controller it is.
    pub kind: FluxController,
    /// The shard that it works on.
    pub shard: Spanned<Shard>,
    /// The image, with its tag.
    pub image: Spanned<String>,
    /// Whether this Flux can end a health check as soon as there is a new commit.
    pub cancels_health_checks: bool,
}

impl Resource for Controller {
    const KIND: &'static str = "Deployment";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("apps/v1");
    const DEFINITION: Definition = Definition::BuiltIn;

    fn body(&self, object: Fields) -> Fields {
        object.put("spec", self.spec())
    }

    /// What a shard has to do waits until its controllers run.
    fn ready_when(&self) -> Option<HealthCheck> {
        Some(self.readiness(&self.meta))
    }

    /// A source-controller comes after what it fetches, so that it also goes after it: a HelmRepository whose controller
    /// is gone hangs for ever.
    fn needs(&self) -> Vec<Need> {
        if self.kind != FluxController::Source {
            return Vec::new();
        }
        vec![Need::Object(Identity {
            group: "source.toolkit.fluxcd.io".to_owned(),
            kind: HelmRepository::KIND.into(),
            namespace: Some(Vcluster::SOURCES.to_owned()),
            name: Vcluster::source_of(&self.shard).value,
        })]
    }
}

impl Controller {
    fn spec(&self) -> Node {
        let fields = Fields::new(self.shard.span).fixed("replicas", 1).put("selector", self.selector());
        let fields = match self.kind {
            // Two of them would serve different artifacts under one name.
            FluxController::Source => fields.put("strategy", self.fields().fixed("type", "Recreate").node()),
            FluxController::Kustomize | FluxController::Helm => fields,
        };
        let metadata = self
            .fields()
            .put("annotations", self.scraping())
            .put("labels", self.fields().put("app", self.app()).node());
        let template = self.fields().put("metadata", metadata.node()).put("spec", self.pod());
        fields.put("template", template.node()).node()
    }

    fn fields(&self) -> Fields {
        Fields::new(self.shard.span)
    }

    fn app(&self) -> Node {
        Node::new(self.kind.name_in(self.shard.value), self.shard.span)
    }

    fn selector(&self) -> Node {
        self.fields().put("matchLabels", self.fields().put("app", self.app()).node()).node()
    }

    fn scraping(&self) -> Node {
        self.named(&[("prometheus.io/port", "8080"), ("prometheus.io/scrape", "true")])
    }

    fn named(&self, entries: &[(&'static str, &'static str)]) -> Node {
        entries.iter().fold(self.fields(), |fields, (key, value)| fields.fixed(key, *value)).node()
    }

    fn list(&self, items: impl IntoIterator<Item = Node>) -> Node {
        Node::new(items.into_iter().collect::<Vec<_>>(), self.shard.span)
    }

    fn pod(&self) -> Node {
        let fields = self.fields().put("containers", self.list([self.container()]));
        let fields = match self.kind {
            // The chart's own: both write as a group what they read again.
            FluxController::Source | FluxController::Kustomize => {
                fields.put("securityContext", self.fields().fixed("fsGroup", 1337).node())
            }
            FluxController::Helm => fields,
        };
        let volume = |(_, name): &(&'static str, &'static str)| {
            self.fields().fixed("name", *name).fixed("emptyDir", Map::new()).node()
        };
        fields
            .fixed("serviceAccountName", self.kind.name())
            .fixed("terminationGracePeriodSeconds", self.kind.grace())
            .put("volumes", self.list(self.kind.directories().iter().map(volume)))
            .node()
    }

    fn container(&self) -> Node {
        let field = self.fields().fixed("fieldPath", "metadata.namespace").node();
        let env = self
            .fields()
            .fixed("name", "RUNTIME_NAMESPACE")
            .put("valueFrom", self.fields().put("fieldRef", field).node());
        let probe = |path: &'static str, port: &'static str| {
            let get = self.fields().fixed("path", path).fixed("port", port).node();
            self.fields().put("httpGet", get).node()
        };
        let ready = match self.kind {
            FluxController::Source => probe("/", HTTP),
            FluxController::Kustomize | FluxController::Helm => probe("/readyz", HEALTH),
        };
        let mount = |(path, name): &(&'static str, &'static str)| {
            self.fields().fixed("name", *name).fixed("mountPath", *path).node()
        };
        self.fields()
            .fixed("name", "manager")
            .set("image", &self.image)
            .fixed("imagePullPolicy", "IfNotPresent")
            .put("args", self.args())
            .put("env", self.list([env.node()]))
            .put("ports", self.ports())
            .put("livenessProbe", probe("/healthz", HEALTH))
            .put("readinessProbe", ready)
            .put("resources", self.resources())
            .put("securityContext", self.confined())
            .put("volumeMounts", self.list(self.kind.directories().iter().map(mount)))
            .node()
    }

    fn args(&self) -> Node {
        let mut args = vec![
            format!("--events-addr=http://notification-controller.{FLUX_NAMESPACE}.svc.cluster.local."),
            "--watch-all-namespaces=true".to_owned(),
            "--log-level=info".to_owned(),
            "--log-encoding=json".to_owned(),
            "--enable-leader-election".to_owned(),
        ];
        if self.kind == FluxController::Source {
            let name = self.kind.name_in(self.shard.value);
            args.push("--storage-path=/data".to_owned());
            args.push(format!("--storage-adv-addr={name}.{FLUX_NAMESPACE}.svc.cluster.local."));
        }
        if self.kind == FluxController::Kustomize && self.cancels_health_checks {
            args.push(CANCEL_HEALTH_CHECKS.to_owned());
        }
        args.push(format!("--watch-label-selector={LABEL}={}", self.shard.value));
        self.list(args.into_iter().map(|arg| Node::new(arg, self.shard.span)))
    }

    fn ports(&self) -> Node {
        let artifacts = (self.kind == FluxController::Source).then_some((HTTP, ARTIFACTS));
        let port = |(name, number): (&'static str, i64)| {
            let port = self.fields().fixed("name", name).fixed("containerPort", number);
            port.fixed("protocol", "TCP").node()
        };
        self.list(artifacts.into_iter().chain([("http-prom", 8080), (HEALTH, 9440)]).map(port))
    }

    /// Returns what the chart asks for. It sets no limit either: memory grows with the number of tenants.
    fn resources(&self) -> Node {
        self.fields().put("requests", self.named(&[("cpu", "100m"), ("memory", "64Mi")])).node()
    }

    fn confined(&self) -> Node {
        let drop = self.list([Node::new("ALL", self.shard.span)]);
        self.fields()
            .fixed("allowPrivilegeEscalation", false)
            .put("capabilities", self.fields().put("drop", drop).node())
            .fixed("readOnlyRootFilesystem", true)
            .fixed("runAsNonRoot", true)
            .put("seccompProfile", self.fields().fixed("type", "RuntimeDefault").node())
            .node()
    }
}
