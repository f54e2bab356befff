//! Kits and charts in a registry on loopback: Debian's `docker-registry`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sovereign::cli::places::Places;
use sovereign::cli::{self, Environment};
use sovereign_language::kit::Kits;
use sovereign_registry::{Address, Artifact, CHART, Options, Registry};
use sovereign_text::diag::Diagnostics;

use super::Needs;
use super::bench::free_port;

pub(super) const NEEDS: Needs = Needs { here: &["docker-registry"], packages: "docker-registry" };

/// The name, and the password `sesame` as `htpasswd -B` keeps it.
const USERS: &str = "porter:$2y$05$abcdefghijklmnopqrstuuKcS.CYWVYVaLiiCKrrc0A5s3mGesJ9O\n";
/// `porter:sesame`, as Docker keeps it.
const LOGIN: &str = "cG9ydGVyOnNlc2FtZQ==";
const WRONG_LOGIN: &str = "cG9ydGVyOnNoYXpvbQ==";

/// A registry that keeps what it has below a directory, and ends with its value.
struct Server {
    process: Child,
    host: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("kills");
        self.process.wait().expect("ends");
    }
}

impl Server {
    fn start(desk: &Path, wants_login: bool) -> Self {
        let port = free_port();
        let users = desk.join("users");
        fs::write(&users, USERS).expect("writes");
        let auth = format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", users.display());
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n{}",
            desk.join("registry").display(),
            if wants_login { auth } else { String::new() },
        );
        let file = desk.join("registry.yml");
        fs::write(&file, config).expect("writes");
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // What the environment says of tracing would be asked for elsewhere.
        let process = command.env("OTEL_TRACES_EXPORTER", "none").spawn().expect("starts");
        let server = Self { process, host: format!("127.0.0.1:{port}") };
        for _ in 0..400 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the registry does not listen");
    }
}

/// A directory with a kit, a cache and a registry's data.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a directory"));
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/own-kit");
        fs::create_dir(desk.at("own-kit")).expect("creates");
        for entry in fs::read_dir(from).expect("reads") {
            let path = entry.expect("an entry").path();
            fs::copy(&path, desk.at("own-kit").join(path.file_name().expect("a name"))).expect("copies");
        }
        desk.manifest("path.toml", "kit = { path = \"own-kit\" }");
        desk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.at(name).into_os_string().into_string().expect("text")
    }

    fn manifest(&self, name: &str, kit: &str) {
        let whole = include_str!("../../examples/own-kit.toml");
        let changed = whole.replace("kit = { path = \"own-kit\" }", kit);
        fs::write(self.at(name), changed).expect("writes");
    }

    /// Keeps a login as Docker does.
    fn login(&self, host: &str, login: &str) {
        fs::create_dir_all(self.at("docker")).expect("creates");
        let config = format!("{{ \"auths\": {{ {host:?}: {{ \"auth\": {login:?} }} }} }}");
        fs::write(self.at("docker/config.json"), config).expect("writes");
    }

    /// Runs the program with the cache and the logins of this desk.
    fn run(&self, args: &[&str]) -> (u8, String, String) {
        let places = Places::new(|name| match name {
            "SOVEREIGN_KIT_CACHE" => Some(self.at("cache").into_os_string()),
            "DOCKER_CONFIG" => Some(self.at("docker").into_os_string()),
            _ => None,
        });
        let environment = Environment { places, ..Environment::default() };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let args = ["sovereign"].iter().chain(args).map(OsString::from);
        let exit = cli::run(args, &environment, &mut out, &mut err);
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (exit.code(), text(out), text(err))
    }

    /// Runs the program, which must end well.
    fn done(&self, args: &[&str]) -> String {
        let (code, out, err) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {out}{err}");
        format!("{out}{err}")
    }

    /// Runs the program, which must end with this code and these words.
    fn ends(&self, args: &[&str], code: u8, words: &str) {
        let (ended, out, err) = self.run(args);
        assert!(ended == code && err.contains(words), "{args:?}: {ended}, {out}{err}");
    }

    /// The files below a directory, by path.
    fn files(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let (root, mut files) = (self.at(name), BTreeMap::new());
        let mut open = vec![root.clone()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let inner = path.strip_prefix(&root).expect("below").to_string_lossy().into_owned();
                    files.insert(inner, fs::read(&path).expect("reads"));
                }
            }
        }
        files
    }

    /// A tree without what names the manifest, which says in another way where the kit is.
    fn tree(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files(name);
        for (path, bytes) in &mut files {
            if path.ends_with("sovereign.lock") {
                let text = String::from_utf8(bytes.clone()).expect("text");
                *bytes = text
                    .lines()
                    .filter(|line| !line.starts_with("# input "))
                    .collect::<String>()
                    .into_bytes();
            }
        }
        files
    }
}

pub(super) fn a_kit_is_pushed_pulled_and_compiled_offline_to_the_same_bytes() {
    let desk = Desk::new();
    let server = Server::start(desk.0.path(), false);
    let address = format!("oci://{}/acme/kit:1.2.0", server.host);
    let line = desk.run(&["kit", "push", &desk.text("own-kit"), &address]).1;
    assert!(
        line.starts_with("kit = { oci = ") && line.contains("version = \"1.2.0\", digest = \"sha256:"),
        "{line}"
    );
    // A second push gives the same artifact.
    assert_eq!(desk.run(&["kit", "push", &desk.text("own-kit"), &address]).1, line);
    desk.manifest("oci.toml", line.trim());
    let manifest = desk.text("oci.toml");
    desk.ends(&["check", &manifest], 1, "is not in the cache");
    desk.ends(&["check", &manifest], 1, "`sovereign kit fetch` brings it");
    desk.done(&["kit", "fetch", &manifest]);
    desk.done(&["kit", "pull", &address, &desk.text("pulled")]);
    assert_eq!(desk.files("pulled"), desk.files("own-kit"));
    desk.ends(&["kit", "pull", &address, &desk.text("pulled")], 3, "is there already");
    // Without the digest, fetching says the line that is missing.
    let (head, digest) = line.trim().split_once(", digest = ").expect("a digest");
    desk.manifest("unpinned.toml", &format!("{head} }}"));
    desk.ends(&["check", &desk.text("unpinned.toml")], 1, "`digest` is missing");
    desk.ends(&["kit", "fetch", &desk.text("unpinned.toml")], 1, digest.trim_end_matches(" }"));

    // From here on nobody is there to ask.
    drop(server);
    desk.done(&["build", &desk.text("path.toml"), "--out", &desk.text("beside")]);
    desk.done(&["build", &manifest, "--out", &desk.text("remote")]);
    let tree = desk.tree("remote");
    assert!(tree.len() > 100 && tree == desk.tree("beside"));
    assert!(desk.done(&["kit", "fetch", &manifest]).contains("is here already"));

    // One flipped byte, in what is unpacked and in what is packed.
    let [cached] = &desk.files("cache").into_iter().collect::<Vec<_>>()[..] else { panic!("one kit") };
    let (name, mut bytes) = cached.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(desk.at("cache").join(name), bytes).expect("writes");
    desk.ends(&["build", &manifest, "--out", &desk.text("flipped")], 1, "error[unreadable-source]");
    assert!(!desk.at("flipped").exists());
    desk.ends(&["kit", "fetch", &manifest], 3, "cannot reach the registry");
}

pub(super) fn what_a_registry_refuses_is_said_and_nothing_is_kept() {
    let desk = Desk::new();
    let server = Server::start(desk.0.path(), true);
    let (kit, address) = (desk.text("own-kit"), format!("oci://{}/acme/kit:1.2.0", server.host));
    desk.ends(&["kit", "push", &kit, &address], 3, "wants a login, and there is none");
    desk.login(&server.host, WRONG_LOGIN);
    desk.ends(&["kit", "push", &kit, &address], 3, "refuses this login: 401");
    desk.login(&server.host, LOGIN);
    let line = desk.run(&["kit", "push", &kit, &address]).1;
    let pull = |address: &str| [String::from("kit"), "pull".into(), address.to_owned(), desk.text("pulled")];
    let refused = |address: &str, words: &str| {
        let args = pull(address);
        desk.ends(&args.each_ref().map(String::as_str), 3, words);
        assert!(!desk.at("pulled").exists(), "{words}");
    };
    refused(&address.replace("1.2.0", "1.3.0"), "there is no oci://");
    refused(&address.replace("acme/kit", "acme/other"), "there is no oci://");
    desk.ends(&["kit", "pull", "ghcr.io/acme", "x"], 2, "names no artifact");

    // A manifest that pins another kit.
    let other = format!("sha256:{}", "0".repeat(64));
    let (head, _) = line.trim().split_once("sha256:").expect("a digest");
    desk.manifest("other.toml", &format!("{head}{other}\" }}"));
    desk.ends(&["kit", "fetch", &desk.text("other.toml")], 1, "is another kit than");

    // Somebody changes what the registry keeps: it gives that without a word.
    let blobs = desk.files("registry");
    let layer =
        blobs.iter().filter(|(path, bytes)| path.ends_with("/data") && bytes.starts_with(&[0x1f, 0x8b]));
    let [(path, bytes)] = &layer.collect::<Vec<_>>()[..] else { panic!("one layer") };
    let mut changed = (*bytes).clone();
    *changed.last_mut().expect("bytes") ^= 1;
    fs::write(desk.at("registry").join(path), changed).expect("writes");
    refused(&address, "is not what its digest says");
    desk.manifest("oci.toml", line.trim());
    desk.ends(&["kit", "fetch", &desk.text("oci.toml")], 3, "is not what its digest says");

    // Somebody who listens and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("listens");
    let host = silent.local_addr().expect("an address").to_string();
    let began = Instant::now();
    let address = format!("oci://{host}/acme/kit:1.2.0");
    desk.ends(
        &["kit", "pull", &address, &desk.text("pulled"), "--timeout", "1"],
        3,
        "did not answer within 1 s",
    );
    assert!(began.elapsed() < Duration::from_secs(20));
    drop(silent);
    refused(&address, "cannot reach the registry");
    assert!(desk.files("cache").is_empty() && !desk.at("pulled").exists());
}

/// Packs a chart with one value, and gives the archive.
fn packed_chart(desk: &Desk, name: &str, version: &str) -> Vec<u8> {
    let root = desk.at("unpacked").join(name);
    fs::create_dir_all(root.join("templates")).expect("creates");
    fs::write(root.join("Chart.yaml"), format!("name: {name}\nversion: {version}\n")).expect("writes");
    fs::write(root.join("values.yaml"), "replicas: 1\n").expect("writes");
    fs::write(root.join("templates/web.yaml"), "replicas: {{ .Values.replicas }}\n").expect("writes");
    fs::create_dir_all(desk.at("charts")).expect("creates");
    let archive = desk.at("charts").join(format!("{name}-{version}.tgz"));
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(&archive).arg("-C").arg(desk.at("unpacked")).arg(name);
    assert!(tar.status().expect("runs").success());
    fs::read(archive).expect("reads")
}

fn desk_options() -> Options {
    Options { time: Duration::from_mins(1), certificates: Vec::new() }
}

pub(super) fn a_kit_is_locked_from_a_registry_as_from_a_directory() {
    let desk = Desk::new();
    let server = Server::start(desk.0.path(), false);
    let registry = Registry::new(&server.host, None, desk_options()).expect("a registry");
    let kit = Kits::embedded().open("2026.04", &[], &mut Diagnostics::new()).expect("a kit");
    for blueprint in &kit.blueprints {
        let (name, version) = (blueprint.chart.value.as_str(), blueprint.version.value.as_str());
        let address = format!("oci://{}/charts/{name}:{version}", server.host);
        let config = format!("{{\"name\":{name:?},\"version\":{version:?}}}").into_bytes();
        let layer = packed_chart(&desk, name, version);
        let artifact = Artifact { kind: CHART, config, layer, annotations: Vec::new() };
        registry.push(&Address::parse(&address).expect("an address"), &artifact).expect("pushes");
    }
    let place = format!("oci://{}/charts", server.host);
    let lock = |kit: &str, output: &str| {
        let words = ["kit", "lock", "--registry", &place, "--kit", kit, "--output"].map(str::to_owned);
        words.into_iter().chain([desk.text(output)]).collect::<Vec<_>>()
    };
    let (charts, there) = (desk.text("charts"), desk.text("from-directory"));
    let said = desk.done(&["kit", "lock", "--charts", &charts, "--kit", "2026.04", "--output", &there]);
    assert!(said.starts_with("35 charts opened, 0 not"), "{said}");
    let run = |args: &[String], code: u8, words: &str| {
        desk.ends(&args.iter().map(String::as_str).collect::<Vec<_>>(), code, words);
    };
    run(&lock("2026.04", "from-registry"), 0, "35 charts opened, 0 not");
    let locks = desk.files("from-registry");
    assert!(locks.len() == 35 && locks == desk.files("from-directory"));

    // What is not there is locked as not opened, with where it was looked for.
    run(&lock("2026.05", "newer"), 0, "not, in");
    let powerdns =
        kit.blueprints.iter().find(|b| b.name.value.as_str() == "bp-powerdns").expect("a blueprint");
    let newer = desk.files("newer");
    let absent = newer.iter().find(|(name, _)| name.starts_with("bp-continuum")).expect("a lock").1;
    let absent = String::from_utf8(absent.clone()).expect("text");
    assert!(absent.contains(&format!("reason = \"there is no {place}/bp-continuum:")), "{absent}");

    // One chart that is another one, and a registry that wants a login: nothing is written.
    let archive = format!("bp-powerdns-{}.tgz", powerdns.version.value);
    let archive = fs::read(desk.at("charts").join(archive)).expect("reads");
    let (path, mut bytes) =
        desk.files("registry").into_iter().find(|(_, bytes)| *bytes == archive).expect("is kept");
    *bytes.last_mut().expect("bytes") ^= 1;
    fs::write(desk.at("registry").join(path), bytes).expect("writes");
    run(&lock("2026.04", "tampered"), 3, "bp-powerdns");
    assert!(!desk.at("tampered").exists());
    drop(server);
    let server = Server::start(desk.0.path(), true);
    let place = format!("oci://{}/charts", server.host);
    let args = ["kit", "lock", "--registry", &place, "--kit", "2026.04", "--output", &desk.text("refused")];
    desk.ends(&args, 3, "wants a login");
    assert!(!desk.at("refused").exists());
}

pub(super) fn a_chart_is_locked_from_the_repository_that_its_blueprint_names() {
    let desk = Desk::new();
    let server = Server::start(desk.0.path(), false);
    let registry = Registry::new(&server.host, None, desk_options()).expect("a registry");
    for name in ["shop", "watch"] {
        let layer = packed_chart(&desk, name, "1.0.0");
        let config = format!("{{\"name\":{name:?},\"version\":\"1.0.0\"}}").into_bytes();
        // The shop stands in both projects, the watch in one: what is locked says where it was looked for.
        for project in if name == "shop" { &["charts", "harbour"][..] } else { &["charts"][..] } {
            let address = format!("oci://{}/{project}/{name}:1.0.0", server.host);
            let artifact = Artifact {
                kind: CHART,
                config: config.clone(),
                layer: layer.clone(),
                annotations: Vec::new(),
            };
            registry.push(&Address::parse(&address).expect("an address"), &artifact).expect("pushes");
        }
    }
    fs::create_dir(desk.at("docks")).expect("creates");
    let kit = format!(
        "name = \"docks-2026.11\"\nextends = \"2026.05\"\n[repository.harbour]\nurl = \"oci://{}/harbour\"\n\
         [repository.tides]\nurl = \"https://charts.tides.example/stable\"\n",
        server.host
    );
    fs::write(desk.at("docks/kit.toml"), kit).expect("writes");
    for (slot, name, repository) in
        [("81", "shop", "harbour"), ("82", "watch", "harbour"), ("83", "gauge", "tides")]
    {
        let blueprint = format!(
            "slot = \"{slot}\"\nname = \"bp-{name}\"\nchart = \"{name}\"\nrepository = {repository:?}\nversion = \"1.0.0\"\n\
             namespace = {name:?}\nrelease = {name:?}\nruns = \"primary\"\ninterval = \"15m\"\n"
        );
        fs::write(desk.at("docks").join(format!("{slot}-{name}.toml")), blueprint).expect("writes");
    }
    let (kit, place) = (desk.text("docks"), format!("oci://{}/charts", server.host));
    desk.ends(
        &["kit", "lock", "--registry", &place, "--kit", &kit, "--output", &desk.text("locks")],
        0,
        "1 charts opened",
    );
    let lock =
        |name: &str| fs::read_to_string(desk.at("locks").join(format!("{name}-1.0.0.toml"))).expect("reads");
    assert!(lock("shop").contains("opened = true"), "{}", lock("shop"));
    let absent = format!("reason = \"there is no oci://{}/harbour/watch:1.0.0\"", server.host);
    assert!(lock("watch").contains(&absent), "{}", lock("watch"));
    assert!(
        lock("gauge").contains("its repository https://charts.tides.example/stable is no registry"),
        "{}",
        lock("gauge")
    );
}

/// Runs the page that leads from nothing to a kit in a registry, block by block.
pub(super) fn the_page_about_ones_own_kit_is_true() {
    let desk = Desk(tempfile::tempdir().expect("a directory"));
    let server = Server::start(desk.0.path(), false);
    let page = include_str!("../../docs/own-kit.md").replace("localhost:5000", &server.host);
    let program = Path::new(env!("CARGO_BIN_EXE_sovereign")).parent().expect("a directory");
    let path = std::env::join_paths(
        [program.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").expect("a path"))),
    );
    let path = path.expect("a path");
    let (mut ran, mut written) = (0, 0);
    for block in page.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').expect("a block");
        if language == "sh" {
            let mut shell = Command::new("bash");
            shell.args(["-euo", "pipefail", "-c", text]).current_dir(desk.at(""));
            shell.env("PATH", &path).env("SOVEREIGN_KIT_CACHE", desk.at("cache"));
            let output = shell.env("DOCKER_CONFIG", desk.at("docker")).output().expect("runs");
            let said =
                [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text")).concat();
            assert!(output.status.success(), "{text}\n{said}");
            ran += text.lines().count();
        } else {
            let name =
                text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("the name of a file");
            fs::create_dir_all(desk.at(name).parent().expect("a parent")).expect("creates");
            fs::write(desk.at(name), format!("{text}\n")).expect("writes");
            written += 1;
        }
    }
    assert_eq!((ran, written), (17, 6));
}
