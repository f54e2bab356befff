//! One zone on two real PowerDNS, each with a database of its own, as in two regions: what `dns/delegation.json` says to do gives
//! one signed zone, and docs/name-servers.md says what more it takes that a record is written once.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::Needs;
use super::powerdns::{HERE, PATIENCE, PRIMARY, PowerDns, STANDBY, Web, ZONE, files, free_port, manifest};

pub(super) const NEEDS: Needs = Needs {
    here: &[
        "/usr/sbin/pdns_server",
        "pdnsutil",
        "pdns_control",
        "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql",
        "sqlite3",
        "dig",
        "delv",
    ],
    packages: "pdns-server pdns-backend-sqlite3 sqlite3 bind9-utils bind9-dnsutils",
};

/// What bp-powerdns tells every server about serials of signed zones.
const SIGNED: &str = "default-soa-edit-signed=INCEPTION-EPOCH\ndirect-dnskey=yes\n";
/// The filter of docs/name-servers.md.
const FILTER: &str = "\
local made = { [pdns.RRSIG] = true, [pdns.NSEC] = true, [pdns.NSEC3] = true, [pdns.NSEC3PARAM] = true, [pdns.DNSKEY] = true }
function axfrfilter(remote, zone, record)
  if made[record:qtype()] then return 0, {} end
  return -1, {}
end
";
const CHALLENGE: &str = "_acme-challenge";

/// The zone of the tree in the kind that a server of several is told.
fn zone(kind: &str, port: u16) -> String {
    let files = files(&manifest(port));
    let mut zone: Json = serde_json::from_str(&files[&format!("{ZONE}.json")]).expect("is JSON");
    assert_eq!(zone["dnssec"], false, "of several servers none signs by itself");
    zone["kind"] = kind.into();
    zone.to_string()
}

/// Copies the key of a zone as `dns/delegation.json` says it.
fn copies_the_key(from: &PowerDns, to: &PowerDns) {
    let key = to.path("key");
    fs::write(&key, from.util(&["export-zone-key", ZONE, "1"])).expect("writes");
    to.util(&["import-zone-key", ZONE, key.to_str().expect("is text"), "active", "ksk"]);
}

/// Writes a challenge by the API, as cert-manager's webhook does.
fn challenges(server: &PowerDns) {
    let name = format!("{CHALLENGE}.{ZONE}.");
    let record = serde_json::json!({ "content": "\"a-challenge\"", "disabled": false });
    let set = serde_json::json!({ "name": name, "type": "TXT", "ttl": 60, "changetype": "REPLACE", "records": [record] });
    let (status, told) =
        server.ask("PATCH", &format!("/{ZONE}."), &serde_json::json!({ "rrsets": [set] }).to_string());
    assert_eq!(status, 204, "{told}");
}

/// What a server answers, without signatures: each server signs for itself, and an ECDSA signature has a random number in it.
fn answer(server: &PowerDns, name: &str, kind: &str) -> Vec<String> {
    let told = server.dig(&["+noall", "+answer", name, kind]);
    let mut lines: Vec<_> = told.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Asks until a server answers with something.
fn answers(server: &PowerDns, name: &str, kind: &str) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if !answer(server, name, kind).is_empty() {
            return true;
        }
        thread::sleep(Duration::from_millis(200));
    }
    false
}

/// The trust anchor that the DS record of a zone is.
fn anchor(server: &PowerDns) -> String {
    let told = server.util(&["export-zone-ds", ZONE]);
    let ds = told.lines().find(|line| line.contains(" 13 2 ")).expect("SHA-256");
    let words: Vec<_> = ds.split_whitespace().collect();
    format!(
        "trust-anchors {{ \"{ZONE}\" initial-ds {} {} {} \"{}\"; }};\n",
        words[3], words[4], words[5], words[6]
    )
}

/// What `delv` says of an answer, with the DS record as its only anchor.
fn validates(server: &PowerDns, anchor: &str, name: &str, kind: &str) -> String {
    let anchors = server.path("anchors");
    fs::write(&anchors, anchor).expect("writes");
    let port = server.dns.to_string();
    let output = Command::new("delv")
        .args(["@127.0.0.1", "-p", &port, &format!("+root={ZONE}"), "-a"])
        .arg(&anchors)
        .args([name, kind])
        .output()
        .expect(HERE);
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Every kind of answer validates, from each server, against one DS record.
fn all_validate(servers: &[&PowerDns], anchor: &str) {
    for server in servers {
        for (name, kind) in [("", "SOA"), ("", "DNSKEY"), ("anything.", "A"), ("ns1.", "A"), ("desk.", "A")] {
            let told = validates(server, anchor, &format!("{name}{ZONE}"), kind);
            assert!(told.contains("; fully validated"), "{name} {kind}: {told}");
        }
        let told = validates(server, anchor, &format!("nothing.ns1.{ZONE}"), "A");
        assert!(told.contains("negative response, fully validated"), "{told}");
    }
}

pub(super) fn the_copied_key_validates_and_a_challenge_stays_where_it_was_written() {
    let port = free_port(PRIMARY);
    let servers = [(); 2].map(|()| PowerDns::with(SIGNED)).map(|mut server| {
        server.start();
        server
    });
    let [first, second] = &servers;
    for server in [first, second] {
        let (status, told) = server.ask("POST", "", &zone("Native", port));
        assert_eq!(status, 201, "{told}");
    }
    first.signs();
    copies_the_key(first, second);
    let _webs = [PRIMARY, STANDBY].map(|address| Web::listen(address, port));
    assert!(answers(second, ZONE, "DNSKEY"), "{}", second.log());
    assert_eq!(answer(first, ZONE, "DNSKEY"), answer(second, ZONE, "DNSKEY"));
    all_validate(&[first, second], &anchor(first));

    // A database for each: nothing carries a record from one to the other.
    challenges(first);
    let name = format!("{CHALLENGE}.{ZONE}");
    assert!(answers(first, &name, "TXT"));
    thread::sleep(Duration::from_secs(5));
    assert_eq!(answer(second, &name, "TXT"), Vec::<String>::new());
}

/// Makes `server` a secondary of `primary`, with its TSIG key; with a filter it signs by itself.
fn secondary(mut server: PowerDns, primary: &PowerDns, secret: &str, filter: bool) -> PowerDns {
    let mut more = format!("secondary=yes\nxfr-cycle-interval=1\nallow-notify-from=127.0.0.1\n{SIGNED}");
    if filter {
        let path = server.path("filter.lua");
        fs::write(&path, FILTER).expect("writes");
        more.push_str(&["lua-axfr-script=", path.to_str().expect("UTF-8"), "\n"].concat());
    }
    let config = server.path("pdns.conf");
    fs::write(&config, fs::read_to_string(&config).expect("is there") + &more).expect("writes");
    server.util(&["import-tsig-key", "sovereign", "hmac-sha256", secret]);
    server.util(&["create-secondary-zone", ZONE, &format!("127.0.0.1:{}", primary.dns)]);
    server.util(&["activate-tsig-key", ZONE, "sovereign", "secondary"]);
    if filter {
        copies_the_key(primary, &server);
    }
    server.start();
    server
}

pub(super) fn one_key_and_one_writer_serve_one_zone_alike() {
    let port = free_port(PRIMARY);
    let second = PowerDns::with("");
    // In regions the primary finds the others by the NS records; here they have one address and a port each.
    let mut first = PowerDns::with(&format!(
        "primary=yes\nallow-axfr-ips=\nalso-notify=127.0.0.1:{}\n{SIGNED}",
        second.dns
    ));
    first.start();
    let (status, told) = first.ask("POST", "", &zone("Master", port));
    assert_eq!(status, 201, "{told}");
    first.signs();
    first.util(&["generate-tsig-key", "sovereign", "hmac-sha256"]);
    first.util(&["activate-tsig-key", ZONE, "sovereign", "primary"]);
    let keys = first.util(&["list-tsig-keys"]);
    let secret = keys.split_whitespace().nth(2).expect("a secret");
    // Nobody without the key gets the zone.
    assert!(!first.dig(&[ZONE, "AXFR"]).contains("\tSOA\t"), "a transfer without a key");

    let second = secondary(second, &first, secret, true);
    let _webs = [PRIMARY, STANDBY].map(|address| Web::listen(address, port));
    assert!(answers(&second, ZONE, "SOA"), "{}", second.log());
    assert_eq!(answer(&first, ZONE, "DNSKEY"), answer(&second, ZONE, "DNSKEY"));
    for name in ["", "anything.", "ns1.", "ns2."] {
        let name = format!("{name}{ZONE}");
        assert_eq!(answer(&first, &name, "A"), answer(&second, &name, "A"), "{name}");
    }
    assert!(answers(&second, &format!("desk.{ZONE}"), "A"), "{}", second.log());
    all_validate(&[&first, &second], &anchor(&first));

    // Written once, answered by both.
    challenges(&first);
    let name = format!("{CHALLENGE}.{ZONE}");
    assert!(answers(&second, &name, "TXT"), "{}", second.log());
    assert_eq!(answer(&first, &name, "TXT"), answer(&second, &name, "TXT"));
    for server in [&first, &second] {
        assert!(validates(server, &anchor(&first), &name, "TXT").contains("; fully validated"));
    }

    // Why the filter: signatures that were transferred cover no LUA record, and a server without keys makes none.
    let plain = secondary(PowerDns::with(""), &first, secret, false);
    assert!(answers(&plain, ZONE, "SOA"), "{}", plain.log());
    assert!(plain.util(&["show-zone", ZONE]).contains("presigned"));
    let told = validates(&plain, &anchor(&first), &format!("desk.{ZONE}"), "A");
    assert!(!told.contains("; fully validated"), "{told}");
}
