//! The list for people at a terminal: by region, and in it by who has to act.

use super::{Provider, Secret};

/// Returns the list as text, with a final newline.
pub fn render(secrets: &[Secret]) -> String {
    let mut lines = Vec::new();
    for region in regions(secrets) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(region.to_owned());
        let mut here: Vec<_> = secrets.iter().filter(|secret| secret.region == region).collect();
        here.sort_by_key(|secret| (rank(&secret.provider), secret.id()));
        for secret in here {
            let keys = keys(secret, ", ").unwrap_or_else(|| "keys not known".to_owned());
            let readers: Vec<_> = secret.readers.iter().map(String::as_str).collect();
            let (made_by, read_by) = (secret.provider.phrase(), readers.join(", "));
            lines.push(format!("  {} ({keys})", secret.id()));
            lines.push(format!("      made by {made_by}; read by {read_by}"));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Returns the regions in the order of the file.
pub(super) fn regions(secrets: &[Secret]) -> Vec<&str> {
    let mut regions: Vec<&str> = secrets.iter().map(|secret| secret.region.as_str()).collect();
    regions.dedup();
    regions
}

/// Returns the keys in one line; `None` where they are not known.
pub(super) fn keys(secret: &Secret, between: &str) -> Option<String> {
    let keys: Vec<_> = secret.keys.iter().map(String::as_str).collect();
    (!keys.is_empty()).then(|| keys.join(between))
}

/// Returns whom a reader looks for first: what nobody makes, then what is for people to make.
fn rank(provider: &Provider) -> u8 {
    match provider {
        Provider::Nobody => 0,
        Provider::Operator(_) | Provider::Completed(_) => 1,
        Provider::CloudInit => 2,
        Provider::Unsaid => 3,
        Provider::Chart(_) | Provider::Reflector(_) => 4,
    }
}
