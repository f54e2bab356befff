//! Changes that take more than one commit, as histories: what `plan` shows, and what `commit --step` makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::bench::{Ended, Place, root, write};

const SCHEDULER: &str = include_str!("../../../examples/blueprints/81-port-scheduler.toml");

/// A manifest of these regions, all of one cloud, with further tables. What stands behind the name of a region are further
/// keys of it.
fn sovereign(name: &str, regions: &[&str], more: &str) -> String {
    let table = |region: &&str| {
        let (name, more) = region.split_once(' ').unwrap_or((region, ""));
        let keys = "provider = \"hetzner\"\ncontrol-plane = { size = \"cpx32\" }";
        format!("[[region]]\nname = \"{name}\"\n{keys}\n{more}\n\n")
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

    /// Changes the only manifest.
    fn becomes(&self, text: &str) {
        self.place.save(&self.repository, "sovereign.toml", text);
    }

    /// The text of a file of a Sovereign's tree.
    fn text(&self, name: &str, file: &str) -> Option<String> {
        fs::read_to_string(self.repository.join(root(name)).join(file)).ok()
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
        self.walk_and(phases, |_| ());
    }

    /// The same, and does something after each step.
    fn walk_and(&self, phases: &[&str], see: impl Fn(usize)) {
        assert_eq!(self.phases(), (phases.iter().map(|&word| word.to_owned()).collect(), 0));
        for number in 1..=phases.len() {
            let head = self.place.head(&self.repository, "HEAD");
            for other in (0..=phases.len() + 1).filter(|other| *other != number) {
                self.step(other).says(1, &["error: ", "sovereign plan"]);
            }
            if phases.len() > 1 {
                // All at once would jump over steps, and over what has to be seen to before the last of them.
                let of = phases.len();
                let words =
                    if number == 1 { format!("takes {of} steps") } else { format!("of {of} of clusters/") };
                self.run(&["commit"]).says(1, &["error: ", &words, "sovereign plan", "--at-once"]);
            }
            assert_eq!(self.place.head(&self.repository, "HEAD"), head, "nothing out of order is committed");
            self.asks_for_data(number);
            let ended = self.step(number);
            ended.says(0, &["1 commit on"]);
            let message = self.place.git(&self.repository, &["log", "-1", "--format=%B"]);
            assert!(message.contains(&format!("Sovereign-Step: {number}/{}", phases.len())), "{message}");
            assert_eq!(self.place.git(&self.repository, &["status", "--porcelain"]), "");
            self.can_stand();
            if number < phases.len() {
                assert_eq!(self.phases().1, number as u64);
            }
            see(number);
        }
        self.ended();
    }

    /// A step that takes data along asks for it before it is made, the first one too.
    fn asks_for_data(&self, number: usize) {
        let plan = self.plan();
        let step = &plan["steps"][number - 1];
        let events = step["changes"].as_array().expect("changes").iter().flat_map(|change| {
            change["clusters"]
                .as_array()
                .expect("clusters")
                .iter()
                .flat_map(|it| it["events"].as_array().expect("events"))
        });
        let loses = events.into_iter().any(|event| {
            let namespace = event["subject"].as_str().is_some_and(|it| it.starts_with("Namespace "));
            !event["risk"].is_null() || event["event"] == "left-behind" && namespace
        });
        let asks = step["before"]
            .as_array()
            .expect("questions")
            .iter()
            .any(|it| it["command"] == "velero backup get");
        assert_eq!(asks, loses, "step {number}: {:#}", step["before"]);
    }

    /// In the trees as they are, no two regions have one identity, no two clusters move one application, and whatever
    /// stands has what makes its machines beside it.
    fn can_stand(&self) {
        for tree in fs::read_dir(self.repository.join("clusters")).expect("trees") {
            let tree = tree.expect("a tree").path();
            let lock = fs::read_to_string(tree.join("sovereign.lock")).expect("a lock");
            let mut taken = BTreeSet::new();
            for line in lock.lines().filter_map(|line| line.strip_prefix("# region ")) {
                let words: Vec<_> = line.split(' ').collect();
                assert!(
                    tree.join(words[0]).exists() || tree.join("infrastructure").join(words[0]).exists(),
                    "{line}"
                );
                for pair in words[1..].chunks(2).filter(|pair| pair[1] != "secondary") {
                    assert!(
                        taken.insert((pair[0].to_owned(), pair[1].to_owned())),
                        "{} is given twice:\n{lock}",
                        pair.join(" ")
                    );
                }
            }
            let mut moved: BTreeMap<String, PathBuf> = BTreeMap::new();
            for cluster in fs::read_dir(&tree).expect("clusters").map(|it| it.expect("a cluster").path()) {
                if cluster.join("flux-system").exists() {
                    let name = cluster.file_name().expect("a name");
                    assert!(tree.join("infrastructure").join(name).join("tofu.auto.tfvars.json").exists());
                }
                for file in
                    fs::read_dir(cluster.join("failover")).into_iter().flatten().map(|it| it.expect("a file"))
                {
                    let name = file.file_name().to_string_lossy().into_owned();
                    let other = moved.insert(name.clone(), cluster.clone());
                    assert!(
                        name == "kustomization.yaml" || other.is_none(),
                        "{name} in {cluster:?} and {other:?}"
                    );
                }
            }
        }
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
    let text = sovereign("omantel", &["hel1", "nbg1", "fsn1"], &organizations);
    let history = History::begin(&[("sovereign.toml", &text)]);
    // Without consent no step is made, not even the first, and the plan says what is missing.
    let less = sovereign("omantel", &["hel1", "nbg1"], &organizations);
    history.becomes(&less);
    history.run(&["plan"]).says(1, &["[[retire]] with region = \"fsn1\""]);
    let words = "would lose bp-dmz-vcluster, bp-rtz-vcluster before it leaves";
    history.step(1).says(1, &["unretired-removal", words]);
    history.becomes(&format!("{less}\n[[retire]]\nregion = \"fsn1\"\n"));
    let variables = |file: &str| history.text("omantel", &format!("infrastructure/{file}"));
    history.walk_and(&["change", "drain", "leave", "forget"], |step| {
        // What `tofu` destroys the machines with is there until somebody could.
        let regions = variables("regions-hetzner.auto.tfvars.json").expect("a list");
        assert_eq!(regions.contains("fsn1"), step < 3, "after step {step}");
        assert_eq!(variables("fsn1/tofu.auto.tfvars.json").is_some(), step < 4, "after step {step}");
    });
    assert!(!history.repository.join(root("omantel")).join("fsn1").exists());
}

#[test]
fn a_region_between_others_goes() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1", "nbg1", "sin"], ""))]);
    let cilium = || history.text("one", "sin/foundation/01-cilium.yaml").expect("a release");
    let before = cilium();
    assert!(
        before.contains("k8sServiceHost: \"10.0.12.2\"") && before.contains("sin-2-clustermesh"),
        "{before}"
    );
    let retire = "[[retire]]\nregion = \"nbg1\"\n";
    // By its place it would be another one.
    history.becomes(&sovereign("one", &["fsn1", "sin"], retire));
    let words = [
        "immutable-change",
        "cannot change from 2 to 1",
        "`sin-1` and not `sin-2`",
        "10.0.12.2",
        "index = 2",
    ];
    history.run(&["plan"]).says(1, &words);
    history.step(1).says(1, &words);
    history.run(&["commit", "--at-once"]).says(1, &words);
    // Keeping some of what follows from its number is not enough.
    let some = "sin mesh-id = 3\npod-cidr = \"10.44.0.0/16\"\nservice-cidr = \"10.98.0.0/16\"";
    history.becomes(&sovereign("one", &["fsn1", some], retire));
    history.step(1).says(1, &words);
    let host = format!("{some}\nindex = 2\nnetwork-cidr = \"10.0.77.0/24\"");
    history.becomes(&sovereign("one", &["fsn1", &host], retire));
    history.step(1).says(1, &["immutable-change", "network-cidr = \"10.0.12.0/24\""]);
    history.becomes(&sovereign("one", &["fsn1", "sin index = 2"], retire));
    // The module numbers its list by place, so whoever runs it has to look.
    history.run(&["plan"]).says(0, &["tofu plan", "sin from 3 to 2"]);
    history.walk_and(&["change", "drain", "leave", "forget"], |_| assert_eq!(cilium(), before));
}

#[test]
fn a_region_takes_the_place_of_another() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1", "nbg1"], ""))]);
    let retire = "[[retire]]\nregion = \"nbg1\"\n";
    history.becomes(&sovereign("one", &["fsn1", "hel1"], retire));
    let words = ["region-index", "`hel1` would take what `nbg1` has", "pods: 10.43.0.0/16", "index = 2"];
    history.run(&["plan"]).says(1, &words);
    history.step(1).says(1, &words);
    history.run(&["commit", "--at-once"]).says(1, &words);
    history.becomes(&sovereign("one", &["fsn1", "hel1 index = 2"], retire));
    let list = || history.text("one", "infrastructure/regions-hetzner.auto.tfvars.json").expect("a list");
    let regions = || -> Vec<String> {
        let json: Json = serde_json::from_str(&list()).expect("JSON");
        let all = json["regions"].as_array().expect("a list").iter();
        all.map(|region| region["code"].as_str().expect("a name").to_owned()).collect()
    };
    history.walk_and(&["arrive", "change", "drain", "leave", "forget"], |step| {
        let both = ["fsn1", "nbg1", "hel1"];
        assert_eq!(
            regions(),
            if step < 4 { both.to_vec() } else { vec!["fsn1", "hel1"] },
            "after step {step}"
        );
    });
}

/// Applications that fail over from a region to another one.
fn failover(primary: &str, standby: &str, database: &str) -> String {
    format!(
        "[failover]\nmode = \"active-hotstandby\"\nwitness = {{ kind = \"dns-quorum\", resolvers = [\"8.8.8.8\", \"1.1.1.1\", \"9.9.9.9\"] }}\n\n\
         [[failover.application]]\nname = \"shop\"\nprimary = \"{primary}\"\nstandbys = [\"{standby}\"]\n{database}\
         objectives = {{ rto = \"2m\" }}\nhealth = {{ url = \"https://shop.one.omani.works/healthz\" }}\nauto-failover = true\n\n\
         [[failover.application]]\nname = \"openbao\"\nprimary = \"{primary}\"\nstandbys = [\"{standby}\"]\n\
         raft = {{ namespace = \"openbao\", pod = \"openbao-0\" }}\nobjectives = {{ rto = \"2m\" }}\n\n"
    )
}

/// A region whose load balancer is known.
fn known(name: &str, address: u8, more: &str) -> String {
    format!("{name} observed = {{ load-balancer-address = \"203.0.113.{address}\" }}\n{more}")
}

#[test]
fn the_primary_goes() {
    let tenant = organization("acme", "sin");
    let (first, third) = (known("fsn1", 1, ""), known("sin", 3, ""));
    let regions = [first.as_str(), &known("nbg1", 2, ""), &third];
    let before = sovereign("one", &regions, &format!("{}{tenant}", failover("fsn1", "nbg1", "")));
    let history = History::begin(&[("sovereign.toml", &before)]);
    let retire =
        "\n[[retire]]\nregion = \"fsn1\"\n\n[[retire]]\nrelease = \"bp-rtz-vcluster\"\nregion = \"nbg1\"\n";
    let after = |second: &str| {
        sovereign("one", &[second, &third], &format!("{}{tenant}{retire}", failover("nbg1", "sin", "")))
    };
    history.becomes(&after(&known("nbg1", 2, "")));
    history.run(&["plan"]).says(1, &["immutable-change", "index = 1", "index = 2"]);
    history.becomes(&after(&known("nbg1", 2, "index = 1")));
    let plan = history.run(&["plan"]);
    plan.says(
        0,
        &["Does the new primary have the data?", "from fsn1 to nbg1", "dig +short console.one.omani.works"],
    );
    let has = |file: &str| history.text("one", file).is_some();
    let zone = || history.text("one", "dns/one.omani.works.zone").expect("a zone");
    let bao = || history.text("one", "nbg1/releases/08-openbao.yaml").expect("a release");
    let old = (zone(), bao());
    let phases = ["change", "switch", "follow", "drain", "remove", "leave", "forget"];
    history.walk_and(&phases, |step| {
        // Its releases come first, and nothing yet goes there.
        assert!(has("nbg1/releases/10-gitea.yaml"), "after step {step}");
        assert_eq!((zone() == old.0, bao() == old.1), (step < 2, step < 2), "after step {step}");
        let moves = |region: &str| has(&format!("{region}/failover/continuum-catalyst-system-shop-dr.yaml"));
        let lives = |region: &str| {
            let tenants = history.repository.join(root("one")).join(region).join("tenants");
            tenants.exists()
                && !history.place.run(&tenants, "find", &[".", "-name", "acme.organization.yaml"]).is_empty()
        };
        assert_eq!((moves("fsn1"), moves("nbg1")), (step < 2, step > 2), "after step {step}");
        assert_eq!((lives("fsn1"), lives("nbg1")), (step < 2, step > 2), "after step {step}");
    });
}

#[test]
fn failover_ends() {
    let text = |more: &str| sovereign("one", &[&known("fsn1", 1, ""), &known("nbg1", 2, "")], more);
    let history = History::begin(&[(
        "sovereign.toml",
        &text(&failover("fsn1", "nbg1", "database = { mode = \"sync\" }\n")),
    )]);
    history.becomes(&text("[[retire]]\nrelease = \"bp-cnpg-pair\"\n"));
    history.run(&["commit", "--at-once"]).says(
        1,
        &[
            "removal-order",
            "`bp-continuum` would be switched off",
            "`bp-cnpg-pair` would leave `fsn1` and `nbg1`",
            "Continuum `shop-dr`",
        ],
    );
    history
        .run(&["plan"])
        .says(0, &["Has the controller let go of them?", "Continuum catalyst-system/shop-dr (fsn1)"]);
    let gate = || history.text("one", "fsn1/releases/62-continuum.yaml").expect("a release");
    history.walk_and(&["loosen", "change"], |step| {
        assert_eq!(gate().contains("enabled: true"), step < 2, "after step {step}");
        let pair = history.text("one", "nbg1/releases/16b-cnpg-pair.yaml");
        assert_eq!(pair.is_some(), step < 2, "after step {step}");
        assert!(!history.repository.join(root("one")).join("fsn1/failover").exists());
    });
}

#[test]
fn an_ordinary_commit_makes_one_step() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1", "nbg1"], ""))]);
    // One step is one commit, as ever.
    history.becomes(&sovereign("one", &["fsn1", "nbg1"], "[blueprint.coraza.values]\nreplicaCount = 3\n"));
    history.run(&["commit", "--worktree"]).says(0, &["1 commit on"]);
    let retire = "[blueprint.coraza.values]\nreplicaCount = 3\n\n[[retire]]\nregion = \"nbg1\"\n";
    history.becomes(&sovereign("one", &["fsn1", "hel1 index = 2"], retire));
    history.run(&["commit"]).says(
        1,
        &[
            "clusters/one.omani.works takes 5 steps (arrive, change, drain, leave, forget)",
            "`sovereign plan`",
            "`sovereign commit --step 1`",
        ],
    );
    history.run(&["diff"]).says(1, &["takes 5 steps, each a commit of its own"]);
    history.run(&["diff", "--format", "markdown"]).says(1, &["> [!IMPORTANT]", "takes 5 steps"]);
    history.step(1).says(0, &[]);
    // What is learnt in between begins a new plan, which is no licence for the rest of the old one.
    history.becomes(&sovereign("one", &["fsn1", &known("hel1", 9, "index = 2")], retire));
    history.run(&["commit"]).says(1, &["takes 4 steps (change, drain, leave, forget)"]);
    history.run(&["commit", "--at-once", "--worktree"]).says(0, &["1 commit on"]);
    history.ended();
    let both = history.run(&["commit", "--at-once", "--step", "1"]);
    assert_eq!(both.code, Some(2), "{}", both.err);
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
    let next = "sovereign commit --step 1 old/sovereign.toml new/sovereign.toml";
    history
        .run(&["plan"])
        .says(0, &["clusters/old.omani.works", "clusters/new.omani.works", "2 steps", next]);
    history
        .run(&["plan", "--branch", "main"])
        .says(0, &["--step 1 --branch main old/sovereign.toml new/sovereign.toml"]);
    history.step(2).says(1, &["step 2 comes after step 1", &next.replace("1 old", "1 --worktree old")]);
    history.run(&["commit"]).says(1, &["takes 2 steps", &format!("`{next}`")]);
    assert_eq!((file("old"), file("new")), (true, false));
    history.step(1).says(0, &[]);
    assert_eq!((file("old"), file("new")), (true, true), "it comes before it goes");
    // They go on together: one of them alone would begin from 1.
    for arguments in [&["plan"][..], &["commit"], &["commit", "--step", "1"], &["commit", "--step", "2"]] {
        let alone: Vec<_> = arguments.iter().copied().chain([old]).collect();
        let words = "step 1 of 2 is committed, which clusters/new.omani.works, clusters/old.omani.works take together";
        history.place.sovereign(&history.repository, &alone).says(1, &[words, "name all of them"]);
    }
    history.run(&["plan"]).says(0, &["kubectl delete namespace", "acme (fsn1)"]);
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
    let variables = || history.text("one", "infrastructure/nbg1/tofu.auto.tfvars.json").is_some();
    history.walk_and(&["drain", "leave", "close"], |step| assert_eq!(variables(), step < 3));
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
    history.run(&["commit", "--at-once"]).says(1, &["identity-change", "sovereign plan"]);
    let retire = format!("{text}\n[[retire]]\nrelease = \"bp-port-scheduler\"\n");
    history.place.save(&history.repository, "sovereign.toml", &retire);
    history.walk(&["change", "remove", "return"]);
}

#[test]
fn what_waits_for_a_renamed_release_waits_for_it_when_it_is_there() {
    let text = sovereign("one", &["fsn1"], "[[blueprint-source]]\npath = \"blueprints\"\n");
    let user = |needed: &str| {
        let user = SCHEDULER.replace("port-scheduler", "tides").replace("slot = \"81\"", "slot = \"82\"");
        user.replace("depends-on = [\"bp-cnpg\"", &format!("depends-on = [\"{needed}\""))
    };
    let files = [("blueprints/81.toml", SCHEDULER), ("blueprints/82.toml", &user("bp-port-scheduler"))];
    let history = History::begin_beside(&files, &[("sovereign.toml", &text)]);
    let renamed = SCHEDULER.replace("name = \"bp-port-scheduler\"", "name = \"bp-berths\"");
    history.place.save(&history.repository, "blueprints/81.toml", &renamed);
    history.place.save(&history.repository, "blueprints/82.toml", &user("bp-berths"));
    let retire = format!("{text}\n[[retire]]\nrelease = \"bp-port-scheduler\"\n");
    history.becomes(&retire);
    let waits =
        || history.text("one", "fsn1/releases/82-tides.yaml").expect("a release").contains("bp-berths");
    let (phases, _) = history.phases();
    assert_eq!(phases[phases.len() - 2..], ["remove", "return"]);
    let phases: Vec<_> = phases.iter().map(String::as_str).collect();
    history.walk_and(&phases, |step| assert_eq!(waits(), step == phases.len(), "after step {step}"));
}

#[test]
fn a_release_moves_to_another_namespace() {
    let text = sovereign("one", &["fsn1"], "[[blueprint-source]]\npath = \"blueprints\"\n");
    let history = History::begin_beside(&[("blueprints/81.toml", SCHEDULER)], &[("sovereign.toml", &text)]);
    let moved = SCHEDULER.replace("namespace = \"port-scheduler\"", "namespace = \"harbour\"");
    assert_ne!(moved, SCHEDULER);
    history.place.save(&history.repository, "blueprints/81.toml", &moved);
    history.run(&["commit", "--at-once"]).says(1, &["identity-change"]);
    let retire = format!("{text}\n[[retire]]\nrelease = \"bp-port-scheduler\"\n");
    history.place.save(&history.repository, "sovereign.toml", &retire);
    history.walk(&["change", "remove", "return"]);
}

#[test]
fn a_release_changes_its_layer() {
    let text = sovereign("one", &["fsn1"], "[[blueprint-source]]\npath = \"blueprints\"\n");
    let history = History::begin_beside(&[("blueprints/81.toml", SCHEDULER)], &[("sovereign.toml", &text)]);
    let early = SCHEDULER.replacen("\nname = ", "\nlayer = \"foundation\"\nname = ", 1);
    let early = early.replace("2.4.1", "2.5.0");
    assert!(early.contains("layer") && early.contains("2.5.0"));
    history.place.save(&history.repository, "blueprints/81.toml", &early);
    history.run(&["commit", "--at-once"]).says(1, &["owner-change"]);
    let old = history.text("one", "fsn1/releases/81-port-scheduler.yaml").expect("a release");
    let tree = history.repository.join(root("one")).join("fsn1");
    let held = |layer: &str| {
        let text = fs::read_to_string(tree.join(layer).join("81-port-scheduler.yaml")).ok()?;
        Some(text.contains("kustomize.toolkit.fluxcd.io/prune: disabled"))
    };
    assert_eq!((held("releases"), held("foundation")), (Some(false), None));
    history.step(1).says(0, &[]);
    assert_eq!((held("releases"), held("foundation")), (Some(true), None));
    // What it was, and the annotation.
    let kept = history.text("one", "fsn1/releases/81-port-scheduler.yaml").expect("a release");
    assert_eq!(
        kept.replacen("  annotations:\n    kustomize.toolkit.fluxcd.io/prune: disabled\n", "", 1),
        old
    );
    // With two Kustomizations it keeps the annotation, also if somebody wants to be quick.
    history.run(&["commit", "--at-once"]).says(1, &["owner-change"]);
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
    history
        .run(&["plan"])
        .says(0, &["Before step 1:", "1. What nobody needs any more goes.", "bp-rtz-vcluster (fsn1)"]);
    history.walk(&["remove"]);
}

#[test]
fn secrets_that_are_read_from_a_step_on_are_asked_for_before_it() {
    let next = sovereign("one", &["fsn1"], "");
    let kit = |kit: &str| next.replace("kit = \"2026.05\"", &format!("kit = \"{kit}\""));
    let history = History::begin(&[("sovereign.toml", &kit("2026.04"))]);
    let consents = "\n[[retire]]\nrelease = \"bp-langfuse\"\n\n[[retire]]\nrelease = \"bp-spire\"\n\n\
                    [[accept]]\nfinding = \"unaccepted-loss\"\nat = \"kit\"\nreason = \"known\"\n";
    history.place.save(&history.repository, "sovereign.toml", &(kit("2026.05") + consents));
    let asked = history.run(&["plan"]);
    asked.says(
        0,
        &[
            "Before step 1:",
            "Are the Secrets there that are read from now on?",
            "object-storage with s3-access-key, s3-bucket",
        ],
    );
    // What was read before is not asked for again.
    let another = kit("2026.04") + "[blueprint.reloader]\ntimeout = \"20m\"\n";
    history.place.save(&history.repository, "sovereign.toml", &another);
    let asked = history.run(&["plan"]);
    assert!(!asked.says(0, &["bp-reloader"]).out.contains("Are the Secrets"), "{}", asked.out);
}

#[test]
fn users_go_before_what_they_stand_on() {
    let alone = "[blueprint]\nnewapi.enabled = false\n";
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1"], alone))]);
    let off = "[blueprint]\nnewapi.enabled = false\nexternal-secrets.enabled = false\nexternal-secrets-stores.enabled = false\n\n\
               [[retire]]\nrelease = \"bp-external-secrets\"\n";
    history.place.save(&history.repository, "sovereign.toml", &sovereign("one", &["fsn1"], off));
    history.run(&["commit", "--at-once"]).says(1, &["removal-order", "sovereign commit --step"]);
    history.walk(&["remove", "remove"]);
}

#[test]
fn a_hand_in_between_and_a_manifest_that_changes_begin_a_new_plan() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1", "nbg1"], ""))]);
    let other = |more: &str| {
        sovereign("one", &["fsn1", "hel1 index = 2"], &format!("[[retire]]\nregion = \"nbg1\"\n{more}"))
    };
    history.place.save(&history.repository, "sovereign.toml", &other(""));
    history.step(1).says(0, &[]);
    history.step(2).says(0, &[]);
    // Somebody else's commit changes nothing of it.
    history.place.save(&history.repository, "notes.txt", "a note\n");
    assert_eq!(history.phases().1, 2);
    history
        .run(&["commit"])
        .says(1, &["step 2 of 5 of clusters/one.omani.works is committed", "all others at once", "--step 3"]);
    // Another comment is the same manifest.
    history.place.save(&history.repository, "sovereign.toml", &format!("# again\n{}", other("")));
    assert_eq!(history.phases().1, 2);
    history.place.save(&history.repository, "sovereign.toml", &other("\n[storage]\nclass = \"fast\"\n"));
    let (phases, done) = history.phases();
    assert_eq!((phases, done), (["change", "drain", "leave", "forget"].map(str::to_owned).to_vec(), 0));
    history.place.save(&history.repository, "sovereign.toml", &other(""));
    assert_eq!(history.phases().1, 2, "the old manifest is the old plan");
    // A file of the tree that a hand has changed stops a step, as it stops every commit.
    let readme = format!("{}/README.md", root("one"));
    history.place.save(&history.repository, &readme, "mine\n");
    let (_, done) = history.phases();
    assert_eq!(done, 0, "this is no longer the tree of step 2");
    history.step(1).says(1, &["was edited by hand"]);
    history.run(&["plan"]).says(1, &["README.md was edited by hand"]);
}

#[test]
fn a_branch_that_is_not_there_has_no_plan() {
    let history = History::begin(&[("sovereign.toml", &sovereign("one", &["fsn1"], ""))]);
    history.run(&["plan", "--branch", "mian"]).says(3, &["there is no branch `mian`"]);
    // Before the first commit there is none, and everything is to come.
    let place = Place::new();
    place.git(&place.path(""), &["init", "-q", "-b", "main", "r"]);
    write(&place.path("r/sovereign.toml"), &sovereign("one", &["fsn1"], ""));
    place.sovereign(&place.path("r"), &["plan", "--branch", "main"]).says(0, &["1 step"]);
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

/// What a change took out of the manifest is told with the line that it was: by `diff` before the commit, by `plan` and `commit`
/// after it.
#[test]
fn a_line_that_is_gone_is_told_by_diff_plan_and_commit() {
    const CASE: &str = "tests/transition/controller-downgrade/pin-removed";
    let place = Place::new();
    let repository = place.repository("r");
    let side = |name: &str| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(CASE).join(name);
        fs::read_to_string(file).expect("reads")
    };
    place.save(&repository, "sovereign.toml", &side("before.toml"));
    place.sovereign(&repository, &["commit", "--worktree"]).says(0, &["1 commit"]);
    write(&repository.join("sovereign.toml"), &side("after.toml"));
    let words =
        ["controller-downgrade", "`[blueprint.cilium]` is gone: line 21 of `sovereign.toml`, as it was"];
    place.sovereign(&repository, &["diff"]).says(2, &words);
    place.save(&repository, "sovereign.toml", &side("after.toml"));
    place.save(&repository, "notes.txt", "between\n");
    place.sovereign(&repository, &["diff"]).says(2, &words);
    place.sovereign(&repository, &["plan"]).says(1, &words);
    place.sovereign(&repository, &["commit"]).says(1, &words);
}
