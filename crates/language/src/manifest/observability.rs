//! `[observability]`: what the Sovereign tells systems outside about itself.

use serde_json::{Value as Json, json};

use super::{SecretRef, missing, unsupported};
use crate::scalar::choice::choice;
use crate::scalar::dns::HttpsUrl;
use crate::scalar::location::RegionName;
use crate::scalar::services::{ExportName, HeaderName};
use crate::schema::table;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Spanned;

choice! {
    /// A kind of telemetry.
    Signal, "a kind of telemetry" {
        /// Logs.
        Logs "logs",
        /// Metrics.
        Metrics "metrics",
        /// Traces.
        Traces "traces",
    }
}

choice! {
    /// How telemetry is sent.
    Protocol, "a protocol of telemetry" {
        /// OTLP over gRPC.
        OtlpGrpc "otlp-grpc",
        /// OTLP over HTTP. Loki, Mimir and Tempo take it too.
        OtlpHttp "otlp-http",
        /// Prometheus's remote write; carries metrics only.
        PrometheusRemoteWrite "prometheus-remote-write",
    }
}

table! {
    /// What the Sovereign tells systems outside about itself.
    ObservabilityTable {
        /// One table for each system that gets telemetry.
        export: Vec<Spanned<ExportTable>> = optional,
    }
}

table! {
    /// A system outside that gets what the collector of each region receives.
    ExportTable {
        /// Its name, in names of the collector.
        name: ExportName = required,
        /// How telemetry is sent.
        protocol: Protocol = required,
        /// Where to. With `otlp-http` the paths `/v1/logs`, `/v1/metrics` and `/v1/traces` are added.
        endpoint: HttpsUrl = required,
        /// What is sent. Default: everything that the protocol carries.
        signals: Vec<Spanned<Signal>> = optional,
        /// The Secret in the `opentelemetry` namespace with the token to log in with. Default key: `token`.
        token: SecretRef = optional,
        /// The header that holds the token, alone. Default: `Authorization`, with `Bearer` before it.
        header: HeaderName = optional,
        /// The Secret in the `opentelemetry` namespace with the certificate of the authority that signed the system's own.
        /// Default key: `ca.crt`.
        ca: SecretRef = optional,
        /// The regions whose telemetry is sent. Default: all.
        regions: Vec<Spanned<RegionName>> = optional,
    }
    refine metrics_only_and_a_token_for_the_header
}

fn metrics_only_and_a_token_for_the_header(schema: &mut Json) {
    schema["allOf"] = json!([
        {
            "if": {
                "properties": { "protocol": { "const": "prometheus-remote-write" } },
                "required": ["protocol"],
            },
            "then": { "properties": { "signals": { "items": { "const": "metrics" } } } },
        },
        { "if": { "required": ["header"] }, "then": { "required": ["token"] } },
    ]);
}

impl Protocol {
    /// Returns whether a kind of telemetry can be sent with it.
    pub fn carries(self, signal: Signal) -> bool {
        self != Self::PrometheusRemoteWrite || signal == Signal::Metrics
    }
}

impl ObservabilityTable {
    /// Reports telemetry that a protocol does not carry, and a header without what to put into it.
    pub fn check(&self, diags: &mut Diagnostics) {
        for export in self.export.iter().flat_map(|list| &list.value) {
            let table = &export.value;
            if let Some(protocol) = table.protocol {
                let signals = table.signals.iter().flat_map(|list| &list.value);
                for signal in signals.filter(|signal| !protocol.value.carries(signal.value)) {
                    let because = (protocol.span, "remote write carries metrics only");
                    unsupported(diags, signal.span, &signal.value.to_string(), because);
                }
            }
            if let Some(header) = table.header.as_ref().filter(|_| !table.states("token")) {
                let because = (header.span, "the header holds the token");
                missing(diags, export.span, "token", "{ secret = \"telemetry\" }", because);
            }
        }
    }
}
