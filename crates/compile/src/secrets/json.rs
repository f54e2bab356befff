//! The list for programs. Keys are stable: new ones may come, none changes its meaning.
//!
//! | key | holds |
//! |---|---|
//! | `version` | 1 |
//! | `secrets[]` | every Secret of every region: `region`, `namespace`, `name` |
//! | `….keys[]` | the keys that are read; empty where they are not known |
//! | `….readers[]` | who reads it |
//! | `….provider` | `operator`, `cloud-init`, `chart`, `reflector`, `unsaid`, `nobody` |
//! | `….made-by` | the same as a phrase |
//! | `….first` | whether Flux needs it before it can read or install anything |

use serde_json::{Value as Json, json};

use super::Secret;

/// Returns one JSON document with a final newline.
pub fn render(secrets: &[Secret]) -> String {
    let secrets: Vec<_> = secrets.iter().map(secret).collect();
    format!("{:#}\n", json!({ "version": 1, "secrets": secrets }))
}

fn secret(secret: &Secret) -> Json {
    json!({
        "region": secret.region,
        "namespace": secret.namespace,
        "name": secret.name,
        "keys": secret.keys,
        "readers": secret.readers,
        "provider": secret.provider.word(),
        "made-by": secret.provider.phrase(),
        "first": secret.comes_first,
    })
}
