//! The names that follow from a region's place: codes, labels, keys (naming convention, domain section 2).

use sovereign_language::cloud::{Provider, RegionInLabel};
use sovereign_language::scalar::{BuildingBlock, Env};

/// The building block that every node belongs to, whatever runs on it: the machines are stamped with it by the
/// provider's module, and a selector that says anything else leaves Pods pending (docs/decisions.md, 5).
const NODE_BLOCK: &str = "rtz";
/// The environment in node labels: the modules stamp `prod` whatever the environment is.
const NODE_ENV: &str = "prod";

/// Returns the canonical label of a region's nodes: `hz-hel-rtz-prod`.
pub(crate) fn node_label(provider: Provider, name: &str, code: &str) -> String {
    let cloud = provider.cloud();
    let place = match cloud.region_in_label {
        RegionInLabel::Code => code,
        RegionInLabel::Name => name,
    };
    format!("{}-{place}-{NODE_BLOCK}-{NODE_ENV}", cloud.code)
}

/// Returns the key of a region: its name for number 0, which is the primary of the first tree,
/// `<name>-<index>` for every other one. It names what is at the provider, so a region keeps it when it
/// becomes the primary.
pub fn region_key(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}-{index}") }
}

/// Returns the name of the host cluster of a building block: `hz-fsn-mgt-prod`.
pub(crate) fn host_cluster(provider: Provider, code: &str, block: BuildingBlock, env: Env) -> String {
    format!("{}-{code}-{block}-{env}", provider.cloud().code)
}

/// Returns the four-letter location code in DNS: provider, region, building block, environment (`hfmp`).
pub(crate) fn location_code(provider: Provider, letter: char, block: BuildingBlock, env: Env) -> String {
    [provider.cloud().letter, letter, block.letter(), env.letter()].iter().collect()
}

/// Returns the default name in the cluster mesh: `<stem>-<code>`.
pub fn mesh_name(stem: &str, code: &str) -> String {
    format!("{stem}-{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_follow_the_nodes_and_not_the_environment() {
        assert_eq!(node_label(Provider::Hetzner, "hel1", "hel"), "hz-hel-rtz-prod");
        assert_eq!(node_label(Provider::Huawei, "me-east-215-a", "mer"), "hw-me-east-215-a-rtz-prod");
    }

    #[test]
    fn location_codes_are_those_of_the_naming_convention() {
        assert_eq!(location_code(Provider::Hetzner, 'f', BuildingBlock::Mgt, Env::Prod), "hfmp");
        assert_eq!(location_code(Provider::Oci, 'x', BuildingBlock::Rtz, Env::Prod), "oxrp");
    }
}
