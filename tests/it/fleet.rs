//! Builds of large trees, which compile and read only what an earlier one does not know: whatever has happened in between, the
//! tree is what a build into an empty directory gives, and so are the findings.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sovereign_compile::plan::TenantSummary;
use sovereign_compile::{compile, with_plan};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::build::{Built, build};
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_store::write::{Options, WriteError};
use sovereign_text::diag::{Diagnostics, short};

use crate::laws::law_on;
use crate::tenants::{TWO, on_disk, organization};

/// Every tree is a large one.
const FLEET: Options = Options { overwrite: false, fleet: 1 };
/// What an Organization names is judged, and another one may be in what it names.
const AIRGAP: &str = r#"
[tls]
issuer = "corporate-ca"
ca = { secret = "ca" }

[airgap]
registry = "harbor.muscat.example"
hosts = ["git.muscat.example"]

[provisioning.state]
endpoint = "https://git.muscat.example"
bucket = "muscat-state"
region = "here"
credentials = { secret = "tofu-state" }
passphrase = { secret = "tofu-state", key = "passphrase" }
"#;
/// The variant of the manifest with an air gap.
const BEHIND_AIRGAP: usize = 3;
const SOURCE: &str = "\n[[organization-source]]\npath = \"organizations\"\n";

/// Something that happens between two builds.
#[derive(Clone, Debug)]
enum Event {
    /// Nothing.
    Nothing,
    /// An Organization comes, or is there already.
    Comes(usize),
    /// It goes, if it is there.
    Goes(usize),
    /// It buys another plan.
    Changes(usize),
    /// It names the vCluster of another one, or no longer.
    Names(usize),
    /// Its file is written in another way and says the same.
    IsRearranged(usize),
    /// Its file has another name.
    IsRenamed(usize),
    /// The manifest says something that all Organizations have in common.
    Manifest(usize),
    /// A file of the tree goes.
    FileGoes(usize),
    /// A file of the tree is replaced by one that is like it, as a checkout does it.
    FileIsReplaced(usize),
    /// A file of the tree is edited; its size and its time of modification stay as they were.
    FileIsEdited(usize),
    /// Somebody puts something beside a file of the tree.
    Foreign(usize),
    /// Something happens to what is kept for the next build.
    SpareIsSpoiled(usize),
    SpareGoes,
    RecordGoes,
    RecordIsSpoiled(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let (n, any) = (0..40_usize, any::<usize>());
    prop_oneof![
        Just(Event::Nothing),
        n.clone().prop_map(Event::Comes),
        n.clone().prop_map(Event::Comes),
        n.clone().prop_map(Event::Goes),
        n.clone().prop_map(Event::Changes),
        n.clone().prop_map(Event::Names),
        n.clone().prop_map(Event::IsRearranged),
        n.prop_map(Event::IsRenamed),
        (0..4_usize).prop_map(Event::Manifest),
        any.prop_map(Event::FileGoes),
        any.prop_map(Event::FileIsReplaced),
        any.prop_map(Event::FileIsEdited),
        any.prop_map(Event::Foreign),
        any.prop_map(Event::SpareIsSpoiled),
        Just(Event::SpareGoes),
        Just(Event::RecordGoes),
        any.prop_map(Event::RecordIsSpoiled),
    ]
}

/// A manifest with files of Organizations, and the tree that it is compiled into.
struct Fleet {
    scratch: tempfile::TempDir,
    kits: Kits,
    /// What others have put into the tree.
    foreign: BTreeSet<PathBuf>,
}

impl Fleet {
    fn new(organizations: std::ops::Range<usize>) -> Self {
        let fleet =
            Self { scratch: tempfile::tempdir().unwrap(), kits: Kits::embedded(), foreign: BTreeSet::new() };
        fs::create_dir(fleet.at("organizations")).unwrap();
        fleet.manifest(0);
        organizations.for_each(|n| fleet.put(n, &text(n)));
        fleet
    }

    fn at(&self, path: &str) -> PathBuf {
        self.scratch.path().join(path)
    }

    fn target(&self) -> PathBuf {
        self.at("out/clusters/muscat.omani.works")
    }

    fn workshop(&self, name: &str) -> PathBuf {
        self.at("out/clusters/.sovereign").join(name)
    }

    fn spare(&self) -> PathBuf {
        self.workshop("muscat.omani.works.new")
    }

    fn record(&self) -> PathBuf {
        self.workshop("muscat.omani.works.record")
    }

    fn manifest(&self, n: usize) {
        let more = ["", "\n[storage]\nclass = \"fast\"\n", "\n[blueprint.harbor.values]\nx = 1\n", AIRGAP];
        fs::write(self.at("sovereign.toml"), format!("{TWO}{SOURCE}{}", more[n])).unwrap();
    }

    /// The file of an Organization, if it is there.
    fn file(&self, n: usize) -> Option<PathBuf> {
        let names = [format!("organizations/{n}.toml"), format!("organizations/renamed-{n}.toml")];
        names.iter().map(|name| self.at(name)).find(|path| path.exists())
    }

    fn put(&self, n: usize, text: &str) {
        let file = self.file(n).unwrap_or_else(|| self.at(&format!("organizations/{n}.toml")));
        fs::write(file, text).unwrap();
    }

    fn edit(&self, n: usize, edit: impl Fn(&str) -> String) {
        if let Some(file) = self.file(n) {
            let text = fs::read_to_string(&file).unwrap();
            fs::write(file, edit(&text)).unwrap();
        }
    }

    fn input(&self) -> Input {
        load::load(&self.at("sovereign.toml"), &KitCache::default(), &mut Diagnostics::new()).unwrap()
    }

    /// One of the files of ours in the tree.
    fn some_file(&self, n: usize) -> PathBuf {
        let all = on_disk(&self.target()).into_keys();
        let ours: Vec<_> =
            all.filter(|path| !self.foreign.contains(path) && !path.ends_with("sovereign.lock")).collect();
        self.target().join(&ours[n % ours.len()])
    }

    fn happens(&mut self, event: &Event) {
        match *event {
            Event::Nothing => {}
            Event::Comes(n) => self.put(n, &text(n)),
            Event::Goes(n) => self.file(n).into_iter().for_each(|file| fs::remove_file(file).unwrap()),
            Event::Changes(n) => {
                self.edit(n, |text| text.replace("\"xl\"", "\"l\"").replace("\"s\"", "\"m\""));
            }
            Event::Names(n) => self.edit(n, |text| {
                let blog = "version = \"1.3.0\" }\n";
                let other = format!("{blog}parameters = {{ other = \"https://vcluster.org-{}\" }}\n", n + 1);
                if text.contains(&other) { text.replace(&other, blog) } else { text.replace(blog, &other) }
            }),
            Event::IsRearranged(n) => self.edit(n, |text| format!("# The same.\n{text}\n\n")),
            Event::IsRenamed(n) => {
                if let Some(file) = self.file(n) {
                    fs::rename(file, self.at(&format!("organizations/renamed-{n}.toml"))).unwrap();
                }
            }
            Event::Manifest(n) => self.manifest(n),
            Event::FileGoes(n) => fs::remove_file(self.some_file(n)).unwrap(),
            Event::FileIsReplaced(n) => {
                let file = self.some_file(n);
                let bytes = fs::read(&file).unwrap();
                fs::remove_file(&file).unwrap();
                fs::write(&file, bytes).unwrap();
            }
            Event::FileIsEdited(n) => self.edited(&self.some_file(n)),
            Event::Foreign(n) => {
                let mine = self.some_file(n).with_file_name("mine.txt");
                fs::write(&mine, "mine").unwrap();
                self.foreign.insert(mine.strip_prefix(self.target()).unwrap().to_owned());
            }
            Event::SpareIsSpoiled(n) => spoil(&self.spare(), n),
            Event::SpareGoes => fs::remove_dir_all(self.spare()).unwrap_or_default(),
            Event::RecordGoes => fs::remove_file(self.record()).unwrap_or_default(),
            Event::RecordIsSpoiled(n) => {
                let mut bytes = fs::read(self.record()).unwrap_or_default();
                bytes.truncate(n % (bytes.len() + 1));
                bytes.extend([0xff; 8]);
                fs::write(self.record(), bytes).unwrap();
            }
        }
    }

    /// Edits a file so that nothing but its time of change shows it: the next build refuses it. Then the edit is undone.
    fn edited(&self, file: &Path) {
        let before = fs::metadata(file).unwrap();
        let bytes = fs::read(file).unwrap();
        let other: Vec<u8> = bytes.iter().map(|byte| if *byte == b'e' { b'E' } else { *byte }).collect();
        assert_ne!(bytes, other);
        fs::write(file, &other).unwrap();
        File::options().write(true).open(file).unwrap().set_modified(before.modified().unwrap()).unwrap();
        let seen = on_disk(&self.target());
        // Where something is wrong, nobody looks.
        if let (Some(built), _) = self.build() {
            let Err(WriteError::Refused { edited, .. }) = built.applied else {
                panic!("{} was edited", file.display())
            };
            assert!(edited.iter().any(|edited| self.target().join(edited.path.as_str()) == file));
        }
        assert!(on_disk(&self.target()) == seen);
        fs::write(file, bytes).unwrap();
    }

    /// Builds, and gives the findings.
    fn build(&self) -> (Option<Built>, String) {
        let (input, mut diags) = (self.input(), Diagnostics::new());
        let built = build(&input, &self.kits, &self.at("out"), FLEET, false, &mut diags).unwrap();
        (built.ok(), short::render(&diags, &SourceMap { input: &input, kits: &self.kits }))
    }

    /// Builds what is right, see [`Fleet::agrees`]. Gives the number of files that nobody compiled.
    fn builds(&self) -> usize {
        self.agrees().unwrap_or_else(|said| panic!("{said}"))
    }

    /// Builds, and holds the tree and the findings against those of a compilation that knows nothing. Gives the number of
    /// files that nobody compiled, or what is wrong.
    fn agrees(&self) -> Result<usize, String> {
        let there = || self.target().exists().then(|| on_disk(&self.target()));
        let before = there();
        let (built, said) = self.build();
        let (input, mut diags) = (self.input(), Diagnostics::new());
        let tree = compile(&input, &self.kits, &mut diags);
        assert_eq!(said, short::render(&diags, &SourceMap { input: &input, kits: &self.kits }));
        assert_eq!(built.is_some(), tree.is_ok(), "{said}");
        let (Some(built), Ok(tree)) = (built, tree) else {
            assert!(there() == before);
            return Err(said);
        };
        assert_eq!(built.digest, tree.digest());
        let mut expected: BTreeMap<PathBuf, Vec<u8>> = tree
            .files()
            .iter()
            .map(|(path, text)| (path.as_str().into(), text.clone().into_bytes()))
            .collect();
        expected.extend(self.foreign.iter().map(|path| (path.clone(), b"mine".to_vec())));
        let applied = built.applied.unwrap();
        let found = on_disk(&self.target());
        let differ =
            expected.keys().chain(found.keys()).filter(|path| expected.get(*path) != found.get(*path));
        assert_eq!(differ.collect::<Vec<_>>(), Vec::<&PathBuf>::new());
        assert_eq!(applied.written.len() + applied.unchanged, tree.files().len());
        assert!(self.record().exists());
        Ok(built.standing)
    }
}

/// Puts other files into the places of some, takes some away and adds some.
fn spoil(root: &Path, n: usize) {
    let files: Vec<_> = if root.exists() { on_disk(root).into_keys().collect() } else { return };
    for (at, file) in files.iter().enumerate() {
        let path = root.join(file);
        match (at + n) % 7 {
            0 => fs::remove_file(&path).unwrap(),
            1 => {
                fs::remove_file(&path).unwrap();
                fs::write(&path, "spoiled").unwrap();
            }
            2 => fs::write(path.with_file_name("more"), "more").unwrap(),
            3 => fs::create_dir_all(path.with_file_name("deep").join("er")).unwrap(),
            _ => {}
        }
    }
}

fn text(n: usize) -> String {
    format!("[organization]{}", organization(n, "organization"))
}

#[test]
fn whatever_happens_in_between_the_tree_is_that_of_a_first_build() {
    law_on(20, proptest::collection::vec(event(), 1..12), |events| {
        let mut fleet = Fleet::new(0..20);
        fleet.builds();
        for event in &events {
            fleet.happens(event);
            // What is wrong is said, and then something else happens.
            drop(fleet.agrees());
        }
        Ok(())
    });
}

#[test]
fn one_organization_more_is_compiled_alone() {
    let fleet = Fleet::new(0..30);
    assert_eq!(fleet.builds(), 0);
    let standing = fleet.builds();
    let of_tenants = |path: &&PathBuf| path.iter().any(|part| part == "tenants");
    let tenants = on_disk(&fleet.target()).keys().filter(of_tenants).count();
    // Of those that are warned of (`host-without-certificate` names five), and of the Kustomizations, none stands.
    assert!(standing * 10 > tenants * 7, "{standing} of {tenants}");

    let before = on_disk(&fleet.target());
    fleet.put(30, &text(30));
    // Of a bucket that it shares, the others' files stand too, but for what lists them.
    assert!(fleet.builds() + 2 * 2 >= standing);
    let after = on_disk(&fleet.target());
    let changed: BTreeSet<_> = after.keys().filter(|path| before.get(*path) != after.get(*path)).collect();
    assert!(changed.len() < 30, "{changed:?}");
}

/// What is written in another way, or compiled by somebody else, is remembered anew, also where no file of the tree changes.
#[test]
fn a_comment_in_every_file_costs_one_build() {
    let fleet = Fleet::new(0..20);
    fleet.builds();
    let standing = fleet.builds();
    assert!(standing > 0);
    (0..20).for_each(|n| fleet.edit(n, |text| format!("# The same.\n{text}")));
    assert_eq!(fleet.builds(), 0);
    assert_eq!(fleet.builds(), standing);
}

/// A mistake is said as it is without a record: of all Organizations, also those that nobody compiles any more.
#[test]
fn mistakes_are_those_of_a_first_build() {
    let fleet = Fleet::new(0..20);
    fleet.builds();
    let edits: [&dyn Fn(); 4] = [
        // A second Organization of one name.
        &|| fs::write(fleet.at("organizations/again.toml"), text(7)).unwrap(),
        &|| fleet.put(21, "[organization]\nslug = \"org-21\"\nnonsense = 1\n"),
        &|| fleet.put(21, &text(21).replace("tier =", "parent-org = \"org-99\"\ntier =")),
        &|| {
            fs::write(fleet.at("sovereign.toml"), format!("{TWO}{SOURCE}\n[tls]\nissuer = \"none\"\n"))
                .unwrap();
        },
    ];
    let before = on_disk(&fleet.target());
    for edit in edits {
        edit();
        let (built, said) = fleet.build();
        let (input, mut diags) = (fleet.input(), Diagnostics::new());
        assert!(compile(&input, &fleet.kits, &mut diags).is_err() && built.is_none());
        assert_eq!(said, short::render(&diags, &SourceMap { input: &input, kits: &fleet.kits }));
        assert!(on_disk(&fleet.target()) == before);
        fs::remove_file(fleet.at("organizations/again.toml")).unwrap_or_default();
        fs::remove_file(fleet.at("organizations/21.toml")).unwrap_or_default();
        fleet.manifest(0);
    }
    // The parent of a settled Organization goes.
    fleet.put(21, &text(21).replace("tier =", "parent-org = \"org-3\"\ntier ="));
    fleet.builds();
    fs::remove_file(fleet.at("organizations/3.toml")).unwrap();
    let (built, said) = fleet.build();
    assert!(built.is_none() && said.contains("there is no Organization `org-3`"), "{said}");
    // A settled Organization is a part of one that becomes a part of it.
    fleet.put(3, &text(3).replace("tier =", "parent-org = \"org-21\"\ntier ="));
    fleet.put(21, &text(21));
    fleet.builds();
    fleet.put(21, &text(21).replace("tier =", "parent-org = \"org-3\"\ntier ="));
    let (built, said) = fleet.build();
    assert!(built.is_none() && said.contains("parts of each other: `org-21` → `org-3` → `org-21`"), "{said}");
    // The public host of a settled Organization is taken again.
    let public = |subdomain: &str| {
        format!("tenant-public = {{ parent-domain = \"omani.trade\", {subdomain} }}\ntier =")
    };
    fleet.put(3, &text(3).replace("tier =", &public("subdomain = \"shop\"")));
    fleet.put(21, &text(21));
    fleet.builds();
    fleet.put(21, &text(21).replace("tier =", &public("subdomain = \"shop\"")));
    let (built, said) = fleet.build();
    assert!(built.is_none() && said.contains("host `shop.omani.trade` exists twice"), "{said}");
    // What is said once of all is said of settled Organizations too.
    let standbys = |n: usize| {
        let two = text(n).replacen(
            "env = \"dev\"\nregions = [\"nbg1\"]",
            "env = \"dev\"\nregions = [\"nbg1\", \"hel1\"]",
            1,
        );
        format!(
            "{two}\n[[organization.environment.application]]\nname = \"books\"\nplacement = \"active-hotstandby\"\n\
                 blueprint = {{ name = \"bp-books\", version = \"1.0.0\" }}\n"
        )
    };
    fleet.put(3, &standbys(3));
    fleet.put(21, &standbys(21));
    let (_, said) = fleet.build();
    assert!(said.contains("2 applications have standbys that nothing fails over to"), "{said}");
    assert_eq!(fleet.build().1, said);
}

/// What an Organization names is judged without a look at the others, since it is not judged again when they go.
#[test]
fn an_organization_reaches_the_vcluster_of_no_other_one() {
    let mut fleet = Fleet::new(0..20);
    fleet.manifest(BEHIND_AIRGAP);
    fleet.builds();
    fleet.happens(&Event::Names(6));
    for event in [Event::Nothing, Event::Goes(7), Event::Comes(7)] {
        fleet.happens(&event);
        let said = fleet.agrees().expect_err("a host outside");
        assert!(said.contains("`vcluster.org-7` cannot be reached"), "{event:?}: {said}");
    }
    fleet.happens(&Event::Names(6));
    fleet.builds();
    // Its own, it reaches.
    fleet.edit(6, |text| {
        text.replace("\"1.3.0\" }\n", "\"1.3.0\" }\nparameters.own = \"vcluster.org-6:443\"\n")
    });
    fleet.builds();
}

/// What others see of an Organization is remembered whole.
#[test]
fn residents_are_recalled_as_they_were() {
    let mut seen = BTreeSet::new();
    for example in
        fs::read_dir("examples").unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
    {
        let input = load::load(&example, &KitCache::default(), &mut Diagnostics::new()).unwrap();
        let residents = with_plan(&input, &Kits::embedded(), &mut Diagnostics::new(), |plan, _| {
            plan.tenant_summaries.clone()
        });
        for resident in residents.unwrap() {
            assert_eq!(
                TenantSummary::recalled(&resident.facts(), resident.slug.span.source).as_ref(),
                Some(&resident)
            );
            seen.extend([
                resident.parent.is_some().then_some("a parent"),
                resident.client_secret.is_some().then_some("a secret"),
                (!resident.hosts.is_empty()).then_some("a host"),
                (resident.envs.len() > 1).then_some("environments"),
                resident.public.is_some().then_some("a public host"),
                (!resident.standbys.is_empty()).then_some("a standby"),
            ]);
        }
    }
    assert_eq!(seen.into_iter().flatten().count(), 6, "the examples have each of them");
}

/// Git does not see what is kept beside the trees.
#[test]
fn git_ignores_the_workshop() {
    let fleet = Fleet::new(0..3);
    fleet.builds();
    let git = |arguments: &[&str]| {
        let output =
            std::process::Command::new("git").arg("-C").arg(fleet.at("out")).args(arguments).output();
        String::from_utf8(output.expect("git runs").stdout).expect("text")
    };
    git(&["init", "-q"]);
    let seen = git(&["status", "--porcelain", "-uall"]);
    assert!(seen.contains("clusters/muscat.omani.works/README.md") && !seen.contains(".sovereign"), "{seen}");
    assert!(fleet.workshop(".gitignore").exists());
}

/// Without so many files nothing is kept, and what was kept goes.
#[test]
fn a_tree_that_is_not_large_leaves_nothing_beside_it() {
    let fleet = Fleet::new(0..3);
    fleet.builds();
    let (input, mut diags) = (fleet.input(), Diagnostics::new());
    let out = fleet.at("out");
    let built = build(&input, &fleet.kits, &out, Options::default(), false, &mut diags).unwrap().unwrap();
    assert_eq!(built.applied.unwrap().written.len(), 0);
    let names: Vec<_> =
        fs::read_dir(fleet.at("out/clusters")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["muscat.omani.works"]);
}
