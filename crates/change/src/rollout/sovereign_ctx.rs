//! What is asked of each Sovereign by itself: about its names, and about the machines of its regions.

use std::collections::BTreeSet;

use super::Rollout;
use super::clusters::{Clusters, MadeBy};
use sovereign_compile::manual_checks::ManualCheck;
use sovereign_compile::object::{REGION_LABEL, kinds_with_machines};
use sovereign_compile::provision;

/// What makes and destroys machines by a list that stays.
pub(super) const APPLY: &str = "tofu apply";
const DESTROY: &str = "tofu destroy";
const NODES: &str = "kubectl get nodes -o wide";

/// One Sovereign of a rollout.
pub(super) struct SovereignCtx<'a> {
    root: &'a str,
    pub(super) clusters: &'a Clusters,
    /// Whether there are others, so that names of regions may mean two.
    is_one_of_several: bool,
}

/// Returns each of them.
pub(super) fn each<'a>(rollout: &'a Rollout<'_>) -> impl Iterator<Item = SovereignCtx<'a>> {
    let is_one_of_several = rollout.migrations().len() > 1;
    let roots = rollout.migrations().iter().map(|migration| migration.new.tree.root().as_str());
    let here = move |(root, clusters)| SovereignCtx { root, clusters, is_one_of_several };
    roots.zip(rollout.clusters()).map(here)
}

impl SovereignCtx<'_> {
    /// Returns whether a region goes.
    pub(super) fn has_leaving(&self) -> bool {
        !self.clusters.leaving().is_empty()
    }

    fn fqdn(&self) -> &str {
        self.root.rsplit('/').next().unwrap_or_default()
    }

    /// Returns regions, and which Sovereign's they are where that is not clear.
    fn regions(&self, regions: &[&str]) -> String {
        let names = regions.join(", ");
        if self.is_one_of_several { format!("{names} of {}", self.fqdn()) } else { names }
    }

    /// Returns a file, or a directory, of the tree.
    fn file(&self, path: &str) -> String {
        if self.is_one_of_several { format!("{}/{path}", self.root) } else { path.to_owned() }
    }

    fn directory(&self, region: &str) -> String {
        self.file(&format!("{}/{region}/", provision::DIRECTORY))
    }

    /// Returns what the names of the platform answer with.
    fn dig(&self) -> String {
        format!("dig +short console.{}", self.fqdn())
    }

    /// After names have gone over to another primary.
    pub(super) fn names(&self) -> Option<ManualCheck> {
        let to = [self.clusters.handover()?.to.as_str()];
        let answer =
            format!("The address of {}, once the name servers have what stands in dns/.", self.regions(&to));
        Some(ManualCheck::new("Do the names answer with the new primary?", self.dig(), answer))
    }

    /// Before what clients are answered by goes.
    pub(super) fn let_go_of(&self) -> ManualCheck {
        let leaving: Vec<_> = self.clusters.leaving().iter().map(String::as_str).collect();
        let answer = format!("No address of {}, for an hour.", self.regions(&leaving));
        ManualCheck::new("Have clients let go of what leaves?", self.dig(), answer)
    }

    /// After regions have come.
    pub(super) fn come(&self) -> Vec<ManualCheck> {
        let arriving = self.clusters.arriving();
        if arriving.is_empty() {
            return Vec::new();
        }
        let by = |by| self.clusters.made_by(by, arriving);
        let (told, claimed, others) = (by(MadeBy::OpenTofu), by(MadeBy::Crossplane), by(MadeBy::Person));
        let (mut checks, mut addresses) = (Vec::new(), Vec::new());
        let exist = "Do the new machines exist?";
        if !told.is_empty() {
            let of = self.regions(&told);
            let answer = format!("Apply complete, with what this commit has in infrastructure/ for {of}.");
            checks.push(ManualCheck::new(exist, APPLY, answer));
            addresses.push("tofu output".to_owned());
        }
        if !claimed.is_empty() {
            let answer =
                format!("READY is True, in the cluster of the primary, for {}.", self.regions(&claimed));
            checks.push(ManualCheck::new(exist, claims(&claimed), answer));
            addresses.push(format!("{} -o yaml", claims(&claimed)));
        }
        if !others.is_empty() {
            let answer = format!(
                "Ready, in {}: the kit has no module for this cloud, so make the machines yourself.",
                self.regions(&others)
            );
            checks.push(ManualCheck::new(exist, NODES, answer));
            addresses.push(NODES.to_owned());
        }
        let bootstrap = |region: &String| format!("kubectl apply -f {}bootstrap.yml", self.directory(region));
        checks.push(ManualCheck::new(
            "Does Flux run there?",
            arriving.iter().map(bootstrap).collect::<Vec<_>>().join("; "),
            "Configured, with the Secrets that the tree's README lists; half an hour later every release there is ready.",
        ));
        checks.push(ManualCheck::new(
            "Are the new addresses written down?",
            addresses.join("; "),
            "As `observed` of the region in the manifest. That changes it, so a new plan begins from here.",
        ));
        checks
    }

    /// Before what made the machines of regions that go leaves, too. Crossplane deletes machines as long as the primary
    /// has its own.
    pub(super) fn destroyed(&self) -> Vec<ManualCheck> {
        let leaving = self.clusters.leaving();
        let by = |by| self.clusters.made_by(by, leaving);
        let (told, claimed, others) = (by(MadeBy::OpenTofu), by(MadeBy::Crossplane), by(MadeBy::Person));
        let all: Vec<_> = leaving.iter().map(String::as_str).collect();
        let mut checks = vec![ManualCheck::new(
            "What does the cloud run for these clusters that OpenTofu does not know?",
            "kubectl get services -A --field-selector spec.type=LoadBalancer; kubectl get persistentvolumes",
            format!(
                "A list for {}: delete these at the provider, once nobody uses the machines any more.",
                self.regions(&all)
            ),
        )];
        if !claimed.is_empty() {
            let answer = format!(
                "None, in the cluster of the primary, for {}: delete them there by hand, and wait until Crossplane has deleted \
                 the machines (docs/crossplane.md).",
                self.regions(&claimed)
            );
            checks.push(ManualCheck::new("Are the claims deleted?", claims(&claimed), answer));
        }
        checks.extend(self.told_no_more(&told));
        if !others.is_empty() {
            let answer = format!(
                "No answer, in {}: the kit has no module for this cloud, so delete the machines at the provider.",
                self.regions(&others)
            );
            checks.push(ManualCheck::new("Are the machines gone that no module makes?", NODES, answer));
        }
        checks
    }

    /// Returns the machines of regions that go and that OpenTofu made: with a list that stays without them, or with all that
    /// it was told.
    fn told_no_more(&self, told: &[&str]) -> Vec<ManualCheck> {
        let question = "Are the machines destroyed?";
        let (alone, listed): (Vec<_>, Vec<_>) = told
            .iter()
            .copied()
            .partition(|region| self.clusters.is_end() || self.clusters.spent_list(region).is_some());
        let mut checks = Vec::new();
        if !listed.is_empty() {
            let directories: Vec<_> = listed.iter().map(|region| self.directory(region)).collect();
            let answer = format!(
                "Apply complete, with the list of regions that no longer has {}; where a module makes one region a run, \
                 `{DESTROY}` with {}, which the next step takes away.",
                self.regions(&listed),
                directories.join(", ")
            );
            checks.push(ManualCheck::new(question, APPLY, answer));
        }
        if !alone.is_empty() {
            let lists: BTreeSet<_> =
                alone.iter().filter_map(|region| self.clusters.spent_list(region)).collect();
            let files: Vec<_> = alone
                .iter()
                .map(|region| self.directory(region))
                .chain(lists.into_iter().map(|list| self.file(list.as_str())))
                .collect();
            let answer = format!(
                "Destroy complete, for {}, with {}, which the next step takes away.",
                self.regions(&alone),
                files.join(", ")
            );
            checks.push(ManualCheck::new(question, DESTROY, answer));
        }
        checks
    }
}

/// Returns the claims of machines of these regions.
fn claims(regions: &[&str]) -> String {
    let kinds: Vec<_> = kinds_with_machines().map(|kind| format!("{}s", kind.to_lowercase())).collect();
    let regions = regions.join(", ");
    format!("kubectl -n crossplane-system get {} -l '{REGION_LABEL} in ({regions})'", kinds.join(","))
}
