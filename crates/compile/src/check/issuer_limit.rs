#![doc = include_str!("../../../../docs/diagnostics/issuer-limit.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::lower::Lowered;
use crate::object::{Certificate, Object};
use crate::plan::Plan;
use sovereign_language::manifest::Issuer;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// What Let's Encrypt issues at most (<https://letsencrypt.org/docs/rate-limits/>): certificates for names below one registered
/// domain in a week.
const OF_DOMAIN: usize = 50;
/// Certificates for exactly the same names in a week.
const OF_SAME_NAMES: usize = 5;
/// Names of one certificate.
const NAMES: usize = 100;

/// Reports certificates that Let's Encrypt would refuse on the day when a Sovereign is installed: too many below one domain, too
/// many for the same names, or one with too many names. Renewals count towards none of them.
pub(crate) fn check(plan: &Plan<'_>, lowered: &Lowered, diags: &mut Diagnostics) {
    if plan.tls.issuer.value != Issuer::LetsEncrypt {
        return;
    }
    let certificates: Vec<_> = certificates(lowered).collect();
    if certificates.len() > OF_DOMAIN {
        let message = format!(
            "{} certificates in the first week, of which Let's Encrypt issues {OF_DOMAIN}",
            certificates.len()
        );
        diags.push(
            Diagnostic::new(Code::IssuerLimit, plan.fqdn.span, message)
                .label("below this domain")
                .note("each region asks for one")
                .help(INSTEAD),
        );
    }
    let mut same: BTreeMap<BTreeSet<&str>, Vec<&Certificate>> = BTreeMap::new();
    for certificate in &certificates {
        let names = certificate.dns_names.iter().map(|name| name.value.as_str()).collect();
        same.entry(names).or_default().push(certificate);
    }
    for (names, certificates) in same {
        if let Some(certificate) = certificates.get(OF_SAME_NAMES) {
            let message = format!(
                "{} certificates for the same names in the first week, of which Let's Encrypt issues {OF_SAME_NAMES}",
                certificates.len()
            );
            // The wildcard of `regions.<fqdn>` covers the name that each region would have for itself.
            let zone = format!("*.regions.{}", plan.fqdn.value);
            let cause = plan.tls.names.iter().find(|name| name.value.as_str() == zone);
            let span = cause.map_or(certificate.meta.name.span, |name| name.span);
            let found = Diagnostic::new(Code::IssuerLimit, span, message).note(
                "a name of its own keeps the certificate of each region apart, unless a wildcard covers it",
            );
            diags.push(match cause {
                Some(_) => found.help("write the names below it one by one, or another zone"),
                None => found.help(INSTEAD),
            });
        } else if let Some(certificate) = certificates.first().filter(|_| names.len() > NAMES) {
            let message =
                format!("a certificate for {} names, of which Let's Encrypt takes {NAMES}", names.len());
            diags.push(Diagnostic::new(Code::IssuerLimit, certificate.meta.name.span, message).help(INSTEAD));
        }
    }
}

/// Returns how many weeks Let's Encrypt takes for so many names: with a certificate for each, and with as many in one as it takes.
/// `None` where all are there in the first.
pub(super) fn weeks(names: usize) -> Option<(usize, usize)> {
    (names > OF_DOMAIN).then(|| (names.div_ceil(OF_DOMAIN), names.div_ceil(NAMES).div_ceil(OF_DOMAIN)))
}

const INSTEAD: &str =
    "write `issuer = \"corporate-ca\"`, or `\"lets-encrypt-staging\"` until you have a higher limit";

fn certificates(lowered: &Lowered) -> impl Iterator<Item = &Certificate> {
    let objects = lowered.clusters.iter().flat_map(|cluster| &cluster.objects);
    objects.filter_map(|placed| {
        if let Object::Certificate(certificate) = &placed.object { Some(&**certificate) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::weeks;

    #[test]
    fn ten_thousand_organizations_take_years_one_by_one_and_two_weeks_in_hundreds() {
        assert_eq!(weeks(50), None);
        assert_eq!(weeks(51), Some((2, 1)));
        assert_eq!(weeks(10_000), Some((200, 2)));
    }
}
