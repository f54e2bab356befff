//! What is taken out of a Sovereign before its end begins: what no backup in its own object storage keeps, since that goes too, or
//! since nobody could open it any more.

use std::collections::BTreeSet;

use super::{Migration, Rollout};
use sovereign_compile::manual_checks::ManualCheck;

/// Returns the exports that are asked for before the first step of each Sovereign that ends.
pub(super) fn before_the_end(rollout: &Rollout<'_>) -> Vec<ManualCheck> {
    let ends = rollout.migrations().iter().zip(rollout.clusters()).filter(|(_, clusters)| clusters.is_end());
    ends.flat_map(|(migration, _)| of(migration)).collect()
}

fn of(migration: &Migration<'_>) -> Vec<ManualCheck> {
    let root = migration.new.tree.root().as_str();
    let fqdn = root.rsplit('/').next().unwrap_or_default();
    let regions = |blueprint| {
        let regions: Vec<_> = regions_with(migration, blueprint).into_iter().collect();
        (!regions.is_empty()).then(|| regions.join(", "))
    };
    let mut checks = Vec::new();
    if let Some(regions) = regions("openbao") {
        let name = format!("openbao-{fqdn}-$REGION.snap.age");
        checks.push(ManualCheck::new(
            "Is the last state of OpenBao exported?",
            format!(
                "kubectl -n openbao exec openbao-0 -- sh -c 'bao operator raft snapshot save /tmp/last.snap && cat /tmp/last.snap' \
                 | age --encrypt --recipient \"$RECIPIENT\" --output \"{name}\""
            ),
            format!(
                "A file for each of {regions}, with a token in BAO_TOKEN that may do it. Nobody opens it without the unseal keys: keep \
                 them, and the age identity, apart from it."
            ),
        ));
        checks.push(ManualCheck::new(
            "Can that export be read?",
            format!(
                "age --decrypt --identity \"$IDENTITY\" \"{name}\" | tar --extract --gzip --one-top-level=last && \
                 (cd last && sha256sum --check SHA256SUMS); sha256sum \"{name}\""
            ),
            "OK for meta.json and state.bin. The last line goes to whoever keeps the file; delete `last` and /tmp/last.snap.",
        ));
    }
    if let Some(regions) = regions("gitea") {
        let name = format!("gitea-{fqdn}.tar.gz.age");
        checks.push(ManualCheck::new(
            "Is Gitea exported?",
            format!(
                "kubectl -n gitea exec deployment/gitea -- gitea dump --type tar.gz --file - \
                 | age --encrypt --recipient \"$RECIPIENT\" --output {name}"
            ),
            format!("One file, from {regions}: repositories with all branches, the database, and what was attached."),
        ));
        checks.push(ManualCheck::new(
            "Is every repository in that export?",
            format!(
                "age --decrypt --identity \"$IDENTITY\" {name} | tar --list --gzip | grep -c '[.]git/HEAD$'; \
                 curl --silent --head \"https://gitea.{fqdn}/api/v1/repos/search?limit=1\" --header \"Authorization: token $GITEA_TOKEN\" \
                 | grep -i x-total-count; sha256sum {name}"
            ),
            "The same number twice, wikis aside. The last line goes to whoever keeps the file.",
        ));
    }
    checks
}

/// Returns the regions whose tree of before has the release of a blueprint.
fn regions_with(migration: &Migration<'_>, blueprint: &str) -> BTreeSet<String> {
    let file = format!("{blueprint}.yaml");
    let region = |path: &str| {
        let (region, rest) = path.split_once('/')?;
        let name = rest.strip_prefix("releases/")?;
        let (_, name) = name.split_once('-')?;
        (name == file).then(|| region.to_owned())
    };
    migration.old.files().keys().filter_map(|path| region(path.as_str())).collect()
}
