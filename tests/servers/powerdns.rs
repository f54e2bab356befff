//! The zone of a Sovereign in the real PowerDNS: it loads, answers, and answers otherwise when a region is lost.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use sovereign_compile::compile;
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use super::Needs;

pub(super) const ZONE: &str = "omantel.omani.works";
/// The schema as Debian's package pdns-backend-sqlite3 has it.
const SCHEMA: &str = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
const SERVER: &str = "/usr/sbin/pdns_server";
pub(super) const HERE: &str = "NEEDS is met";

pub(super) const NEEDS: Needs = Needs {
    here: &[SERVER, "pdnsutil", SCHEMA, "sqlite3", "named-checkzone", "dig"],
    packages: "pdns-server pdns-backend-sqlite3 sqlite3 bind9-utils bind9-dnsutils",
};
const KEY: &str = "not-a-secret";
/// The load balancers of three regions as the manifest has them: a loopback address is no balancer's, and a finding says so.
/// They are as long as those below, since the zone's files count bytes.
const PUBLIC: [&str; 3] = ["192.0.2.2", "192.0.2.3", "192.0.2.4"];
/// Where they are in this test. The whole of 127.0.0.0/8 is this machine.
pub(super) const PRIMARY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
pub(super) const STANDBY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const THIRD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);
/// How long to wait for PowerDNS. A check is made every second; the machine may be busy.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// The address of an application's health check: longer than a character string, and with what has to be quoted.
fn path() -> String {
    format!("/healthz/it's/50%25?deep={}", "abcdefghi/".repeat(60))
}

pub(super) fn manifest(port: u16) -> String {
    let region = |name: &str, address: &str| {
        format!(
            "[[region]]\nname = \"{name}\"\nprovider = \"hetzner\"\ncontrol-plane = {{ size = \"cpx32\" }}\n\
             observed = {{ load-balancer-address = \"{address}\", control-plane-address = \"{address}1\", \
             deployment-id = \"0123456789abcdef\" }}\n"
        )
    };
    let names = ["fsn1", "hel1", "nbg1"].into_iter().zip(PUBLIC);
    let regions: String = names.map(|(name, address)| region(name, address)).collect();
    let path = path();
    format!(
        r#"
kit = "2026.05"
[sovereign]
name = "omantel"
organization = {{ name = "Omantel", email = "ops@omantel.om" }}
[domain]
mode = "byo-manual"
fqdn = "{ZONE}"
[gitops]
url = "https://github.com/openova-io/openova"
{regions}
[failover]
mode = "active-hotstandby"
witness = {{ kind = "dns-quorum", resolvers = ["8.8.8.8", "1.1.1.1", "9.9.9.9"] }}
[[failover.application]]
name = "desk"
standbys = ["hel1", "nbg1"]
objectives = {{ rto = "5m", rpo = "1m" }}
health = {{ url = "http://desk.{ZONE}:{port}/healthz", interval = "1s", timeout = "1s" }}
[[failover.application]]
name = "shop"
placement = "active-active"
regions = ["hel1"]
health = {{ url = "http://shop.{ZONE}:{port}{path}", interval = "1s", timeout = "1s" }}
"#
    )
}

/// The files below `dns/` of the manifest's tree, with the balancers of this test.
pub(super) fn files(text: &str) -> BTreeMap<String, String> {
    let input = Input::new(Source::manifest("sovereign.toml", text.as_bytes().to_vec()).expect("is text"));
    let (kits, mut diags) = (Kits::embedded(), Diagnostics::new());
    let tree = compile(&input, &kits, &mut diags).unwrap_or_else(|_| {
        panic!("{}", sovereign_text::diag::short::render(&diags, &SourceMap { input: &input, kits: &kits }))
    });
    let of_zone = tree.files().iter().filter_map(|(path, text)| {
        path.as_str().strip_prefix("dns/").map(|name| (name.to_owned(), here(text)))
    });
    of_zone.collect()
}

/// Puts the balancers of this test where the public ones are, in text and in the hexadecimal form of records.
fn here(text: &str) -> String {
    let hex = |text: &str| text.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let pairs = PUBLIC.into_iter().zip([PRIMARY, STANDBY, THIRD]);
    pairs.fold(text.to_owned(), |text, (public, here)| {
        let here = here.to_string();
        text.replace(public, &here).replace(&hex(public), &hex(&here))
    })
}

/// Answers every request with 200 until it is dropped, and listens no more then.
pub(super) struct Web {
    down: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Web {
    pub(super) fn listen(address: Ipv4Addr, port: u16) -> Self {
        let listener = TcpListener::bind(SocketAddrV4::new(address, port)).expect("binds");
        listener.set_nonblocking(true).expect("does not block");
        let down = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&down);
        let thread = thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => answer(stream),
                    Err(_) => thread::sleep(Duration::from_millis(10)),
                }
            }
        });
        Self { down, thread: Some(thread) }
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.down.store(true, Ordering::Relaxed);
        self.thread.take().expect("runs").join().expect("ends");
    }
}

/// Says 200 to a health check that asks for what the manifest says.
fn answer(mut stream: TcpStream) {
    stream.set_nonblocking(false).expect("blocks");
    stream.set_read_timeout(Some(Duration::from_secs(1))).expect("has a timeout");
    let mut request = [0; 4096];
    let length = stream.read(&mut request).unwrap_or(0);
    let request = String::from_utf8_lossy(&request[..length]);
    let known = ["/healthz", &path()].iter().any(|path| request.starts_with(&format!("GET {path} HTTP/")));
    let status = if known { "200 OK" } else { "404 Not Found" };
    // Whoever asked may be gone by now.
    let _gone = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}

/// A port that is free for UDP and TCP at an address.
pub(super) fn free_port(address: Ipv4Addr) -> u16 {
    loop {
        let port =
            UdpSocket::bind((address, 0)).and_then(|socket| socket.local_addr()).expect("binds").port();
        if TcpListener::bind((address, port)).is_ok() {
            return port;
        }
    }
}

/// PowerDNS on this machine, with a database of its own, as the current user.
pub(super) struct PowerDns {
    directory: tempfile::TempDir,
    api: u16,
    pub(super) dns: u16,
    server: Option<Child>,
}

impl PowerDns {
    fn new() -> Self {
        Self::with("")
    }

    /// The same with more lines of configuration.
    pub(super) fn with(more: &str) -> Self {
        let directory = tempfile::tempdir().expect("makes a directory");
        let [api, dns] = [(); 2].map(|()| free_port(Ipv4Addr::LOCALHOST));
        let place = directory.path().display();
        let config = format!(
            "launch=gsqlite3\ngsqlite3-database={place}/zones.db\ngsqlite3-dnssec=yes\nsocket-dir={place}\n\
             local-address=127.0.0.1\nlocal-port={dns}\nguardian=no\ndaemon=no\n\
             api=yes\napi-key={KEY}\nwebserver=yes\nwebserver-address=127.0.0.1\nwebserver-port={api}\n\
             enable-lua-records=yes\nlua-health-checks-interval=1\n\
             cache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0\nzone-cache-refresh-interval=0\n{more}"
        );
        fs::write(directory.path().join("pdns.conf"), config).expect("writes");
        let this = Self { directory, api, dns, server: None };
        let schema = fs::File::open(SCHEMA).expect(HERE);
        let made = Command::new("sqlite3").arg(this.path("zones.db")).stdin(schema).status().expect(HERE);
        assert!(made.success());
        this
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(super) fn start(&mut self) {
        let log = fs::File::create(self.path("log")).expect("writes");
        let server = Command::new(SERVER)
            .arg(format!("--config-dir={}", self.directory.path().display()))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect(HERE);
        self.server = Some(server);
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.api)).is_err() {
            assert!(start.elapsed() < PATIENCE, "PowerDNS does not start: {}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Asks the API; gives the status and the body.
    pub(super) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.api)).expect("connects");
        let length = body.len();
        write!(
            stream,
            "{method} /api/v1/servers/localhost/zones{path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .expect("writes");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("is HTTP");
        (
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("has a status"),
            body.to_owned(),
        )
    }

    pub(super) fn dig(&self, arguments: &[&str]) -> String {
        let port = self.dns.to_string();
        let output =
            Command::new("dig").args(["@127.0.0.1", "-p", &port]).args(arguments).output().expect(HERE);
        String::from_utf8(output.stdout).expect("is text")
    }

    /// The addresses of a name, sorted.
    fn addresses(&self, name: &str) -> Vec<Ipv4Addr> {
        let answer = self.dig(&["+short", &format!("{name}."), "A"]);
        let mut found: Vec<_> = answer.lines().filter_map(|line| line.parse().ok()).collect();
        found.sort();
        found
    }

    /// Runs `pdnsutil` on the database, and returns what it says.
    pub(super) fn util(&self, arguments: &[&str]) -> String {
        let config = format!("--config-dir={}", self.directory.path().display());
        let done = Command::new("pdnsutil").arg(config).args(arguments).output().expect(HERE);
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("is text")
    }

    /// Makes the key of the zone, and waits until the server has it: it remembers for half a minute that there was none.
    pub(super) fn signs(&self) {
        self.util(&["secure-zone", ZONE]);
        let (start, mut keys) = (Instant::now(), String::new());
        while start.elapsed() < PATIENCE {
            keys = self.dig(&["+short", ZONE, "DNSKEY"]);
            if keys.contains(" 3 13 ") {
                return;
            }
            thread::sleep(Duration::from_millis(500));
        }
        panic!("the zone is not signed by algorithm 13: {keys}\n{}", self.log());
    }

    /// Waits until a name answers with these addresses five times in a row: before the first check is done, PowerDNS
    /// chooses at random.
    fn settles(&self, name: &str, expected: &[Ipv4Addr]) {
        let (start, mut last) = (Instant::now(), Vec::new());
        while start.elapsed() < PATIENCE {
            if (0..5).all(|_| {
                last = self.addresses(name);
                last == expected
            }) {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("{name} answers {last:?}, not {expected:?}\n{}", self.log());
    }
}

impl Drop for PowerDns {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server.kill().expect("kills");
            server.wait().expect("ends");
        }
    }
}

/// The record sets of a zone as the API speaks of them: by name and type, the time to live and the contents. PowerDNS counts
/// the serial, so the SOA is not looked at.
fn record_sets(zone: &str) -> BTreeMap<(String, String), (Json, Vec<String>)> {
    let zone: Json = serde_json::from_str(zone).expect("is JSON");
    let sets = zone["rrsets"].as_array().expect("has record sets").iter().map(|set| {
        let text = |key: &str| set[key].as_str().expect("is text").to_owned();
        let contents = set["records"].as_array().expect("has records").iter();
        let mut contents: Vec<_> =
            contents.map(|r| r["content"].as_str().expect("is text").to_owned()).collect();
        contents.sort();
        ((text("name"), text("type")), (set["ttl"].clone(), contents))
    });
    sets.filter(|((_, kind), _)| kind != "SOA").collect()
}

/// Loads the master file the way that it says itself.
fn load(powerdns: &PowerDns, zone: &str) {
    let master = powerdns.path("whole.zone");
    fs::write(&master, zone).expect("writes");
    let checked = Command::new("named-checkzone").arg(ZONE).arg(&master).output().expect(HERE);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let ours = zone.lines().filter(|line| !line.contains(" TYPE65402 "));
    let ours: Vec<_> = ours.map(|line| line.strip_prefix(";lua ").unwrap_or(line)).collect();
    let file = powerdns.path("lua.zone");
    fs::write(&file, ours.join("\n") + "\n").expect("writes");
    powerdns.util(&["load-zone", ZONE, file.to_str().expect("is text")]);
}

/// The LUA records of a zone in the generic form, by name.
fn generic<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let words = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    let lua = words.filter(|words| words.get(3) == Some(&"TYPE65402"));
    lua.map(|words| (words[0].to_owned(), words[5..].concat().to_lowercase())).collect()
}

pub(super) fn the_zone_answers_and_follows_the_regions() {
    let port = free_port(PRIMARY);
    let files = files(&manifest(port));
    let (master, json) = (&files[&format!("{ZONE}.zone")], &files[&format!("{ZONE}.json")]);
    let mut powerdns = PowerDns::new();
    load(&powerdns, master);
    powerdns.start();
    let id = format!("/{ZONE}.");

    // The file, read by PowerDNS and told again: its text, and its bytes as a transfer has them.
    let (status, told) = powerdns.ask("GET", &id, "");
    assert_eq!((status, record_sets(&told)), (200, record_sets(json)));
    let transfer = powerdns.dig(&["AXFR", ZONE]);
    let ours = generic(master.lines());
    assert_eq!(ours.keys().collect::<Vec<_>>(), [&format!("desk.{ZONE}."), &format!("shop.{ZONE}.")]);
    assert_eq!(generic(transfer.lines()), ours, "{transfer}");

    // The same by the API.
    assert_eq!(powerdns.ask("DELETE", &id, "").0, 204);
    let (status, made) = powerdns.ask("POST", "", json);
    assert_eq!((status, record_sets(&made)), (201, record_sets(json)), "{made}");
    // Three servers would make a key each, so the first one makes it when it is asked to.
    assert_eq!(serde_json::from_str::<Json>(&made).expect("JSON")["dnssec"], false, "{made}");
    powerdns.signs();

    let both = [PRIMARY, STANDBY].map(|address| Web::listen(address, port));
    for name in ["", "anything.", "api.", "console.", "gitea.", "harbor.", "ns1."] {
        assert_eq!(powerdns.addresses(&format!("{name}{ZONE}")), [PRIMARY], "{name}");
    }
    assert_eq!(powerdns.addresses(&format!("ns3.{ZONE}")), [THIRD]);
    let (desk, shop) = (format!("desk.{ZONE}"), format!("shop.{ZONE}"));
    powerdns.settles(&desk, &[PRIMARY]);
    powerdns.settles(&shop, &[PRIMARY, STANDBY]);

    let [primary, standby] = both;
    drop(primary);
    powerdns.settles(&desk, &[STANDBY]);
    powerdns.settles(&shop, &[STANDBY]);

    let _primary = Web::listen(PRIMARY, port);
    powerdns.settles(&desk, &[PRIMARY]);
    powerdns.settles(&shop, &[PRIMARY, STANDBY]);

    // The standby of a standby is no concern of the primary's.
    drop(standby);
    powerdns.settles(&shop, &[PRIMARY]);
    assert_eq!(powerdns.addresses(&desk), [PRIMARY]);
    let log = powerdns.log();
    assert!(!log.contains("unknown selector") && !log.contains("Lua record reported"), "{log}");
}
