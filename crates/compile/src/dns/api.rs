//! `dns/<fqdn>.json`: what `POST /api/v1/servers/localhost/zones` of PowerDNS takes.

use serde_json::{Value as Json, json};

use super::{RecordSet, Zone, pretty};

/// Takes a zone, gives the body of the request; `None` if no name server has an address yet, since such a zone is none.
pub(crate) fn render(zone: &Zone) -> Option<String> {
    zone.servers().first()?;
    Some(pretty(&json!({
        "name": zone.name.absolute(),
        "kind": "Native",
        "dnssec": zone.is_signed_by_itself(),
        // Signatures live for weeks, and the serial grows with them.
        "soa_edit": "INCEPTION-EPOCH",
        // Given as records below.
        "nameservers": [],
        "rrsets": zone.records().iter().map(rrset).collect::<Vec<_>>(),
    })))
}

/// Returns a record set as the API has it.
pub(super) fn rrset(record: &RecordSet) -> Json {
    let contents = record.data.contents();
    json!({
        "name": record.name.absolute(),
        "type": record.data.kind(),
        "ttl": record.ttl,
        "records": contents.iter().map(|content| json!({ "content": content, "disabled": false })).collect::<Vec<_>>(),
    })
}
