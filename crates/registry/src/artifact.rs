//! Kinds of artifacts, by the media types of their layer and configuration, and their manifests.

use serde_json::{Value as Json, json};

use sovereign_text::digest::Digest;

/// The media type of a manifest (OCI image specification 1.1).
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What an artifact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What it is, with its article.
    pub name: &'static str,
    /// The media types of its configuration.
    pub config: &'static str,
    /// The media type of its layer.
    pub layer: &'static str,
}

/// A directory, as `flux push artifact` and `oras` make it.
pub const FLUX: Kind = Kind {
    name: "a directory packed for Flux",
    config: "application/vnd.cncf.flux.config.v1+json",
    layer: "application/vnd.cncf.flux.content.v1.tar+gzip",
};

/// A chart, as `helm push` makes it.
pub const CHART: Kind = Kind {
    name: "a Helm chart",
    config: "application/vnd.cncf.helm.config.v1+json",
    layer: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
};

/// An artifact to push.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// What it holds.
    pub kind: Kind,
    /// Its configuration: JSON.
    pub config: Vec<u8>,
    /// Its layer.
    pub layer: Vec<u8>,
    /// What is said of it: names and texts.
    pub annotations: Vec<(String, String)>,
}

impl Artifact {
    /// Returns its manifest: of the same artifact always the same bytes.
    pub(crate) fn manifest(&self) -> Vec<u8> {
        let annotations: serde_json::Map<_, _> =
            self.annotations.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(self.kind.config, &self.config),
            "layers": [descriptor(self.kind.layer, &self.layer)],
            "annotations": annotations,
        });
        manifest.to_string().into_bytes()
    }
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Json {
    json!({ "mediaType": media_type, "digest": format!("sha256:{}", Digest::hash(bytes)), "size": bytes.len() })
}

/// Returns digest and size of the layer of an artifact by its manifest; `None` if there is none of that kind.
pub(crate) fn layer(manifest: &[u8], kind: Kind) -> Option<(Digest, u64)> {
    let manifest: Json = serde_json::from_slice(manifest).ok()?;
    let layers = manifest.get("layers")?.as_array()?;
    let layer =
        layers.iter().find(|layer| layer.get("mediaType").and_then(Json::as_str) == Some(kind.layer))?;
    let digest = layer.get("digest")?.as_str()?.strip_prefix("sha256:")?;
    Some((Digest::parse(digest)?, layer.get("size")?.as_u64()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layer_of_a_manifest_is_the_one_of_its_kind() {
        let artifact = Artifact {
            kind: FLUX,
            config: b"{}".to_vec(),
            layer: b"layer".to_vec(),
            annotations: vec![("a".to_owned(), "b".to_owned())],
        };
        let manifest = artifact.manifest();
        assert_eq!(manifest, artifact.manifest());
        assert_eq!(layer(&manifest, FLUX), Some((Digest::hash(b"layer"), 5)));
        assert_eq!(layer(&manifest, CHART), None);
        assert_eq!(layer(b"no JSON", FLUX), None);
    }
}
