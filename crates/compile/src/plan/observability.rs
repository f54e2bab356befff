//! Exports of telemetry: which systems get what from which region, and the values of the collector that send it.
//!
//! The token of a system stands in a file that the collector reads again when it changes; no value holds it, and none
//! holds a variable to be filled in.

use super::Region;
use super::failover::Seat;
use sovereign_language::manifest::{Document, ExportTable, Protocol, SecretRef, Signal};
use sovereign_language::scalar::{ExportName, HeaderName, HttpsUrl};
use sovereign_text::node::{Fields, Map, Node, text};
use sovereign_text::source::Spanned;

/// Where the collector finds the files of exports.
const DIRECTORY: &str = "/etc/exports";
/// The chart's own extension, which answers its probes: a list in values replaces the chart's.
const HEALTH_CHECK: &str = "health_check";

/// A system outside that gets telemetry.
#[derive(Debug)]
pub struct Export<'a> {
    /// Its name.
    pub name: Spanned<ExportName>,
    /// How telemetry is sent.
    pub protocol: Spanned<Protocol>,
    /// Where to.
    pub endpoint: Spanned<HttpsUrl>,
    /// What is sent, in the order of the words.
    pub signals: Vec<Signal>,
    /// The Secret with the token, and its key.
    pub token: Option<(&'a Spanned<SecretRef>, String)>,
    /// The header that holds the token.
    pub header: Option<&'a Spanned<HeaderName>>,
    /// The Secret with the authority's certificate, and its key.
    pub ca: Option<(&'a Spanned<SecretRef>, String)>,
    /// Whether all that it names is what its protocol does not carry: an error where the signals stand.
    pub is_refused: bool,
    /// The regions; all if there are none.
    regions: Option<Vec<Seat>>,
}

impl Export<'_> {
    /// Returns whether the telemetry of a region is sent, by its place in the plan.
    pub fn is_of(&self, region: usize) -> bool {
        let listed = |seats: &Vec<Seat>| seats.iter().any(|seat| seat.region == region);
        !self.signals.is_empty() && self.regions.as_ref().is_none_or(listed)
    }

    /// Returns what the collector calls the exporter.
    fn exporter(&self) -> String {
        // Both names are older than the ones that the collector has now, and every version takes them.
        let kind = match self.protocol.value {
            Protocol::OtlpGrpc => "otlp",
            Protocol::OtlpHttp => "otlphttp",
            Protocol::PrometheusRemoteWrite => "prometheusremotewrite",
        };
        format!("{kind}/{}", self.name.value)
    }

    /// Returns what the collector calls the extension that adds the token.
    fn authenticator(&self) -> String {
        format!("bearertokenauth/{}", self.name.value)
    }

    /// Returns the files that the collector reads: what for, the Secret, and its key.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&'static str, &Spanned<SecretRef>, &str)> {
        [("token", &self.token), ("ca", &self.ca)]
            .into_iter()
            .filter_map(|(what, file)| file.as_ref().map(|(secret, key)| (what, *secret, key.as_str())))
    }

    fn path(&self, what: &str, key: &str) -> String {
        format!("{DIRECTORY}/{}/{what}/{key}", self.name.value)
    }
}

/// Takes what is written and the regions, gives the exports in the order of their names.
pub(super) fn resolve<'a>(written: &'a Document, regions: &[Region<'_>]) -> Vec<Export<'a>> {
    let table = written.observability.as_ref().and_then(|table| table.value.export.as_ref());
    let mut exports: Vec<_> =
        table.into_iter().flat_map(|list| &list.value).filter_map(|t| export(&t.value, regions)).collect();
    exports.sort_by(|a, b| (&a.name.value, a.name.span).cmp(&(&b.name.value, b.name.span)));
    exports
}

fn export<'a>(table: &'a ExportTable, regions: &[Region<'_>]) -> Option<Export<'a>> {
    let protocol = table.protocol?;
    let wanted = |signal: &Signal| {
        let listed = |list: &Spanned<Vec<Spanned<Signal>>>| list.value.iter().any(|s| s.value == *signal);
        table.signals.as_ref().is_none_or(listed) && protocol.value.carries(*signal)
    };
    let file = |reference: Option<&'a Spanned<SecretRef>>, key: &str| {
        let reference = reference?;
        let given = reference.value.key.as_ref().map(|key| key.value.as_str());
        Some((reference, given.unwrap_or(key).to_owned()))
    };
    let signals: Vec<_> =
        [Signal::Logs, Signal::Metrics, Signal::Traces].into_iter().filter(wanted).collect();
    let names_some = table.signals.as_ref().is_some_and(|list| !list.value.is_empty());
    Some(Export {
        is_refused: signals.is_empty() && names_some,
        name: table.name.clone()?,
        protocol,
        endpoint: table.endpoint.clone()?,
        signals,
        token: file(table.token.as_ref(), "token"),
        header: table.header.as_ref(),
        ca: file(table.ca.as_ref(), "ca.crt"),
        regions: table.regions.as_ref().map(|names| super::tenant::seats(Some(names), regions)),
    })
}

/// Takes the exports of one region, gives what they say below the values of the collector's chart; `None` if there are
/// none.
pub(super) fn values(exports: &[&Export<'_>]) -> Option<Node> {
    let first = exports.first()?;
    let cause = first.name.span;
    let map = |entries: Vec<(String, Node)>| Node::new(Map::of_unique(entries), cause);
    let exporters = exports.iter().map(|export| (export.exporter(), exporter(export))).collect();
    let with_token = || exports.iter().filter(|export| export.token.is_some());
    let extensions: Vec<_> =
        with_token().map(|export| (export.authenticator(), authenticator(export))).collect();
    let mut service = Fields::new(cause);
    let mut config = Fields::new(cause).put("exporters", map(exporters));
    if !extensions.is_empty() {
        let own = Node::new(HEALTH_CHECK, cause);
        let names = with_token().map(|export| Node::new(export.authenticator(), export.name.span));
        service = service.fixed("extensions", std::iter::once(own).chain(names).collect::<Vec<_>>());
        config = config.put("extensions", map(extensions));
    }
    let mut pipelines = Fields::new(cause);
    for (signal, pipeline) in
        [(Signal::Logs, "logs"), (Signal::Metrics, "metrics"), (Signal::Traces, "traces")]
    {
        let sent = exports.iter().filter(|export| export.signals.contains(&signal));
        let names: Vec<_> = sent.map(|export| Node::new(export.exporter(), export.name.span)).collect();
        if !names.is_empty() {
            pipelines = pipelines.put(pipeline, Fields::new(cause).fixed("exporters", names).node());
        }
    }
    let config = config.put("service", service.put("pipelines", pipelines.node()).node());
    let mut values = Fields::new(cause).put("config", config.node());
    let (volumes, mounts): (Vec<_>, Vec<_>) = exports.iter().flat_map(|export| volumes(export)).unzip();
    if !volumes.is_empty() {
        values = values.fixed("extraVolumes", volumes).fixed("extraVolumeMounts", mounts);
    }
    Some(values.node())
}

fn exporter(export: &Export<'_>) -> Node {
    let mut fields = Fields::new(export.name.span).set("endpoint", &text(&export.endpoint));
    if let Some((secret, key)) = &export.ca {
        let file = Fields::new(secret.span).fixed("ca_file", export.path("ca", key));
        fields = fields.put("tls", file.node());
    }
    if let Some((secret, _)) = &export.token {
        let by = Fields::new(secret.span).fixed("authenticator", export.authenticator());
        fields = fields.put("auth", by.node());
    }
    fields.node()
}

fn authenticator(export: &Export<'_>) -> Node {
    let mut fields = Fields::new(export.name.span);
    if let Some((secret, key)) = &export.token {
        fields = fields.put("filename", Node::new(export.path("token", key), secret.span));
    }
    if let Some(header) = export.header {
        fields = fields.set("header", &text(header)).put("scheme", Node::new("", header.span));
    }
    fields.node()
}

/// Returns the volumes of an export's files, each with where it is mounted. A volume holds one key of a Secret.
fn volumes<'e>(export: &'e Export<'_>) -> impl Iterator<Item = (Node, Node)> + use<'e> {
    export.files().map(move |(what, reference, key)| {
        let name = format!("export-{}-{what}", export.name.value);
        let fields = || Fields::new(reference.span);
        let item = fields().fixed("key", key.to_owned()).fixed("path", key.to_owned()).node();
        let secret = fields().shown("secretName", reference.value.secret.as_ref()).fixed("items", vec![item]);
        let volume = fields().fixed("name", name.clone()).put("secret", secret.node());
        let directory = format!("{DIRECTORY}/{}/{what}", export.name.value);
        let mount = fields().fixed("name", name).fixed("mountPath", directory).fixed("readOnly", true);
        (volume.node(), mount.node())
    })
}
