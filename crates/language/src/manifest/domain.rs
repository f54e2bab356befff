//! `[domain]`: the Sovereign's name in DNS, in three modes.

use serde_json::{Value as Json, json};

use super::{Chosen, SecretRef, unsupported};
use crate::scalar::choice::choice;
use crate::scalar::dns::{Fqdn, HttpsUrl};
use crate::schema::table;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

choice! {
    /// Who owns the parent zone and writes the delegation in it.
    DomainMode, "a domain mode" {
        /// A subdomain of a zone that OpenOva runs; the pool domain manager delegates it.
        Pool "pool",
        /// The customer's own domain; the customer pastes the name servers.
        ByoManual "byo-manual",
        /// The customer's own domain; the registrar's API is used.
        ByoApi "byo-api",
    }
}

choice! {
    /// A registrar with an adapter.
    Registrar, "a registrar" {
        /// Cloudflare.
        Cloudflare "cloudflare",
        /// Namecheap.
        Namecheap "namecheap",
        /// GoDaddy.
        Godaddy "godaddy",
        /// OVH.
        Ovh "ovh",
        /// Dynadot.
        Dynadot "dynadot",
    }
}

table! {
    /// The Sovereign's domain name and who writes the records of the parent zone.
    DomainTable {
        /// `pool`: a subdomain of an OpenOva zone. `byo-manual`: your domain, you paste the name servers.
        /// `byo-api`: your domain, the registrar's API is used.
        mode: DomainMode = required,
        /// Mode `pool`: the zone to live in. The Sovereign's name is `<sovereign.name>.<parent>`.
        parent: Fqdn = optional,
        /// Mode `pool`: who answers for the zone, where it is not OpenOva's. Default: OpenOva's own, for its own zones.
        pool: PoolTable = optional,
        /// Modes `byo-*`: the Sovereign's full name.
        fqdn: Fqdn = optional,
        /// Mode `byo-api`: whose API to use.
        registrar: Registrar = optional,
        /// Mode `byo-api`: the Secret with the registrar's token.
        credentials: SecretRef = optional,
    }
    refine one_set_of_keys_per_mode
}

table! {
    /// A pool that another one than OpenOva runs: the Sovereign that makes this one, or a company for its own.
    PoolTable {
        /// The name servers of its zones.
        name_servers: Vec<Spanned<Fqdn>> = required like ["ns1.example.org", "ns2.example.org"],
        /// The API of the PowerDNS behind them.
        api: HttpsUrl = required like "https://pdns.example.org",
    }
    refine at_least_one_server
}

fn at_least_one_server(schema: &mut Json) {
    schema["properties"]["name-servers"]["minItems"] = json!(1);
}

/// Which keys each mode needs; every other one is refused.
const KEYS: [(&str, &[&str]); 3] =
    [("pool", &["parent"]), ("byo-manual", &["fqdn"]), ("byo-api", &["fqdn", "registrar", "credentials"])];
const ALL_KEYS: [&str; 4] = ["parent", "fqdn", "registrar", "credentials"];

fn one_set_of_keys_per_mode(schema: &mut Json) {
    super::one_set_of_keys(schema, "mode", &KEYS, &ALL_KEYS);
    let pool = json!({ "properties": { "mode": { "const": "pool" } }, "required": ["mode"] });
    if let Some(rules) = schema["allOf"].as_array_mut() {
        rules.push(json!({ "if": { "required": ["pool"] }, "then": pool }));
    }
}

impl DomainTable {
    /// Reports keys that the mode lacks or does not know.
    pub fn check(&self, diags: &mut Diagnostics) {
        if let Some(servers) = self.pool.as_ref().and_then(|pool| pool.value.name_servers.as_ref())
            && servers.value.is_empty()
        {
            diags.push(
                Diagnostic::new(Code::MalformedValue, servers.span, "a pool has at least one name server")
                    .help("write their names"),
            );
        }
        let Some(mode) = self.mode else { return };
        let word = mode.value.to_string();
        let present: [(&str, Option<Span>, &str); 4] = [
            ("parent", self.parent.as_ref().map(|p| p.span), "\"omani.works\""),
            ("fqdn", self.fqdn.as_ref().map(|f| f.span), "\"sovereign.example.com\""),
            ("registrar", self.registrar.map(|r| r.span), "\"cloudflare\""),
            (
                "credentials",
                self.credentials.as_ref().map(|c| c.span),
                "{ secret = \"registrar-token\", key = \"token\" }",
            ),
        ];
        let because = (mode.span, format!("mode `{word}` is chosen here"));
        if let Some(pool) = self.pool.as_ref().filter(|_| mode.value != DomainMode::Pool) {
            unsupported(diags, pool.span, "pool", (because.0, &because.1));
        }
        let chosen = Chosen { table: self.span, keys: &present, states: &|key| self.states(key) };
        super::keys_of_choice(&KEYS, &word, &chosen, (because.0, &because.1), diags);
    }
}
