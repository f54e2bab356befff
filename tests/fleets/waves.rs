//! Waves through rings: a fleet of thirty, driven by five bots that race, with a ring that fails and holds.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::bench::{Desk, program, sovereign};

const FLEET: &str = "\
[fleet]
status = \"status\"

[[ring]]
name = \"canary\"
sovereigns = [\"sovereigns/a*\"]

[[ring]]
name = \"half\"
sovereigns = [\"sovereigns/b*\"]
at-once = 4

[[ring]]
name = \"rest\"
sovereigns = [\"sovereigns/c*\"]
";
/// How long the whole way may take.
const LONGEST: Duration = Duration::from_mins(8);

fn names() -> Vec<String> {
    let ring = |letter: &'static str, count: usize| (0..count).map(move |n| format!("{letter}{n:02}"));
    ring("a", 5).chain(ring("b", 10)).chain(ring("c", 15)).collect()
}

fn text(name: &str, replicas: usize) -> String {
    let more = if replicas == 0 {
        String::new()
    } else {
        format!("[blueprint.coraza.values.coraza]\nreplicas = {replicas}\n")
    };
    sovereign(name, &["hel1"], &more)
}

/// A repository with a fleet whose trees are committed, and a remote of it.
fn fleet(names: &[String], toml: &str) -> Desk {
    let desk = Desk::new();
    desk.put("first/fleet.toml", toml);
    for name in names {
        desk.put(&format!("first/sovereigns/{name}/sovereign.toml"), &text(name, 0));
    }
    desk.save("first");
    let paths: Vec<_> = names.iter().map(|name| format!("sovereigns/{name}/sovereign.toml")).collect();
    let args: Vec<&str> =
        ["commit", "--together", "--quiet"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    desk.run_in("first", &args).ends(0, &[]);
    desk.git_in("first", &["clone", "-q", "--bare", ".", "../remote.git"]);
    desk
}

fn clone(desk: &Desk, name: &str) {
    desk.git_in("", &["clone", "-q", "remote.git", name]);
}

fn root(name: &str) -> String {
    format!("clusters/{name}.omani.works")
}

/// A person, or the hook of Flux: changes files and pushes, as often as it takes.
fn push(desk: &Desk, clone: &str, files: &[(String, String)]) {
    for _ in 0..100 {
        desk.git_in(clone, &["fetch", "-q", "origin"]);
        desk.git_in(clone, &["reset", "-q", "--hard", "origin/main"]);
        for (name, text) in files {
            desk.put(&format!("{clone}/{name}"), text);
        }
        desk.git_in(clone, &["add", "-A"]);
        let mut diff = Command::new("git");
        let is_same = diff
            .current_dir(desk.path(clone))
            .args(["diff", "--cached", "--quiet"])
            .status()
            .expect("git runs");
        if is_same.success() {
            return;
        }
        desk.git_in(clone, &["commit", "-q", "-m", "a hand"]);
        let mut push = Command::new("git");
        push.current_dir(desk.path(clone)).args(["push", "-q", "origin", "HEAD:main"]).stderr(Stdio::null());
        if push.status().expect("git runs").success() {
            return;
        }
    }
    panic!("it never arrived");
}

/// What a cluster says of the tree at a commit.
fn event(severity: &str, commit: &str) -> String {
    json!({
        "involvedObject": { "kind": "Kustomization", "namespace": "flux-system", "name": "releases" },
        "severity": severity, "message": "health check", "reason": "HealthCheck",
        "metadata": { "revision": format!("main@sha1:{commit}") },
    })
    .to_string()
}

/// Flux in all clusters: says of each tree at the head that it is applied; `b03` fails as long as its manifest asks for 3.
fn hook(desk: &Desk) {
    desk.git_in("flux", &["fetch", "-q", "origin"]);
    let head = desk.git_in("flux", &["rev-parse", "origin/main"]).trim().to_owned();
    let files: Vec<_> = names()
        .iter()
        .filter_map(|name| {
            let path = format!("status/{name}.omani.works/hel1.json");
            let now = desk.git_in("flux", &["rev-parse", &format!("{head}:{}", root(name))]);
            let said = fs::read_to_string(desk.path("flux").join(&path)).ok();
            let before = said.and_then(|said| {
                let event: Json = serde_json::from_str(&said).ok()?;
                let revision = event["metadata"]["revision"].as_str()?.rsplit(':').next()?.to_owned();
                Some(desk.git_in("flux", &["rev-parse", &format!("{revision}:{}", root(name))]))
            });
            let release = format!("{head}:{}/hel1/releases/35-coraza.yaml", root(name));
            let fails = name == "b03" && desk.git_in("flux", &["show", &release]).contains("replicas: 3");
            (before.as_ref() != Some(&now))
                .then(|| (path, event(if fails { "error" } else { "info" }, &head)))
        })
        .collect();
    if !files.is_empty() {
        push(desk, "flux", &files);
    }
}

/// Starts a bot: it asks again and again, until a file says that it is enough.
fn bot(desk: &Desk, name: &str) -> Child {
    clone(desk, name);
    let program = PathBuf::from(program().get_program());
    let script = format!(
        "while [ ! -e ../enough ]; do {} fleet next --commit --push >>../{name}.out 2>>../{name}.err; sleep 0.2; done",
        program.display()
    );
    let mut command = Command::new("sh");
    for (key, value) in program_environment() {
        command.env(key, value);
    }
    command.current_dir(desk.path(name)).args(["-c", &script]).spawn().expect("a bot")
}

fn program_environment() -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    let command = program();
    command.get_envs().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect()
}

fn status(desk: &Desk) -> Json {
    let ran = desk.run_in("flux", &["fleet", "status", "--push", "--format", "json"]);
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn states(status: &Json) -> Vec<&str> {
    status["rings"]
        .as_array()
        .expect("rings")
        .iter()
        .map(|ring| ring["state"].as_str().expect("a word"))
        .collect()
}

/// Returns the Sovereigns whose trees were committed since, oldest first.
fn commits(desk: &Desk, since: &str) -> Vec<String> {
    desk.git_in("flux", &["fetch", "-q", "origin"]);
    let log = desk.git_in("flux", &["log", "--reverse", "--format=%B", &format!("{since}..origin/main")]);
    let trees = log.lines().filter_map(|line| line.strip_prefix("Sovereign-Tree: clusters/"));
    trees.filter_map(|tree| tree.split('.').next().map(str::to_owned)).collect()
}

#[test]
fn thirty_in_three_rings_with_five_bots_and_a_ring_that_fails_and_holds() {
    let names = names();
    let desk = fleet(&names, FLEET);
    clone(&desk, "flux");
    let start = desk.git_in("flux", &["rev-parse", "HEAD"]).trim().to_owned();
    let change: Vec<_> =
        names.iter().map(|name| (format!("sovereigns/{name}/sovereign.toml"), text(name, 3))).collect();
    clone(&desk, "person");
    push(&desk, "person", &change);
    let bots: Vec<_> = (0..5).map(|n| bot(&desk, &format!("bot{n}"))).collect();
    let (begin, mut mended, mut held) = (Instant::now(), false, None);
    loop {
        assert!(begin.elapsed() < LONGEST, "{:?}", status(&desk));
        hook(&desk);
        let now = status(&desk);
        let words = states(&now);
        let is_due = |name: &str| {
            let all = now["rings"]
                .as_array()
                .expect("rings")
                .iter()
                .flat_map(|ring| ring["sovereigns"].as_array().expect("all"));
            all.into_iter().any(|it| it["root"] == root(name) && it["stand"] == "due")
        };
        if words[1] == "failed" && !mended {
            assert_eq!(words, ["done", "failed", "waiting"]);
            assert!(
                now["rings"][1]["why"][0]
                    .as_str()
                    .is_some_and(|why| why.contains("b03") && why.contains("health check"))
            );
            // It holds: in the time of some rounds nothing more is committed.
            let before = commits(&desk, &start).len();
            let first = *held.get_or_insert(before);
            if first != before {
                held = Some(before);
            } else if begin.elapsed() > Duration::from_secs(5) {
                thread::sleep(Duration::from_secs(4));
                assert_eq!(commits(&desk, &start).len(), before, "a failed ring holds");
                assert!(
                    !is_due("b03") && is_due("b09") && is_due("c00"),
                    "neither the rest of the ring nor the next one"
                );
                let mend = ("sovereigns/b03/sovereign.toml".to_owned(), text("b03", 2));
                push(&desk, "person", &[mend]);
                mended = true;
            }
        }
        if now["done"] == true {
            break;
        }
        thread::sleep(Duration::from_millis(200));
    }
    fs::write(desk.path("enough"), "").expect("a file");
    for mut bot in bots {
        bot.wait().expect("it ends");
    }
    assert!(mended, "the ring has failed on the way");
    let commits = commits(&desk, &start);
    let letters: String = commits.iter().filter_map(|name| name.chars().next()).collect();
    let mut sorted: Vec<_> = letters.chars().collect();
    sorted.sort_unstable();
    assert_eq!(letters, sorted.into_iter().collect::<String>(), "ring after ring: {commits:?}");
    let distinct: BTreeSet<_> = commits.iter().collect();
    assert_eq!(
        (commits.len(), distinct.len()),
        (31, 30),
        "each once, and the one that was mended twice: {commits:?}"
    );
    // In one line, and what the manifests give.
    assert_eq!(desk.git_in("flux", &["rev-list", "--min-parents=2", "--count", "origin/main"]).trim(), "0");
    desk.git_in("flux", &["reset", "-q", "--hard", "origin/main"]);
    desk.run_in("flux", &["verify", "sovereigns"]).ends(0, &["30 manifests: 30 as"]);
}

#[test]
fn a_plan_says_where_everything_stands_and_next_makes_what_is_due() {
    let names: Vec<String> = ["aa1", "aa2", "bb1"].map(str::to_owned).to_vec();
    let toml = "[[ring]]\nname = \"one\"\nsovereigns = [\"sovereigns/aa*\"]\n\
                [[ring]]\nname = \"two\"\nsovereigns = [\"sovereigns/bb1\"]\nhold = \"the vendor calls\"\n";
    let desk = fleet(&names, toml);
    let at = |args: &[&str]| desk.run_in("first", &[&["fleet"], args].concat());
    at(&["status"]).ends(1, &["one  done  2 of 2", "two  held  1 of 1", "the vendor calls"]);
    for name in &names {
        desk.put(&format!("first/sovereigns/{name}/sovereign.toml"), &text(name, 3));
    }
    // What is not committed is not seen.
    at(&["plan"]).ends(0, &["one  done"]);
    desk.save("first");
    at(&["plan"]).ends(
        0,
        &["one  open  0 of 2", "clusters/aa1.omani.works: to commit,", "2 commits are to be made now"],
    );
    let next = at(&["next"]).ends(0, &[]);
    assert_eq!(
        next.out,
        "sovereign commit sovereigns/aa1/sovereign.toml\nsovereign commit sovereigns/aa2/sovereign.toml\n"
    );
    at(&["next", "--commit"]).ends(0, &["2 commits made, 0 of 2 rings done"]);
    at(&["next", "--commit"]).ends(0, &["0 commits made, 1 of 2 rings done"]);
    desk.run_in("first", &["verify", "sovereigns/bb1/sovereign.toml"]).ends(1, &[]);
    // A mistake in a manifest fails its ring, and those behind wait.
    desk.put("first/sovereigns/aa2/sovereign.toml", &text("aa2", 3).replace("hel1", "hel1\"\nx = \"1"));
    desk.put("first/fleet.toml", &toml.replace("hold = \"the vendor calls\"\n", ""));
    desk.save("first");
    at(&["plan"]).ends(1, &["one  failed  1 of 2", "unknown-key", "two  waiting"]);
}

#[test]
fn what_is_wrong_with_a_fleet_is_said_at_its_line() {
    let desk = fleet(
        &["aa1".to_owned()],
        "[[ring]]\nname = \"one\"\nsovereigns = [\"sovereigns/x*\", \"sovereigns\"]\n[[ring]]\nname = \"two\"\nsovereigns = [\"**\"]\n",
    );
    let at = |args: &[&str]| desk.run_in("first", &[&["fleet"], args].concat());
    at(&["plan"]).ends(
        1,
        &["`sovereigns/x*` of ring one means no manifest", "sovereign.toml is in ring one and in ring two"],
    );
    desk.put("first/fleet.toml", "[[ring]]\nname = \"one\"\nsovereign = [\"a\"]\n");
    desk.save("first");
    at(&["plan"]).ends(1, &["fleet.toml:3", "unknown-key", "sovereigns"]);
    at(&["plan", "none.toml"]).ends(3, &["none.toml"]);
    at(&["plan", "--now", "noon"]).ends(2, &["2026-06-01T12:00:00Z"]);
}

#[test]
fn the_jobs_of_the_docs_make_every_commit_once() {
    let names: Vec<String> = (0..8).map(|n| format!("s{n:02}")).collect();
    let desk = fleet(&names, "[[ring]]\nname = \"all\"\nsovereigns = [\"sovereigns\"]\n");
    clone(&desk, "person");
    let change: Vec<_> =
        names.iter().map(|name| (format!("sovereigns/{name}/sovereign.toml"), text(name, 3))).collect();
    push(&desk, "person", &change);
    let docs = include_str!("../../docs/fleet.md");
    let script = docs
        .split_once("[\"sh\", \"-c\", \"")
        .and_then(|(_, rest)| rest.split_once("\"]"))
        .expect("the Job")
        .0;
    let step = docs.lines().find_map(|line| line.trim().strip_prefix("- run: ")).expect("the matrix");
    let jobs: Vec<_> = (0..4)
        .map(|index| {
            let name = format!("pod{index}");
            clone(&desk, &name);
            let mut command = Command::new("sh");
            for (key, value) in program_environment() {
                command.env(key, value);
            }
            let program = PathBuf::from(program().get_program());
            let path = format!(
                "{}:{}",
                program.parent().expect("a directory").display(),
                std::env::var("PATH").unwrap_or_default()
            );
            let checked = step.replace("${{ matrix.shard }}", &(index + 1).to_string());
            command
                .current_dir(desk.path(&name))
                .env("PATH", path)
                .env("JOB_COMPLETION_INDEX", index.to_string())
                .env("SHARDS", "4");
            command
                .args(["-ec", &format!("{checked} && {script}")])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("a job")
        })
        .collect();
    let mut made = 0;
    for job in jobs {
        let ended = job.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{said}");
        made += said
            .lines()
            .last()
            .and_then(|line| line.split(' ').next()?.parse::<usize>().ok())
            .expect("a count");
    }
    assert_eq!(made, 8);
    desk.run_in("person", &["fleet", "status", "--push"]).ends(0, &["all  done  8 of 8"]);
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    let text = format!("{:#}\n", sovereign_language::fleet::schema());
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        assert!(std::env::var_os("CI").is_none(), "BLESS is refused where CI is set");
        fs::write("schema/fleet.schema.json", &text).expect("writes");
    }
    let committed = fs::read_to_string("schema/fleet.schema.json").expect("reads");
    assert!(committed == text, "run `BLESS=1 cargo test --test fleets schema` and look at the difference");
    // What the docs show is right.
    let docs = include_str!("../../docs/fleet.md");
    let example =
        docs.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```")).expect("an example").0;
    let source =
        sovereign_text::source::Source::manifest("fleet.toml", example.as_bytes().to_vec()).expect("text");
    let mut diags = sovereign_text::diag::Diagnostics::new();
    sovereign_language::fleet::decode(&source, &mut diags);
    assert!(diags.iter().next().is_none(), "{:?}", diags.sorted());
}
