//! References to things, as blueprints write them down: API groups, Secrets, Services, images.

use crate::scalar::Malformed;
use crate::scalar::text::{self, text};

/// Lower-case labels joined by dots: what Kubernetes takes as the name of most objects and of API groups.
const DOTTED: &str = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?";
const MOST: usize = 253;
/// A registry: a host name with a dot, and perhaps a port.
const REGISTRY: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)+(:[1-9][0-9]{0,4})?";
/// One step of an image's path.
const STEP: &str = "[a-z0-9]+([._-]+[a-z0-9]+)*";

text! {
    /// The group of a Kubernetes API: `gateway.networking.k8s.io`.
    ApiGroup, "an API group", "cert-manager.io",
    |group| dotted(group).then_some(()).ok_or_else(|| Malformed::new("is not lower-case labels joined by dots")),
    text::schema(format!("^{DOTTED}$"), 1, MOST)
}

text! {
    /// A Secret, as `namespace/name`.
    SecretId, "a Secret as `namespace/name`", "flux-system/ghcr-pull",
    |id| pair(id).then_some(()).ok_or_else(|| Malformed::new("is not `namespace/name`")),
    text::schema(format!("^{DOTTED}/{DOTTED}$"), 3, 2 * MOST + 1)
}

text! {
    /// A Service, as `namespace/name` with perhaps `:port`.
    ServiceId, "a Service as `namespace/name` or `namespace/name:port`", "powerdns/powerdns:8081",
    |id| service(id).then_some(()).ok_or_else(|| Malformed::new("is not `namespace/name` with perhaps `:port`")),
    text::schema(format!("^{DOTTED}/{DOTTED}(:[1-9][0-9]{{0,4}})?$"), 3, 2 * MOST + 7)
}

text! {
    /// An image with its registry, and with its tag or digest where that is known.
    ImageRef, "an image as `registry/path:tag`", "ghcr.io/loft-sh/vcluster:0.21.0",
    |image| is_image(image).then_some(()).ok_or_else(|| Malformed::new("is not `registry/path` with perhaps `:tag`")),
    text::schema(format!("^{REGISTRY}(/{STEP})+(:[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}})?(@sha256:[0-9a-f]{{64}})?$"), 5, 512)
}

impl ImageRef {
    /// Returns the registry and path, and the tag or digest: of both, the digest, since the tag says less.
    pub fn parts(&self) -> (&str, Option<&str>) {
        image_parts(self.as_str())
    }
}

/// Registry and path of an image reference, and its tag or digest.
pub(crate) fn image_parts(text: &str) -> (&str, Option<&str>) {
    let (named, digest) = text.split_once('@').map_or((text, None), |(named, digest)| (named, Some(digest)));
    // A colon before the last slash belongs to a port.
    let tagged = named.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
    let (path, tag) = tagged.map_or((named, None), |(path, tag)| (path, Some(tag)));
    (path, digest.or(tag))
}

impl SecretId {
    /// Returns namespace and name.
    pub fn parts(&self) -> (&str, &str) {
        self.as_str().split_once('/').unwrap_or((self.as_str(), ""))
    }
}

impl ServiceId {
    /// Returns namespace and name.
    pub fn parts(&self) -> (&str, &str) {
        let (namespace, rest) = self.as_str().split_once('/').unwrap_or((self.as_str(), ""));
        (namespace, rest.split_once(':').map_or(rest, |(name, _)| name))
    }

    /// Returns where it answers inside the cluster.
    pub fn url(&self) -> String {
        let (namespace, rest) = self.as_str().split_once('/').unwrap_or(("", self.as_str()));
        let (name, port) =
            rest.split_once(':').map_or((rest, String::new()), |(name, port)| (name, format!(":{port}")));
        format!("http://{name}.{namespace}.svc.cluster.local{port}")
    }
}

fn dotted(text: &str) -> bool {
    let edge = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= MOST
        && bytes.first().is_some_and(edge)
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(|b| edge(b) || matches!(b, b'-' | b'.'))
}

fn pair(text: &str) -> bool {
    text.split_once('/').is_some_and(|(namespace, name)| dotted(namespace) && dotted(name))
}

fn is_image(text: &str) -> bool {
    let word = |text: &str, also: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || also.contains(c);
        let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        text.chars().all(fits) && text.starts_with(edge) && text.ends_with(edge)
    };
    let (named, digest) = text.split_once('@').map_or((text, None), |(named, digest)| (named, Some(digest)));
    let hex = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let (path, tag) = image_parts(named);
    let is_tag = |tag: &str| {
        let mut chars = tag.chars();
        tag.len() <= 128
            && chars.next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    };
    let Some((registry, path)) = path.split_once('/') else { return false };
    let (host, port) = registry.split_once(':').map_or((registry, None), |(host, port)| (host, Some(port)));
    (5..=512).contains(&text.len())
        && host.contains('.')
        && host.split('.').all(|label| word(label, "-"))
        && port.is_none_or(|port| {
            port.len() <= 5
                && !port.starts_with('0')
                && !port.is_empty()
                && port.bytes().all(|b| b.is_ascii_digit())
        })
        && path.split('/').all(|step| word(step, "._-"))
        && tag.is_none_or(is_tag)
        && digest.is_none_or(|digest| digest.strip_prefix("sha256:").is_some_and(hex))
}

fn service(text: &str) -> bool {
    let (id, port) = text.split_once(':').map_or((text, None), |(id, port)| (id, Some(port)));
    pair(id) && port.is_none_or(|port| !port.starts_with('0') && port.parse::<u16>().is_ok())
}
