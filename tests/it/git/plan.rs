//! Changes that take more than one commit, as histories: what `plan` shows, and what `commit --step` makes of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::bench::{Ended, Place, root, write};

const THREE: &str = include_str!("../../../examples/three-regions.toml");
const SCHEDULER: &str = include_str!("../../../examples/blueprints/81-port-scheduler.toml");

/// A manifest of these regions, all of one cloud, with further tables.
fn sovereign(name: &str, regions: &[&str], more: &str) -> String {
    let table = |region: &&str| {
        let keys = "provider = \"hetzner\"\ncontrol-plane = { size = \"cpx32\" }";
        format!("[[region]]\nname = \"{region}\"\n{keys}\n\n")
    };
    let regions = regions.iter().map(table).collect::<Vec<_>>().concat();
    format!(
        "kit = \"2026.05\"\n\n[sovereign]\nname = \"{name}\"\norganization = {{ name = \"Ops\", email = \"ops@example.com\" }}\n\n\
         [domain]\nmode = \"pool\"\nparent = \"omani.works\"\n\n[gitops]\nurl = \"https://git.example.com/sovereigns\"\n\n\
         {regions}{more}"
    )
}

/// An Organization with an environment in a region.
fn organization(slug: &str, region: &str) -> String {
    format!(
        "[[organization]]\nslug = \"{slug}\"\ndisplay-name = \"{slug}\"\ntier = \"sme\"\nplan = \"m\"\n\
         owners = [{{ email = \"owner@{slug}.example\", role = \"owner\" }}]\n\n\
         [[organization.environment]]\nenv = \"prod\"\nregions = [\"{region}\"]\n"
    )
}

/// A repository with manifests in it, each with its tree.
struct History {
    place: Place,
    repository: PathBuf,
    manifests: Vec<String>,
}

impl History {
    /// Begins with these manifests, committed one after the other with an ordinary `commit`.
    fn begin(manifests: &[(&str, &str)]) -> Self {
        Self::begin_beside(&[], manifests)
    }

    /// The same with other files.
    fn begin_beside(files: &[(&str, &str)], manifests: &[(&str, &str)]) -> Self {
        let place = Place::new();
        let repository = place.path("r");
        place.git(&place.path(""), &["init", "-q", "-b", "main", "r"]);
        let history = Self {
            place,
            repository,
            manifests: manifests.iter().map(|(path, _)| (*path).to_owned()).collect(),
        };
        for (path, text) in files.iter().chain(manifests) {
            history.place.save(&history.repository, path, text);
        }
        history.run(&["commit", "--worktree"]).says(0, &[]);
        history
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let files = self.manifests.iter().map(String::as_str);
        let arguments: Vec<_> = arguments.iter().copied().chain(files).collect();
        self.place.sovereign(&self.repository, &arguments)
    }

    fn step(&self, number: usize) -> Ended {
        self.run(&["commit", "--worktree", "--step", &number.to_string()])
    }

    fn plan(&self) -> Json {
        let said = self.run(&["plan", "--format", "json"]);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err))
    }

    /// The phases of the plan, and which steps are done.
    fn phases(&self) -> (Vec<String>, u64) {
        let plan = self.plan();
        let steps = plan["steps"].as_array().expect("steps");
        let words = steps.iter().map(|step| step["phase"].as_str().expect("a phase").to_owned()).collect();
        (words, plan["done"].as_u64().expect("a number"))
    }

    /// Commits every step, refusing all others each time, and holds every tree against what must be true of it.
    fn walk(&self, phases: &[&str]) {
        assert_eq!(self.phases(), (phases.iter().map(|&word| word.to_owned()).collect(), 0));
        for number in 1..=phases.len() {
            let head = self.place.head(&self.repository, "HEAD");
            for other in (0..=phases.len() + 1).filter(|other| *other != number) {
                self.step(other).says(1, &["error: ", "sovereign plan"]);
            }
            if number > 1 && number < phases.len() {
                // All at once would jump over steps.
                self.run(&["commit"]).says(1, &["error"]);
            }
            assert_eq!(self.place.head(&self.repository, "HEAD"), head, "nothing out of order is committed");
            let ended = self.step(number);
            ended.says(0, &["1 commit on"]);
            let message = self.place.git(&self.repository, &["log", "-1", "--format=%B"]);
            assert!(message.contains(&format!("Sovereign-Step: {number}/{}", phases.len())), "{message}");
            assert_eq!(self.place.git(&self.repository, &["status", "--porcelain"]), "");
            if number < phases.len() {
                assert_eq!(self.phases().1, number as u64);
            }
        }
        self.ended();
    }

    /// The way is over: nothing is left, and the trees are those of a plain build.
    fn ended(&self) {
        assert_eq!(self.phases(), (Vec::new(), 0));
        self.run(&["verify"]).says(0, &["all "]);
        let built = self.place.path("built");
        for manifest in &self.manifests {
            let out = built.to_str().expect("a path");
            self.place
                .sovereign(&self.repository, &["build", "--quiet", "--out", out, manifest])
                .says(0, &[]);
        }
        let (clusters, ours) = (built.join("clusters"), self.repository.join("clusters"));
        self.place.run(&built, "diff", &["-r", path(&clusters), path(&ours)]);
        fs::remove_dir_all(&built).expect("removes");
        self.place.fsck(&self.repository);
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[test]
fn a_region_comes() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1", "nbg1"], ""))]);
    let more = sovereign("one", &["fsn1", "nbg1", "hel1"], "");
    history.place.save(&history.repository, "sovereign.toml", &more);
    history
        .run(&["plan"])
        .says(0, &["New regions come", "next: sovereign commit --step 1", "Before step 2:"]);
    let tree = history.repository.join(root("one"));
    history.step(1).says(0, &[]);
    assert!(tree.join("hel1/flux-system/kustomization.yaml").exists());
    assert!(tree.join("infrastructure/hel1/bootstrap.yml").exists());
    let values = |name: &str| fs::read_to_string(tree.join(name)).expect("a file");
    let others = "sovereign-values/bp-catalyst-platform-sovereign.yaml";
    assert!(!values(others).contains("hel1"), "nobody relies on it yet");
    history.run(&["verify"]).says(1, &["note: step 1 of 2 is committed"]);
    history.run(&["plan"]).says(0, &["done: commit", "next: sovereign commit --step 2"]);
    history.step(1).says(1, &["step 1 is done: commit"]);
    history.step(2).says(0, &[]);
    assert!(values(others).contains("hel1"));
    history.ended();
}

#[test]
fn a_region_goes() {
    let organizations = organization("acme", "nbg1");
    let text = THREE.replace("name = \"sin\"", "name = \"fsn1\"");
    let history = History::begin(&[("sovereign.toml", &format!("{text}\n{organizations}"))]);
    // Without consent no step is made, and the plan says what is missing.
    let less = sovereign("omantel", &["hel1", "nbg1"], &organizations);
    history.place.save(&history.repository, "sovereign.toml", &less);
    history.run(&["plan"]).says(1, &["[[retire]] with region = \"fsn1\""]);
    history.step(1).says(0, &[]);
    history
        .step(2)
        .says(1, &["unretired-removal", "would lose bp-dmz-vcluster, bp-rtz-vcluster before it leaves"]);
    // The manifest changes, so a new plan begins from where the tree stands.
    history.place.save(
        &history.repository,
        "sovereign.toml",
        &format!("{less}\n[[retire]]\nregion = \"fsn1\"\n"),
    );
    history.walk(&["drain", "leave"]);
    assert!(!history.repository.join(root("omantel")).join("fsn1").exists());
}

#[test]
fn a_region_takes_the_place_of_another() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1", "nbg1"], ""))]);
    let other = sovereign("one", &["fsn1", "hel1"], "[[retire]]\nregion = \"nbg1\"\n");
    history.place.save(&history.repository, "sovereign.toml", &other);
    history.walk(&["arrive", "change", "drain", "leave"]);
}

#[test]
fn an_organization_moves_to_another_sovereign() {
    let (old, new) = ("old/sovereign.toml", "new/sovereign.toml");
    let acme = organization("acme", "fsn1");
    let history = History::begin(&[
        (old, &sovereign("old", &["fsn1"], &acme)),
        (new, &sovereign("new", &["fsn1"], &organization("labs", "fsn1"))),
    ]);
    let stays = organization("labs", "fsn1");
    let retire = "[[retire]]\nnamespace = \"acme\"\n";
    write(&history.repository.join(old), &sovereign("old", &["fsn1"], retire));
    history.place.save(&history.repository, new, &sovereign("new", &["fsn1"], &format!("{stays}{acme}")));
    history.place.save(&history.repository, old, &sovereign("old", &["fsn1"], retire));
    let file = |name: &str| {
        let tenants = history.repository.join(root(name)).join("fsn1/tenants");
        let found = history.place.run(&tenants, "find", &[".", "-name", "acme.vcluster.yaml"]);
        !found.is_empty()
    };
    history.run(&["plan"]).says(0, &["clusters/old.omani.works", "clusters/new.omani.works", "2 steps"]);
    history.step(2).says(1, &["step 2 comes after step 1"]);
    assert_eq!((file("old"), file("new")), (true, false));
    history.step(1).says(0, &[]);
    assert_eq!((file("old"), file("new")), (true, true), "it comes before it goes");
    history.step(2).says(0, &[]);
    let gone = !history.repository.join(root("old")).join("fsn1/tenants").exists();
    assert!(gone && file("new"));
    history.ended();
}

#[test]
fn a_sovereign_goes() {
    let text = sovereign("one", &["fsn1", "nbg1"], &organization("acme", "nbg1"));
    let history = History::begin(&[("sovereign.toml", &text)]);
    let wrong = format!("{text}\n[[retire]]\nsovereign = \"two.omani.works\"\n");
    history.place.save(&history.repository, "sovereign.toml", &wrong);
    history.run(&["plan"]).says(1, &["foreign-sovereign"]);
    let ends = format!("{text}\n[[retire]]\nsovereign = \"one.omani.works\"\n");
    history.place.save(&history.repository, "sovereign.toml", &ends);
    history.run(&["plan"]).says(0, &["tofu destroy"]);
    history.walk(&["drain", "leave", "close"]);
    let tree = history.repository.join(root("one"));
    let mut left: Vec<_> =
        fs::read_dir(&tree).expect("a tree").map(|entry| entry.expect("a file").file_name()).collect();
    left.sort();
    assert_eq!(left, ["README.md", "sovereign.lock"]);
    let readme = fs::read_to_string(tree.join("README.md")).expect("a file");
    assert!(readme.contains("one.omani.works. 3600 IN NS"), "{readme}");
}

#[test]
fn a_release_is_renamed() {
    let text = sovereign("one", &["fsn1"], "[[blueprint-source]]\npath = \"blueprints\"\n");
    let history = History::begin_beside(&[("blueprints/81.toml", SCHEDULER)], &[("sovereign.toml", &text)]);
    let renamed = SCHEDULER.replace("name = \"bp-port-scheduler\"", "name = \"bp-berths\"");
    assert_ne!(renamed, SCHEDULER);
    history.place.save(&history.repository, "blueprints/81.toml", &renamed);
    history.run(&["commit"]).says(1, &["identity-change", "sovereign plan"]);
    let retire = format!("{text}\n[[retire]]\nrelease = \"bp-port-scheduler\"\n");
    history.place.save(&history.repository, "sovereign.toml", &retire);
    history.walk(&["change", "remove", "return"]);
}

#[test]
fn a_release_moves_to_another_namespace() {
    let text = sovereign("one", &["fsn1"], "[[blueprint-source]]\npath = \"blueprints\"\n");
    let history = History::begin_beside(&[("blueprints/81.toml", SCHEDULER)], &[("sovereign.toml", &text)]);
    let moved = SCHEDULER.replace("namespace = \"port-scheduler\"", "namespace = \"harbour\"");
    assert_ne!(moved, SCHEDULER);
    history.place.save(&history.repository, "blueprints/81.toml", &moved);
    history.run(&["commit"]).says(1, &["identity-change"]);
    let retire = format!("{text}\n[[retire]]\nrelease = \"bp-port-scheduler\"\n");
    history.place.save(&history.repository, "sovereign.toml", &retire);
    history.walk(&["change", "remove", "return"]);
}

#[test]
fn a_release_changes_its_layer() {
    let text = sovereign("one", &["fsn1"], "[[blueprint-source]]\npath = \"blueprints\"\n");
    let history = History::begin_beside(&[("blueprints/81.toml", SCHEDULER)], &[("sovereign.toml", &text)]);
    let early = SCHEDULER.replacen("\nname = ", "\nlayer = \"foundation\"\nname = ", 1);
    assert_ne!(early, SCHEDULER);
    history.place.save(&history.repository, "blueprints/81.toml", &early);
    history.run(&["commit"]).says(1, &["owner-change"]);
    let tree = history.repository.join(root("one")).join("fsn1");
    let held = |layer: &str| {
        let text = fs::read_to_string(tree.join(layer).join("81-port-scheduler.yaml")).ok()?;
        Some(text.contains("kustomize.toolkit.fluxcd.io/prune: disabled"))
    };
    assert_eq!((held("releases"), held("foundation")), (Some(false), None));
    history.step(1).says(0, &[]);
    assert_eq!((held("releases"), held("foundation")), (Some(true), None));
    history.step(2).says(0, &[]);
    assert_eq!((held("releases"), held("foundation")), (None, Some(true)));
    history.step(3).says(0, &[]);
    assert_eq!((held("releases"), held("foundation")), (None, Some(false)));
    history.ended();
}

#[test]
fn the_contract_changes() {
    let contract = |contract: &str, more: &str| {
        sovereign("one", &["fsn1", "nbg1"], &format!("[topology]\ncontract = \"{contract}\"\n\n{more}"))
    };
    let history = History::begin(&[("sovereign.toml", &contract("a4", ""))]);
    history.place.save(&history.repository, "sovereign.toml", &contract("symmetric", ""));
    history.walk(&["change"]);
    // Back to the vClusters of before: those that go take what runs in them along.
    history.place.save(&history.repository, "sovereign.toml", &contract("a4", ""));
    history.step(1).says(1, &["unretired-removal"]);
    let retire = "[[retire]]\nrelease = \"bp-rtz-vcluster\"\nregion = \"fsn1\"\n\n[[retire]]\nrelease = \"bp-mgmt-vcluster\"\nregion = \"nbg1\"\n";
    history.place.save(&history.repository, "sovereign.toml", &contract("a4", retire));
    history.walk(&["change"]);
}

#[test]
fn users_go_before_what_they_stand_on() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1"], ""))]);
    let off = "[blueprint]\nexternal-secrets.enabled = false\nexternal-secrets-stores.enabled = false\n\n\
               [[retire]]\nrelease = \"bp-external-secrets\"\n";
    history.place.save(&history.repository, "sovereign.toml", &sovereign("one", &["fsn1"], off));
    history.run(&["commit"]).says(1, &["removal-order", "sovereign commit --step"]);
    history.walk(&["remove", "remove"]);
}

#[test]
fn a_hand_in_between_and_a_manifest_that_changes_begin_a_new_plan() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1", "nbg1"], ""))]);
    let other =
        |more: &str| sovereign("one", &["fsn1", "hel1"], &format!("[[retire]]\nregion = \"nbg1\"\n{more}"));
    history.place.save(&history.repository, "sovereign.toml", &other(""));
    history.step(1).says(0, &[]);
    history.step(2).says(0, &[]);
    // Somebody else's commit changes nothing of it.
    history.place.save(&history.repository, "notes.txt", "a note\n");
    assert_eq!(history.phases().1, 2);
    history.run(&["commit"]).says(1, &["step 2 of 4 is committed", "all others at once", "--step 3"]);
    // Another comment is the same manifest.
    history.place.save(&history.repository, "sovereign.toml", &format!("# again\n{}", other("")));
    assert_eq!(history.phases().1, 2);
    history.place.save(&history.repository, "sovereign.toml", &other("\n[storage]\nclass = \"fast\"\n"));
    let (phases, done) = history.phases();
    assert_eq!((phases, done), (["change", "drain", "leave"].map(str::to_owned).to_vec(), 0));
    history.place.save(&history.repository, "sovereign.toml", &other(""));
    assert_eq!(history.phases().1, 2, "the old manifest is the old plan");
    // A file of the tree that a hand has changed stops a step, as it stops every commit.
    let readme = format!("{}/README.md", root("one"));
    history.place.save(&history.repository, &readme, "mine\n");
    let (_, done) = history.phases();
    assert_eq!(done, 0, "this is no longer the tree of step 2");
    history.step(1).says(1, &["was edited by hand"]);
}

#[test]
fn two_bots_make_a_step_once() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1", "nbg1"], ""))]);
    let more = sovereign("one", &["fsn1", "nbg1", "hel1"], "");
    history.place.save(&history.repository, "sovereign.toml", &more);
    let remote = history.place.remote("remote.git", &history.repository);
    let url = format!("file://{}", remote.display());
    for bot in ["a", "b"] {
        history.place.git(&history.place.path(""), &["clone", "-q", &url, bot]);
    }
    let step = |bot: &str, number: &str| {
        history.place.sovereign(&history.place.path(bot), &["commit", "--push", "--step", number])
    };
    step("a", "1").says(0, &["1 commit"]);
    step("b", "1").says(1, &["step 1 is done"]);
    step("b", "2").says(0, &["1 commit"]);
    step("a", "2").says(1, &["nothing is left to commit"]);
    history.place.git(&history.repository, &["pull", "-q", &url, "main"]);
    history.ended();
}
