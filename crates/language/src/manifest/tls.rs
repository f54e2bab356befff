//! `[tls]`: who issues the certificates.

use serde_json::{Value as Json, json};

use super::{SecretRef, missing, too_many, unsupported};
use crate::scalar::choice::choice;
use crate::scalar::dns::CertificateName;
use crate::schema::table;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Spanned;

choice! {
    /// Who issues the certificates.
    Issuer, "an issuer" {
        /// Let's Encrypt.
        LetsEncrypt "lets-encrypt",
        /// The staging service of Let's Encrypt: no rate limits, certificates that no browser trusts.
        LetsEncryptStaging "lets-encrypt-staging",
        /// The organization's own certificate authority.
        CorporateCa "corporate-ca",
    }
}

table! {
    /// Who issues the certificates.
    TlsTable {
        /// `lets-encrypt` (default), `lets-encrypt-staging`, or `corporate-ca`.
        issuer: Issuer = optional or "lets-encrypt",
        /// Only with `corporate-ca`: the Secret in `cert-manager` with the authority's certificate and key.
        ca: SecretRef = optional,
        /// Further names of the wildcard certificate, each with a listener of the Gateway: `*.<fqdn>` is not valid for
        /// names with more labels, such as `shop.acme-prod.<fqdn>`. At most 61.
        names: Vec<Spanned<CertificateName>> = optional,
    }
    refine ca_and_names
}

/// The most further names: the API server takes 64 listeners of a Gateway, and three are there without them
/// (`lower::gateway`).
const MOST_NAMES: usize = 61;

fn ca_and_names(schema: &mut Json) {
    ca_goes_with_corporate_ca(schema);
    schema["properties"]["names"]["maxItems"] = json!(MOST_NAMES);
}

fn ca_goes_with_corporate_ca(schema: &mut Json) {
    let corporate =
        json!({ "properties": { "issuer": { "const": "corporate-ca" } }, "required": ["issuer"] });
    schema["if"] = corporate;
    schema["then"] = json!({ "required": ["ca"] });
    schema["else"] = json!({ "not": { "required": ["ca"] } });
}

impl TlsTable {
    /// Reports a corporate CA without its Secret, a Secret without a corporate CA, and names that are too many.
    pub fn check(&self, diags: &mut Diagnostics) {
        if let Some(names) = &self.names {
            too_many(names, "names", MOST_NAMES, diags);
        }
        let corporate = self.issuer.filter(|issuer| issuer.value == Issuer::CorporateCa);
        match (corporate, &self.ca) {
            (Some(issuer), None) if !self.states("ca") => {
                let because = (issuer.span, "the issuer signs with the key in that Secret");
                missing(diags, self.span, "ca", "{ secret = \"corporate-ca\" }", because);
            }
            // An issuer that is written and wrong may have been meant to be the one with a Secret.
            (None, Some(ca)) if self.issuer.is_some() || !self.states("issuer") => {
                let because = (self.issuer.map_or(self.span, |i| i.span), "Let's Encrypt needs no Secret");
                unsupported(diags, ca.span, "ca", because);
            }
            (Some(_) | None, Some(_) | None) => {}
        }
    }
}
