//! What cloud-init applies once Flux runs: the objects that make Flux read the tree. All else follows from there.
//!
//! They are the same objects, byte for byte, as in the region's own directory, so that Flux takes over what cloud-init
//! applied without a change.

use crate::lower::{Cluster, Layer, Placed};
use crate::object::{FLUX_NAMESPACE, Object};
use crate::secrets::Secret;
use sovereign_text::yaml;

/// The name of the file. Not `.yaml`, which in a tree means an object that Flux applies: what reads a tree by that
/// ending would find every object twice, in a directory of no cluster.
pub const FILE: &str = "bootstrap.yml";
/// What cloud-init takes at most, in bytes (domain section 4.1). The grammars bound every value of the file, so that it
/// stays far below; a test holds it there.
pub const MOST_BYTES: usize = 32_256;

/// Returns the text of the file: the namespace, then what lives in it. `secrets` are those that the tree refers to.
pub(crate) fn text(cluster: &Cluster, secrets: &[Secret]) -> String {
    let mut text = head(cluster, secrets);
    for placed in objects(cluster) {
        text.push_str("---\n");
        text.push_str(&yaml::document(&placed.origin, &placed.object.node()));
    }
    text
}

/// Returns the objects of the file, in its order.
pub(crate) fn objects(cluster: &Cluster) -> impl Iterator<Item = &Placed> {
    let objects = || cluster.objects.iter();
    let namespace = objects().filter(|placed| is_namespace(&placed.object));
    namespace.chain(objects().filter(|placed| is_root(&placed.object)))
}

fn is_namespace(object: &Object) -> bool {
    matches!(object, Object::Namespace(namespace) if namespace.meta.name.value == FLUX_NAMESPACE)
}

/// Returns whether an object is the source of the tree, or the Kustomization that applies all others.
fn is_root(object: &Object) -> bool {
    let root = Layer::FluxSystem.directory();
    matches!(object, Object::GitRepository(_))
        || matches!(object, Object::Kustomization(kustomization) if kustomization.meta.name.value == root)
}

/// Says what has to be there first: what Flux signs in with at the repository and the registry.
fn head(cluster: &Cluster, secrets: &[Secret]) -> String {
    let first = secrets.iter().filter(|secret| secret.comes_first && secret.region == cluster.directory);
    let secrets: Vec<_> = first.map(Secret::id).collect();
    format!(
        "# [[region]] {}: apply this once Flux runs there. Written by sovereign: edit sovereign.toml, not this file.\n\
         # Must be there first: {}. README.md lists the other Secrets.\n",
        cluster.directory,
        secrets.join(", ")
    )
}
