//! The list as a Markdown checklist: what a person makes, checks and leaves alone.

use super::text::{keys, regions};
use super::{Provider, Secret};

/// Returns a checklist, with a final newline.
pub fn render(fqdn: &str, secrets: &[Secret]) -> String {
    let mut lines = vec![format!("# Secrets of {fqdn}")];
    for region in regions(secrets) {
        lines.extend([String::new(), format!("## {region}")]);
        let here: Vec<_> = secrets.iter().filter(|secret| secret.region == region).collect();
        for (title, belongs) in PARTS {
            let of_part = here.iter().filter(|secret| belongs(&secret.provider));
            let items: Vec<_> = of_part.map(|secret| item(secret)).collect();
            if !items.is_empty() {
                lines.extend([String::new(), title.to_owned(), String::new()]);
                lines.extend(items);
            }
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Whether Secrets of a provider belong in a part.
type Belongs = fn(&Provider) -> bool;

/// The parts of a region's list, with the Secrets that belong in each.
const PARTS: [(&str, Belongs); 4] = [
    ("Make these:", |provider| {
        matches!(provider, Provider::Operator(_) | Provider::Completed(_) | Provider::Nobody)
    }),
    ("See that cloud-init wrote these:", |provider| *provider == Provider::CloudInit),
    ("Values name these; look into the chart, and make what it does not make:", |provider| {
        *provider == Provider::Unsaid
    }),
    ("These come with the platform:", |provider| {
        matches!(provider, Provider::Chart(_) | Provider::Reflector(_))
    }),
];

fn item(secret: &Secret) -> String {
    let keys = keys(secret, "`, `").map_or_else(String::new, |keys| format!(" with `{keys}`"));
    let by = match &secret.provider {
        Provider::Operator(_)
        | Provider::Completed(_)
        | Provider::Chart(_)
        | Provider::Reflector(_)
        | Provider::Nobody => {
            format!(" ({})", secret.provider.phrase())
        }
        Provider::CloudInit | Provider::Unsaid => String::new(),
    };
    let first = if secret.comes_first { ", before Flux starts" } else { "" };
    let readers: Vec<_> = secret.readers.iter().map(String::as_str).collect();
    format!("- [ ] `{}`{keys}{by}{first}; for {}", secret.id(), readers.join(", "))
}
