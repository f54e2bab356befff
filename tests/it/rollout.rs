//! Rollouts: from any tree to any other of one Sovereign, every tree on the way is one that Flux can apply.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value as Json;
use sovereign_change::rollout::{self, Migration, Phase, Rollout};
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::manual_checks::ManualCheck;
use sovereign_compile::tree::{Tree, TreePath};
use sovereign_compile::{Compiled, compile_with_objects, provision};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_text::diag::{Code, Diagnostics, Sources};
use sovereign_text::digest::Digest;
use sovereign_text::source::Source;

use crate::generate::{model, print};
use crate::laws::{law_on, read};

/// How many pairs of manifests each law is tried on: each pair has several trees, and each of them hundreds of files.
/// `PROPTEST_CASES` raises their number.
const CASES: u32 = 12;

fn compiled(text: &str, kits: &Kits) -> Compiled {
    let source = Source::manifest("sovereign.toml", text.as_bytes().to_vec());
    let input = Input::new(source.map_err(|(fault, _)| fault).unwrap());
    let mut diags = Diagnostics::new();
    compile_with_objects(&input, kits, &mut diags).unwrap_or_else(|_| {
        let findings = sovereign_text::diag::short::render(&diags, &SourceMap { input: &input, kits });
        panic!("{findings}\n{text}")
    })
}

/// The files of a tree by directory.
fn directories(tree: &Tree) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut directories: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (directory, name) in tree.files().keys().filter_map(|path| path.as_str().rsplit_once('/')) {
        directories.entry(directory).or_default().insert(name);
    }
    directories
}

/// What is wrong with a tree, as far as Flux and kustomize look before they read a single object.
fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let directories = directories(tree);
    let text =
        |path: &str| tree.files().iter().find(|(at, _)| at.as_str() == path).map(|(_, text)| text.as_str());
    for (directory, names) in directories.iter().filter(|(_, names)| names.contains("kustomization.yaml")) {
        let listing = read(text(&format!("{directory}/kustomization.yaml")).unwrap());
        let listed: BTreeSet<_> =
            listing["resources"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let there: BTreeSet<_> = names.iter().copied().filter(|name| *name != "kustomization.yaml").collect();
        if listed != there || there.is_empty() {
            faults.push(format!("{directory} lists {listed:?} and holds {there:?}"));
        }
    }
    let mut applied: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let kind = "\napiVersion: kustomize.toolkit.fluxcd.io/v1\n";
    for (path, text) in tree.files().iter().filter(|(path, text)| {
        path.as_str().rsplit_once('.').is_some_and(|(_, end)| end == "yaml") && text.contains(kind)
    }) {
        let object = read(text);
        let cluster = path.as_str().split('/').next().unwrap().to_owned();
        let directory = object["spec"]["path"].as_str().unwrap().splitn(4, '/').nth(3).unwrap_or_default();
        if !directories.get(directory).is_some_and(|names| names.contains("kustomization.yaml")) {
            faults.push(format!("{path} applies {directory}, which is not there"));
        }
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let needs = object["spec"]["dependsOn"].as_array().into_iter().flatten();
        let needs = needs.filter_map(|edge| edge["name"].as_str().map(str::to_owned)).collect();
        applied.insert((cluster, name), needs);
    }
    for ((cluster, name), needs) in &applied {
        for need in needs.iter().filter(|need| !applied.contains_key(&(cluster.clone(), (*need).clone()))) {
            faults.push(format!("{cluster}: {name} waits for {need}, which is not there"));
        }
    }
    for (path, digest) in tree.lock().files() {
        if tree.files().get(path).map(|text| Digest::hash(text.as_bytes())) != Some(*digest) {
            faults.push(format!("{path} is not what the lock says"));
        }
    }
    faults
}

/// What is wrong with a tree in which the regions of before and after stand together.
fn clashes(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let regions: Vec<_> = tree.lock().regions().into_iter().collect();
    for (place, (one, facts)) in regions.iter().enumerate() {
        let own = [format!("{one}/"), format!("infrastructure/{one}/")];
        if !tree.files().keys().any(|path| own.iter().any(|own| path.as_str().starts_with(own.as_str()))) {
            faults.push(format!("the lock speaks of {one}, of which nothing stands"));
        }
        for (other, others) in &regions[place + 1..] {
            let met = facts.ranges().any(|(_, a)| others.ranges().any(|(_, b)| a.overlaps(b)));
            if met || facts.index == others.index || facts.mesh_id == others.mesh_id {
                faults.push(format!("{one} ({facts}) and {other} ({others}) are one to the mesh"));
            }
        }
    }
    let mut moved = BTreeMap::new();
    for path in tree.files().keys().map(sovereign_compile::tree::TreePath::as_str) {
        if let Some((cluster, file)) =
            path.split_once("/failover/").filter(|(_, file)| *file != "kustomization.yaml")
        {
            let other = moved.insert(file, cluster);
            faults.extend(other.map(|other| format!("{file} stands in {cluster} and in {other}")));
        }
    }
    faults
}

/// Every step of a rollout, as it is shown: what is wrong with the trees on the way, and with what is asked before them.
fn shown(rollout: &Rollout<'_>, kits: &Kits) -> Result<(), String> {
    let source = Source::manifest("sovereign.toml", Vec::new()).map_err(|(fault, _)| format!("{fault:?}"))?;
    let input = Input::new(source);
    let sources = SourceMap { input: &input, kits };
    let mut sovereigns: Vec<(&dyn Sources, Diagnostics)> =
        rollout.migrations().iter().map(|_| (&sources as &dyn Sources, Diagnostics::new())).collect();
    let report = rollout::steps(rollout, &[], &mut sovereigns, kits.catalog());
    for step in &report.steps {
        let events =
            step.changes.iter().flat_map(|change| &change.diff.clusters).flat_map(|cluster| &cluster.events);
        let loses = events.into_iter().any(|event| event.risk.is_some());
        let asks = step.before.iter().any(|probe| probe.command == "velero backup get");
        if loses && !asks {
            return Err(format!("{:?} takes data along, and nobody is asked", step.phase));
        }
    }
    // What is refused need not stand.
    let refused = [Code::RegionIndex, Code::ImmutableChange];
    let is_refused = |diags: &Diagnostics| diags.sorted().iter().any(|found| refused.contains(&found.code));
    if sovereigns.iter().any(|(_, diags)| is_refused(diags)) {
        return Ok(());
    }
    for step in 1..=rollout.phases().len() {
        for stage in rollout.after(step) {
            let faults = clashes(&stage.compiled().unwrap().tree);
            if !faults.is_empty() {
                return Err(format!("after step {step} of {:?}: {}", rollout.phases(), faults.join("\n")));
            }
        }
    }
    Ok(())
}

/// Every step of a rollout, and what is wrong with the trees on the way.
fn walk(rollout: &Rollout<'_>) -> Result<(), String> {
    for step in 1..=rollout.phases().len() {
        for (stage, migration) in rollout.after(step).iter().zip(rollout.migrations()) {
            let tree = &stage.compiled().unwrap().tree;
            let faults = faults(tree);
            if !faults.is_empty() {
                return Err(format!("after step {step} of {:?}: {}", rollout.phases(), faults.join("\n")));
            }
            if step == rollout.phases().len() && *tree != migration.new.tree {
                return Err("the last step is not what the manifest gives".to_owned());
            }
        }
    }
    Ok(())
}

#[test]
fn every_tree_on_the_way_can_be_applied() {
    let kits = Kits::embedded();
    law_on(CASES, (model(), model(), any::<u64>()), |(before, after, seed)| {
        let after = after.as_next_of(&before);
        let (before, after) = (print(&before.document(), seed), print(&after.document(), seed));
        let (before, after) = (compiled(&before, &kits), compiled(&after, &kits));
        let old = Snapshot::from_tree(&before.tree);
        let rollout = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
        walk(&rollout).map_err(TestCaseError::fail)?;
        shown(&rollout, &kits).map_err(TestCaseError::fail)?;
        prop_assert_eq!(rollout.phases().is_empty(), before.tree == after.tree);
        // The first step begins from what stands, and the same again gives the same.
        prop_assert!(rollout.after(0)[0].is(&old));
        let again = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
        prop_assert_eq!(again.phases(), rollout.phases());
        Ok(())
    });
}

#[test]
fn from_any_step_the_rest_of_the_way_leads_to_the_same_tree() {
    let kits = Kits::embedded();
    law_on(CASES, (model(), model(), any::<(u64, Index)>()), |(before, after, (seed, somewhere))| {
        let after = after.as_next_of(&before);
        let (before, after) = (print(&before.document(), seed), print(&after.document(), seed));
        let (before, after) = (compiled(&before, &kits), compiled(&after, &kits));
        let old = Snapshot::from_tree(&before.tree);
        let rollout = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
        let step = somewhere.index(rollout.phases().len().max(1));
        let between = rollout.after(step).remove(0).snapshot();
        let rest = Rollout::new(vec![Migration { old: &between, new: &after }], kits.catalog());
        walk(&rest).map_err(TestCaseError::fail)
    });
}

#[test]
fn another_primary_takes_over_without_two_of_anything() {
    let kits = Kits::embedded();
    law_on(CASES, (model(), any::<(u64, Index, Index)>()), |(before, (seed, from, to))| {
        // Every region keeps its number, and so all that follows from it.
        let of = |primary: &Index| before.with_primary(primary.index(before.regions.len()));
        let (before, after) = (print(&of(&from).document(), seed), print(&of(&to).document(), seed));
        let (before, after) = (compiled(&before, &kits), compiled(&after, &kits));
        let old = Snapshot::from_tree(&before.tree);
        let rollout = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
        walk(&rollout).map_err(TestCaseError::fail)?;
        shown(&rollout, &kits).map_err(TestCaseError::fail)?;
        let changes = before.places.primary != after.places.primary;
        prop_assert_eq!(rollout.handovers().count(), usize::from(changes));
        // The roles in the lock change with the step that changes them.
        for step in 1..=rollout.phases().len() {
            let regions = rollout.after(step).remove(0).compiled().unwrap().tree.lock().regions();
            let primaries: Vec<_> = regions.iter().filter(|(_, facts)| facts.primary).collect();
            let switched = rollout.phases()[step - 1] >= Phase::Switch;
            let primary = if switched { &after } else { &before }.places.primary.as_ref();
            prop_assert_eq!(
                primaries.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
                primary.into_iter().collect::<Vec<_>>()
            );
        }
        Ok(())
    });
}

const REGION: &str =
    "\n[[region]]\nname = \"NAME\"\nprovider = \"hetzner\"\ncontrol-plane = { size = \"cpx32\" }\n";

/// A Sovereign of these regions, with further tables.
fn sovereign(regions: &[&str], more: &str) -> String {
    let example = fs::read_to_string("examples/minimal.toml").unwrap();
    let head = example.split("[[region]]").next().unwrap().to_owned();
    let regions: String = regions.iter().map(|name| REGION.replace("NAME", name)).collect();
    format!("{head}{regions}\n{more}")
}

fn phases(before: &str, after: &str) -> Vec<Phase> {
    let kits = Kits::embedded();
    let (before, after) = (compiled(before, &kits), compiled(after, &kits));
    let old = Snapshot::from_tree(&before.tree);
    let rollout = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
    walk(&rollout).unwrap();
    rollout.phases().to_vec()
}

#[test]
fn what_takes_which_phases() {
    let regions = |names: &[&str]| sovereign(names, "");
    let two = regions(&["fsn1", "nbg1"]);
    assert_eq!(phases(&two, &two), []);
    assert_eq!(phases(&two, &regions(&["fsn1", "nbg1", "hel1"])), [Phase::Arrive, Phase::Change]);
    let replaced = regions(&["fsn1", "hel1"]);
    let all = [Phase::Arrive, Phase::Change, Phase::Drain, Phase::Leave, Phase::Forget];
    assert_eq!(phases(&two, &replaced), all);
    assert_eq!(phases(&two, &regions(&["fsn1"])), all[1..]);
    // A second region moves tenants' vCluster out of the first one.
    let changed = phases(&regions(&["fsn1"]), &two);
    assert_eq!(changed, [Phase::Arrive, Phase::Change, Phase::Remove(0)]);
    let symmetric = sovereign(&["fsn1", "nbg1"], "[topology]\ncontract = \"symmetric\"\n");
    assert_eq!(phases(&two, &symmetric), [Phase::Change]);
    assert_eq!(phases(&symmetric, &two), [Phase::Remove(0)], "nothing comes, so nothing has to wait for it");
    let ended = |names| sovereign(names, "[[retire]]\nsovereign = \"first.omani.works\"\n");
    assert_eq!(phases(&two, &ended(&["fsn1", "nbg1"])), [Phase::Drain, Phase::Leave, Phase::Close]);
    assert_eq!(phases(&regions(&["fsn1"]), &ended(&["fsn1"])), [Phase::Drain, Phase::Close]);
}

#[test]
fn with_another_primary_nothing_goes_before_names_have_gone_over() {
    let region = |name: &str, index: u8, role: &str| format!("{name}\"\nindex = {index}\nrole = \"{role}");
    let symmetric = "[topology]\ncontract = \"symmetric\"\n";
    let fsn1 = region("fsn1", 0, "primary");
    let before = sovereign(&[&fsn1, &region("nbg1", 1, "secondary")], symmetric);
    // The old primary leaves. What goes from the new one has nothing to lose, and its namespace stays.
    let without = format!("[region.blueprint.openova-flow-emitter]\nenabled = false\n\n{symmetric}");
    let phases = phases(&before, &sovereign(&[&region("nbg1", 1, "primary")], &without));
    let place = |phase: Phase| phases.iter().position(|it| *it == phase);
    assert!(place(Phase::Switch).is_some() && place(Phase::Switch) < place(Phase::Remove(0)), "{phases:?}");
}

/// What is refused of the steps from one manifest to another because nobody consents to it.
fn refused(before: &str, after: &str) -> Vec<String> {
    let kits = Kits::embedded();
    let (before, after) = (compiled(before, &kits), compiled(after, &kits));
    let old = Snapshot::from_tree(&before.tree);
    let rollout = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
    let input =
        Input::new(Source::manifest("sovereign.toml", Vec::new()).map_err(|(fault, _)| fault).unwrap());
    let sources = SourceMap { input: &input, kits: &kits };
    let mut sovereigns: Vec<(&dyn Sources, Diagnostics)> = vec![(&sources, Diagnostics::new())];
    rollout::steps(&rollout, &[], &mut sovereigns, kits.catalog());
    let found = sovereigns.iter().flat_map(|(_, diags)| diags.sorted());
    found.filter(|it| it.code == Code::UnretiredRemoval).map(|it| it.message.clone()).collect()
}

#[test]
fn a_region_that_goes_is_drained_with_consent_only() {
    let two = sovereign(&["fsn1", "nbg1"], "");
    let drained = "region `nbg1` would lose bp-dmz-vcluster, bp-rtz-vcluster before it leaves the tree";
    let found = refused(&two, &sovereign(&["fsn1"], ""));
    assert!(found.iter().any(|message| message == drained), "{found:?}");
    let consented = refused(&two, &sovereign(&["fsn1"], "[[retire]]\nregion = \"nbg1\"\n"));
    assert_eq!(consented, [""; 0]);
}

#[test]
fn a_region_has_its_machines_as_long_as_it_is_there() {
    let kits = Kits::embedded();
    let second = "hel1\"\nindex = 2\nmesh-name = \"one-hel";
    let (before, after) = (sovereign(&["fsn1", "nbg1"], ""), sovereign(&["fsn1", second], ""));
    let (before, after) = (compiled(&before, &kits), compiled(&after, &kits));
    let old = Snapshot::from_tree(&before.tree);
    let rollout = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
    let machines = |step: usize| {
        let snapshot = rollout.after(step).remove(0).snapshot();
        let path =
            snapshot.files().keys().find(|path| path.as_str().ends_with("regions-hetzner.auto.tfvars.json"));
        let json: Json = serde_json::from_str(snapshot.text(path.unwrap()).unwrap()).unwrap();
        let regions = json["regions"].as_array().unwrap().clone();
        regions.iter().map(|region| region["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(machines(0), ["fsn1", "nbg1"]);
    for step in 1..4 {
        assert_eq!(machines(step), ["fsn1", "nbg1", "hel1"], "after step {step}");
    }
    assert_eq!(machines(4), ["fsn1", "hel1"]);
    // The first module of the cloud has them under other names.
    let list = |names: &[&str]| {
        let region = |name: &&str| serde_json::json!({ "cloudRegion": name });
        serde_json::json!({ "regions": names.iter().map(region).collect::<Vec<_>>() }).to_string()
    };
    let number = |name: &str| ["fsn1", "nbg1", "hel1"].iter().position(|known| *known == name);
    let both =
        provision::of_both(&list(&["fsn1", "nbg1"]), &list(&["fsn1", "hel1"]), Some("fsn1"), number).unwrap();
    assert_eq!(
        serde_json::from_str::<Json>(&both).unwrap(),
        serde_json::from_str::<Json>(&list(&["fsn1", "nbg1", "hel1"])).unwrap()
    );
    let moved = provision::renumbered(&both, &list(&["fsn1", "hel1"]));
    assert_eq!(moved, [("hel1".to_owned(), 3, 2)]);
}

#[test]
fn claims_come_with_their_region_and_go_with_it() {
    let kits = Kits::embedded();
    let one = sovereign(&["fsn1"], "");
    let key = "ssh-public-key = \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f a\"";
    let example = fs::read_to_string("examples/crossplane.toml").unwrap();
    let provisioning = example.split("[provisioning]").nth(1).unwrap().split("\n\n").next().unwrap();
    let managed = REGION.replace("NAME", "nbg1\"\nmanaged-by = \"crossplane");
    let two = format!("{one}{managed}\n[provisioning]{provisioning}\n");
    let (one, two) = (one, two.replacen("[sovereign]\n", &format!("[sovereign]\n{key}\n"), 1));
    let (one, two) = (compiled(&one, &kits), compiled(&two, &kits));
    let claims = |rollout: &Rollout<'_>, step: usize| {
        let snapshot = rollout.after(step).remove(0).snapshot();
        snapshot.files().keys().any(|path| path.as_str() == "fsn1/claims/kustomization.yaml")
    };
    let old = Snapshot::from_tree(&one.tree);
    let comes = Rollout::new(vec![Migration { old: &old, new: &two }], kits.catalog());
    walk(&comes).unwrap();
    assert_eq!((comes.phases()[0], claims(&comes, 0), claims(&comes, 1)), (Phase::Arrive, false, true));
    let old = Snapshot::from_tree(&two.tree);
    let goes = Rollout::new(vec![Migration { old: &old, new: &one }], kits.catalog());
    walk(&goes).unwrap();
    let last = goes.phases().len();
    assert_eq!(goes.phases()[last - 2..], [Phase::Leave, Phase::Forget]);
    assert_eq!((claims(&goes, last - 2), claims(&goes, last - 1)), (true, false));
}

/// What is asked before each step, and after the last.
fn asked(migrations: &[(&str, &str)]) -> Vec<(Option<Phase>, Vec<ManualCheck>)> {
    let kits = Kits::embedded();
    let migrations =
        migrations.iter().map(|(before, after)| (compiled(before, &kits), compiled(after, &kits)));
    let migrations: Vec<_> =
        migrations.map(|(before, after)| (Snapshot::from_tree(&before.tree), after)).collect();
    let rollout =
        Rollout::new(migrations.iter().map(|(old, new)| Migration { old, new }).collect(), kits.catalog());
    walk(&rollout).unwrap();
    let input =
        Input::new(Source::manifest("sovereign.toml", Vec::new()).map_err(|(fault, _)| fault).unwrap());
    let sources = SourceMap { input: &input, kits: &kits };
    let mut sovereigns: Vec<(&dyn Sources, Diagnostics)> =
        rollout.migrations().iter().map(|_| (&sources as &dyn Sources, Diagnostics::new())).collect();
    let report = rollout::steps(&rollout, &[], &mut sovereigns, kits.catalog());
    let steps = report.steps.into_iter().map(|step| (Some(step.phase), step.before));
    steps.chain([(None, report.then)]).collect()
}

/// The place among them, and the answer, of the first probe with a command that begins so.
fn answer<'a>(probes: &'a [ManualCheck], command: &str) -> Option<(usize, &'a str)> {
    let mut probes = probes.iter().enumerate();
    let (place, probe) = probes.find(|(_, probe)| probe.command.starts_with(command))?;
    Some((place, &probe.answer))
}

fn ended(text: &str, fqdn: &str) -> String {
    format!("{text}\n[[retire]]\nsovereign = \"{fqdn}\"\n")
}

#[test]
fn the_list_of_a_cloud_that_goes_is_there_until_the_machines_can_be_destroyed() {
    let kits = Kits::embedded();
    let example = fs::read_to_string("examples/two-providers.toml").unwrap();
    let (before, _) = example.split_once("[failover]").unwrap();
    let (first, _) = before.split_once("[[region]]\nname = \"me-east-215-a\"").unwrap();
    let nbg1 = "nbg1\"\nindex = 2\nmesh-id = 13\nmesh-name = \"gulf-nbg";
    for after in [first.to_owned(), format!("{first}{}", REGION.replace("NAME", nbg1))] {
        let (old, new) = (compiled(before, &kits), compiled(&after, &kits));
        let old = Snapshot::from_tree(&old.tree);
        let rollout = Rollout::new(vec![Migration { old: &old, new: &new }], kits.catalog());
        walk(&rollout).unwrap();
        for (place, phase) in rollout.phases().iter().enumerate() {
            let list = "infrastructure/regions-huawei.auto.tfvars.json";
            let tree = rollout.after(place + 1).remove(0).snapshot();
            let is_there = tree.files().keys().any(|path| path.as_str() == list);
            assert_eq!(is_there, *phase < Phase::Forget, "after {phase:?}");
        }
        let asked = asked(&[(before, &after)]);
        let (_, forget) = asked.iter().find(|(phase, _)| *phase == Some(Phase::Forget)).unwrap();
        let (_, answer) = answer(forget, "tofu destroy").unwrap();
        assert!(answer.contains("infrastructure/me-east-215-a/, infrastructure/regions-huawei"), "{answer}");
    }
}

/// The list of machines has the primary first: its module takes the first for it.
#[test]
fn another_primary_takes_roles_and_tenants_over_when_names_go_over() {
    let kits = Kits::embedded();
    let acme = "[topology]\ncontract = \"symmetric\"\n\n[[organization]]\nslug = \"acme\"\ndisplay-name = \"Acme\"\ntier = \"sme\"\nplan = \"m\"\n\
                owners = [{ email = \"owner@acme.example\", role = \"owner\" }]\n\n\
                [[organization.environment]]\nenv = \"prod\"\nregions = [\"nbg1\"]\n";
    let of = |first: &str, second: &str| {
        let region =
            |name: &str, index: u8, role: &str| format!("{name}\"\nindex = {index}\nrole = \"{role}");
        sovereign(&[&region("fsn1", 0, first), &region("nbg1", 1, second)], acme)
    };
    let (before, after) = (of("primary", "secondary"), of("secondary", "primary"));
    let (before, after) = (compiled(&before, &kits), compiled(&after, &kits));
    let old = Snapshot::from_tree(&before.tree);
    let rollout = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
    walk(&rollout).unwrap();
    for (place, phase) in rollout.phases().iter().enumerate() {
        let tree = rollout.after(place + 1).remove(0).snapshot();
        let text = |begin: &str, end: &str| {
            let fits = |path: &&TreePath| path.as_str().starts_with(begin) && path.as_str().ends_with(end);
            tree.files().keys().find(fits).and_then(|path| tree.text(path)).map(str::to_owned)
        };
        let list: Json = serde_json::from_str(&text("infrastructure/regions-", ".json").unwrap()).unwrap();
        let regions = list["regions"].as_array().unwrap();
        let regions: Vec<_> = regions.iter().map(|it| (it["code"].as_str(), it["role"].as_str())).collect();
        let (first, second) = if *phase < Phase::Switch { ("fsn1", "nbg1") } else { ("nbg1", "fsn1") };
        let roles = [(Some(first), Some("primary")), (Some(second), Some("secondary"))];
        assert_eq!(regions, roles, "after {phase:?}");
        // The old platform would uninstall what is deleted in its cluster, so nothing is.
        let theirs = |region: &str| text(&format!("{region}/tenants/"), "/acme.organization.yaml");
        let was = theirs("fsn1");
        assert_eq!(was.is_some(), *phase < Phase::Switch, "after {phase:?}");
        assert!(was.is_none_or(|was| was.contains("kustomize.toolkit.fluxcd.io/prune: disabled")));
        assert_eq!(theirs("nbg1").is_some(), *phase >= Phase::Follow, "after {phase:?}");
    }
    assert!(rollout.phases().contains(&Phase::Change) && rollout.phases().contains(&Phase::Follow));
}

#[test]
fn what_leaves_the_old_primary_leaves_before_what_it_waits_for() {
    let kits = Kits::embedded();
    let example = fs::read_to_string("examples/three-regions.toml").unwrap();
    let begin = |name: &str| format!("[[region]]\nname = \"{name}\"\n");
    let mut after = example.clone();
    for (index, (name, role)) in
        [("hel1", "secondary"), ("nbg1", "primary"), ("sin", "secondary")].iter().enumerate()
    {
        assert!(after.contains(&begin(name)), "{after}");
        after = after.replace(&begin(name), &format!("{}index = {index}\nrole = \"{role}\"\n", begin(name)));
    }
    let (before, after) = (compiled(&example, &kits), compiled(&after, &kits));
    let old = Snapshot::from_tree(&before.tree);
    let rollout = Rollout::new(vec![Migration { old: &old, new: &after }], kits.catalog());
    for (place, phase) in rollout.phases().iter().enumerate() {
        let tree = rollout.after(place + 1).remove(0).snapshot();
        let texts = tree.files().keys().filter(|path| path.as_str().starts_with("hel1/"));
        let texts =
            texts.filter_map(|path| tree.text(path)).filter(|text| text.contains("\nkind: HelmRelease\n"));
        let releases: Vec<_> = texts.map(read).collect();
        let names: BTreeSet<_> = releases.iter().filter_map(|it| it["metadata"]["name"].as_str()).collect();
        for release in &releases {
            for needed in release["spec"]["dependsOn"].as_array().into_iter().flatten() {
                let name = needed["name"].as_str().unwrap();
                assert!(
                    names.contains(name),
                    "after {phase:?}, {} waits for {name}",
                    release["metadata"]["name"]
                );
            }
        }
    }
    assert!(rollout.phases().contains(&Phase::Remove(1)), "{:?}", rollout.phases());
}

#[test]
fn at_the_end_claims_go_before_the_machines_of_whoever_works_on_them() {
    let example = fs::read_to_string("examples/crossplane.toml").unwrap();
    let end = ended(&example, "omantel.omani.works");
    let asked = asked(&[(&example, &end)]);
    let (_, close) = asked.iter().find(|(phase, _)| *phase == Some(Phase::Close)).unwrap();
    let place = |command: &str| answer(close, command).unwrap_or_else(|| panic!("{command}: {close:#?}"));
    let (data, claims, machines) = (
        place("velero backup get"),
        place("kubectl -n crossplane-system get regionclaims"),
        place("tofu destroy"),
    );
    assert!(data.0 < claims.0 && claims.0 < machines.0, "{close:#?}");
    assert!(claims.1.contains("fsn1, nbg1") && !machines.1.contains("fsn1"), "{close:#?}");
    assert!(machines.1.contains("hel1") && !claims.1.contains("hel1"), "{close:#?}");
    let kits = Kits::embedded();
    let page = |text: &str| {
        let tree = compiled(text, &kits).tree;
        tree.files().iter().find(|(path, _)| path.as_str() == "README.md").unwrap().1.clone()
    };
    let by_hand = page(&end);
    assert!(by_hand.contains("`tofu destroy` for hel1, with"), "{by_hand}");
    assert!(by_hand.find("claims").unwrap() < by_hand.find("tofu destroy").unwrap(), "{by_hand}");
    let airgapped = fs::read_to_string("examples/airgapped.toml").unwrap();
    let fqdn = compiled(&airgapped, &kits).tree.root().as_str().replace("clusters/", "");
    let by_hand = page(&ended(&airgapped, &fqdn));
    assert!(!by_hand.contains("tofu destroy") && by_hand.contains("No module is known"), "{by_hand}");
}

#[test]
fn before_an_end_openbao_and_gitea_are_exported_and_read_back() {
    let two = sovereign(&["fsn1", "nbg1"], "");
    let asked_at_end = asked(&[(&two, &ended(&two, "first.omani.works"))]);
    let (first, probes) = asked_at_end.first().unwrap();
    assert_eq!(*first, Some(Phase::Drain));
    let find = |command: &str, part: &str| {
        let of = |probe: &&ManualCheck| probe.command.starts_with(command) && probe.command.contains(part);
        probes.iter().find(of).unwrap_or_else(|| panic!("{command} {part}: {probes:#?}"))
    };
    let bao = find("kubectl -n openbao exec openbao-0", "openbao-first.omani.works-$REGION.snap.age");
    assert!(bao.command.contains("age --encrypt") && bao.answer.contains("fsn1, nbg1"), "{bao:#?}");
    assert!(find("age --decrypt", "openbao-").command.contains("sha256sum --check SHA256SUMS"));
    let gitea = find("kubectl -n gitea exec", "gitea-first.omani.works.tar.gz.age");
    assert!(gitea.answer.contains("from fsn1:"), "{gitea:#?}");
    assert!(find("age --decrypt", "gitea-").command.contains("x-total-count"));
    // Not once more later, and not where nothing ends, or where there is none of them.
    let mentions = |asked: &[(Option<Phase>, Vec<ManualCheck>)]| {
        let probes = asked.iter().flat_map(|(_, probes)| probes);
        probes.filter(|probe| probe.command.contains("age --encrypt")).count()
    };
    assert_eq!(mentions(&asked_at_end), 2);
    assert_eq!(mentions(&asked(&[(&two, &sovereign(&["fsn1"], ""))])), 0);
}

#[test]
fn of_two_sovereigns_each_is_asked_about_its_own_regions() {
    let named = |name: &str, regions: &[&str]| {
        sovereign(regions, "").replace("name = \"first\"", &format!("name = \"{name}\""))
    };
    let both = ["fsn1", "nbg1"];
    let (ends, loses) = (named("first", &both), named("other", &both));
    let asked = asked(&[(&ends, &ended(&ends, "first.omani.works")), (&loses, &named("other", &["fsn1"]))]);
    let probes: Vec<_> = asked.iter().flat_map(|(_, probes)| probes).collect();
    let digs: Vec<_> = probes.iter().filter(|probe| probe.command.starts_with("dig")).collect();
    let [dig] = digs[..] else { panic!("{digs:#?}") };
    assert_eq!(dig.command, "dig +short console.other.omani.works");
    assert_eq!(dig.answer, "No address of nbg1 of other.omani.works, for an hour.");
    let destroys: Vec<_> =
        probes.iter().filter(|probe| probe.question == "Are the machines destroyed?").collect();
    let [one, all] = destroys[..] else { panic!("{destroys:#?}") };
    assert!(one.command == "tofu apply" && one.answer.contains("nbg1 of other.omani.works"), "{one:?}");
    assert!(
        all.command == "tofu destroy" && all.answer.contains("fsn1, nbg1 of first.omani.works"),
        "{all:?}"
    );
}

#[test]
fn what_a_new_region_needs_is_said_when_it_comes() {
    let kits = Kits::embedded();
    let after = fs::read_to_string("examples/crossplane.toml").unwrap();
    let (before, _) = after.split_once("[[region]]\nname = \"fsn1\"").unwrap();
    let questions = asked(&[(before, &after)]);
    let (_, next) = &questions[1];
    assert_eq!(answer(next, "tofu"), None, "{next:#?}");
    let (_, claims) = answer(next, "kubectl -n crossplane-system get regionclaims").unwrap();
    assert!(claims.contains("fsn1"), "{claims}");
    let (old, new) = (compiled(before, &kits), compiled(&after, &kits));
    let old = Snapshot::from_tree(&old.tree);
    let rollout = Rollout::new(vec![Migration { old: &old, new: &new }], kits.catalog());
    let tree = rollout.after(1).remove(0).snapshot();
    let readme = tree.files().keys().find(|path| path.as_str() == "README.md").unwrap();
    assert!(tree.text(readme).unwrap().contains("fsn1"), "it lists the Secrets of the new region");
}

/// The page for people: what it shows compiles, and means what it says.
#[test]
fn the_examples_of_the_page_compile() {
    let page = fs::read_to_string("docs/plan.md").unwrap();
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [region, end] = blocks[..] else { panic!("two examples") };
    let example = fs::read_to_string("examples/three-regions.toml").unwrap();
    let kits = Kits::embedded();
    let without = |more: &str| compiled(&format!("{example}\n{more}"), &kits);
    assert!(without(region).consents.retires_region("sin"));
    let ended = without(end);
    assert!(ended.consents.sovereign && ended.lowered.clusters.is_empty());
}
