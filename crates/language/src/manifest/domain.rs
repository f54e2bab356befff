//! `[domain]`: the Sovereign's name in DNS, in three modes.

use serde_json::Value as Json;

use super::{Chosen, SecretRef};
use crate::scalar::choice::choice;
use crate::scalar::dns::Fqdn;
use crate::schema::table;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Span;

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
        /// Modes `byo-*`: the Sovereign's full name.
        fqdn: Fqdn = optional,
        /// Mode `byo-api`: whose API to use.
        registrar: Registrar = optional,
        /// Mode `byo-api`: the Secret with the registrar's token.
        credentials: SecretRef = optional,
    }
    refine one_set_of_keys_per_mode
}

/// Which keys each mode needs; every other one is refused.
const KEYS: [(&str, &[&str]); 3] =
    [("pool", &["parent"]), ("byo-manual", &["fqdn"]), ("byo-api", &["fqdn", "registrar", "credentials"])];
const ALL_KEYS: [&str; 4] = ["parent", "fqdn", "registrar", "credentials"];

fn one_set_of_keys_per_mode(schema: &mut Json) {
    super::one_set_of_keys(schema, "mode", &KEYS, &ALL_KEYS);
}

impl DomainTable {
    /// Reports keys that the mode lacks or does not know.
    pub fn check(&self, diags: &mut Diagnostics) {
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
        let chosen = Chosen { table: self.span, keys: &present, states: &|key| self.states(key) };
        super::keys_of_choice(&KEYS, &word, &chosen, (because.0, &because.1), diags);
    }
}
