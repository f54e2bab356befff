//! Work that comes back: the job that tells the registry its policies.

use super::{ApiVersion, Definition, Meta, Resource, SecretUse};
use sovereign_text::node::{Fields, Node};
use sovereign_text::source::{Span, Spanned};

/// Where the job finds its files and the password.
const FILES: &str = "/policies";
const CREDENTIALS: &str = "/credentials";
/// A user that is nobody in particular, as upstream's own job has it.
const USER: i64 = 1001;

/// `batch` CronJob that runs a script of a ConfigMap: with where an API answers, the directory of the ConfigMap, and the file
/// with the password.
#[derive(Clone, Debug)]
pub struct CronJob {
    /// Its metadata; the ConfigMap bears the same name.
    pub meta: Meta,
    /// When it runs.
    pub schedule: &'static str,
    /// The script, by its key in the ConfigMap.
    pub script: &'static str,
    /// The image.
    pub image: Spanned<String>,
    /// Where the API answers.
    pub api: Spanned<String>,
    /// The Secret with the password, and the key in it.
    pub password: (Spanned<String>, Spanned<String>),
}

impl Resource for CronJob {
    const KIND: &'static str = "CronJob";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("batch/v1");
    const DEFINITION: Definition = Definition::BuiltIn;

    fn body(&self, object: Fields) -> Fields {
        object.put("spec", self.spec())
    }

    fn secrets(&self) -> Vec<SecretUse<'_>> {
        let (secret, key) = &self.password;
        vec![SecretUse::beside(&self.meta, &secret.value, vec![&key.value])]
    }
}

impl CronJob {
    fn spec(&self) -> Node {
        let span = self.meta.name.span;
        let job = Fields::new(span)
            .fixed("backoffLimit", 0)
            .fixed("activeDeadlineSeconds", 600)
            .put("template", Fields::new(span).put("metadata", labels(span)).put("spec", self.pod()).node());
        let template = Fields::new(span).put("metadata", labels(span)).put("spec", job.node());
        Fields::new(span)
            .fixed("schedule", self.schedule)
            .fixed("concurrencyPolicy", "Forbid")
            .fixed("successfulJobsHistoryLimit", 1)
            .fixed("failedJobsHistoryLimit", 1)
            .put("jobTemplate", template.node())
            .node()
    }

    fn pod(&self) -> Node {
        let span = self.meta.name.span;
        let (secret, key) = &self.password;
        let user = Fields::new(span)
            .fixed("runAsNonRoot", true)
            .fixed("runAsUser", USER)
            .fixed("runAsGroup", USER)
            .put("seccompProfile", Fields::new(span).fixed("type", "RuntimeDefault").node());
        let files = Fields::new(span).set("name", &self.meta.name).node();
        let item = Fields::new(key.span).set("key", key).fixed("path", "password").node();
        let credentials =
            Fields::new(secret.span).set("secretName", secret).fixed("items", vec![item]).node();
        let volumes = vec![
            Fields::new(span).fixed("name", "policies").put("configMap", files).node(),
            Fields::new(span).fixed("name", "credentials").put("secret", credentials).node(),
        ];
        Fields::new(span)
            .fixed("restartPolicy", "Never")
            .fixed("automountServiceAccountToken", false)
            .put("securityContext", user.node())
            .fixed("containers", vec![self.container()])
            .fixed("volumes", volumes)
            .node()
    }

    fn container(&self) -> Node {
        let span = self.meta.name.span;
        let fixed = |text: String| Node::new(text, span);
        let args = vec![
            fixed(format!("{FILES}/{}", self.script)),
            self.api.clone().into(),
            fixed(FILES.to_owned()),
            fixed(format!("{CREDENTIALS}/password")),
        ];
        let mount = |name: &'static str, path: &'static str| {
            Fields::new(span).fixed("name", name).fixed("mountPath", path).fixed("readOnly", true).node()
        };
        let amounts = |cpu: &'static str, memory: &'static str| {
            Fields::new(span).fixed("cpu", cpu).fixed("memory", memory).node()
        };
        let resources =
            Fields::new(span).put("requests", amounts("10m", "32Mi")).put("limits", amounts("200m", "128Mi"));
        let all = vec![Node::new("ALL", span)];
        let confined = Fields::new(span)
            .fixed("allowPrivilegeEscalation", false)
            .fixed("readOnlyRootFilesystem", true)
            .put("capabilities", Fields::new(span).fixed("drop", all).node());
        Fields::new(span)
            .fixed("name", "tell")
            .set("image", &self.image)
            .fixed("command", vec![Node::new("/bin/sh", span)])
            .fixed("args", args)
            .put("securityContext", confined.node())
            .put("resources", resources.node())
            .fixed("volumeMounts", vec![mount("policies", FILES), mount("credentials", CREDENTIALS)])
            .node()
    }
}

/// Returns the platform's policy lets Jobs in that say that Flux brought them (domain section 2.4).
fn labels(span: Span) -> Node {
    let labels = Fields::new(span).fixed("app.kubernetes.io/managed-by", "flux").node();
    Fields::new(span).put("labels", labels).node()
}
