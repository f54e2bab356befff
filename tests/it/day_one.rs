//! Day 1: what the registry is told, by the script of the tree against a server that answers as Harbor does; and the page.
#![expect(clippy::disallowed_methods, reason = "this test runs a script and answers it")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::{Value as Json, json};
use sovereign_compile::compile;
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

/// The ConfigMap of the example's registry, by file.
fn policies() -> BTreeMap<String, String> {
    let text = fs::read("examples/corporate.toml").unwrap();
    let source = Source::manifest("sovereign.toml", text).map_err(|(fault, _)| fault).unwrap();
    let tree = compile(&Input::new(source), &Kits::embedded(), &mut Diagnostics::new()).unwrap();
    let (_, text) =
        tree.files().iter().find(|(path, _)| path.as_str() == "westeurope/policies/configmap.yaml").unwrap();
    let object: Json = serde_saphyr::from_str(text).unwrap();
    serde_json::from_value(object["data"].clone()).unwrap()
}

/// A request: method, path, and the body.
type Call = (String, String, String);

fn read(stream: &TcpStream) -> (Call, bool) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let (mut length, mut trusted) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let header = header.trim().to_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(count) = header.strip_prefix("content-length: ") {
            length = count.parse().unwrap();
        }
        // `admin:pass word`, in lower case as the rest of the line.
        trusted |= header == "authorization: basic ywrtaw46cgfzcyb3b3jk";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    ((method, path, String::from_utf8(body).unwrap()), trusted)
}

/// Answers as a Harbor that has the project `platform` with rules of retention, and refuses to collect garbage.
fn answer((method, path, _): &Call) -> (u16, Json) {
    match (method.as_str(), path.trim_start_matches("/api/v2.0")) {
        ("POST", "/projects") => (201, json!({})),
        ("PUT", "/system/gc/schedule") => (500, json!({ "errors": [{ "message": "not today" }] })),
        ("GET", "/projects/platform") => (
            200,
            json!({
                "cve_allowlist": { "project_id": 7 },
                "metadata": { "retention_id": "12" },
                "name": "platform",
                "owner_id": 1,
                "project_id": 7,
            }),
        ),
        _ => (200, json!({})),
    }
}

/// Harbor, until it is asked for `/end`: gives what it was asked.
fn serve(listener: &TcpListener) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let (call, trusted) = read(&stream);
        if call.1 == "/end" {
            break;
        }
        // The first project is there already.
        let is_there = call.1.ends_with("/projects") && call.2.contains("\"platform\"");
        let (status, body) = match (trusted, is_there) {
            (false, _) => (401, json!({})),
            (true, true) => (409, json!({})),
            (true, false) => answer(&call),
        };
        let body = body.to_string();
        write!(
            stream,
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        calls.push(call);
    }
    calls
}

#[test]
fn the_registry_is_told_its_policies() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, text) in policies() {
        fs::write(scratch.path().join(name), text).unwrap();
    }
    let password = scratch.path().join("password");
    fs::write(&password, "pass word").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || serve(&listener));
    let output = Command::new("sh")
        .arg(scratch.path().join("tell.sh"))
        .args([
            format!("http://{address}").as_str(),
            scratch.path().to_str().unwrap(),
            password.to_str().unwrap(),
        ])
        .output()
        .expect("this test needs sh and curl; please install them");
    TcpStream::connect(address).unwrap().write_all(b"GET /end HTTP/1.1\r\n\r\n").unwrap();
    let calls = server.join().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "200 configurations",
            "500 system/gc/schedule",
            "201 project base-images",
            "200 project platform",
            "200 retention platform",
        ],
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // One call failed: the job has failed, and the others were made.
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("not today"));
    let made: Vec<_> = calls.iter().map(|(method, path, _)| format!("{method} {}", &path[9..])).collect();
    assert_eq!(
        made,
        [
            "PUT /configurations",
            "PUT /system/gc/schedule",
            "POST /projects",
            "POST /projects",
            "PUT /projects/platform",
            "GET /projects/platform",
            "PUT /retentions/12",
        ]
    );
    let body = |n: usize| -> Json { serde_json::from_str(&calls[n].2).unwrap() };
    assert_eq!(body(0)["storage_per_project"], 200_u64 << 30);
    assert_eq!(body(1)["schedule"]["cron"], "0 30 3 * * 0");
    // What is not given is not told: Harbor keeps what somebody has set there.
    assert_eq!(body(2)["metadata"], json!({ "public": "true" }));
    let platform = ["auto_scan", "enable_content_trust_cosign", "prevent_vul"].map(|key| (key, "true"));
    let platform: BTreeMap<_, _> = platform.into_iter().chain([("severity", "critical")]).collect();
    assert_eq!(body(4)["metadata"], json!(platform));
    assert_eq!(body(6)["scope"]["ref"], 7);
    assert_eq!(body(6)["rules"].as_array().map(Vec::len), Some(3));
}

/// What no chart reads yet.
const IDLE: &str = "`identity.federation` changes nothing";

/// The page for people: each of its tables compiles, and none is without effect but the one that the page says it of.
#[test]
fn the_examples_of_the_page_compile() {
    let base = r#"
kit = "2026.05"
sovereign = { name = "falaj", organization = { name = "Falaj", email = "ops@falaj.example" } }
domain = { mode = "byo-manual", fqdn = "cloud.falaj.example" }
gitops.url = "https://git.falaj.example/platform/sovereigns"
region = [
    { name = "fsn1", provider = "hetzner", control-plane.size = "cpx32", observed = { load-balancer-address = "203.0.113.10", control-plane-address = "203.0.113.11", deployment-id = "0123456789abcdef" } },
]
"#;
    let page = fs::read_to_string(Path::new("docs/day-1.md")).unwrap();
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 5, "a block that nobody compiles");
    for block in blocks {
        let text = format!("{base}\n{block}").into_bytes();
        let source = Source::manifest("sovereign.toml", text).map_err(|(fault, _)| fault).unwrap();
        let mut diags = Diagnostics::new();
        let compiled = compile(&Input::new(source), &Kits::embedded(), &mut diags);
        let others: Vec<_> =
            diags.sorted().into_iter().filter(|found| !found.message.starts_with(IDLE)).collect();
        assert!(compiled.is_ok() && others.is_empty(), "{others:#?}\n{block}");
    }
}

/// The tree of a manifest that has neither table is the one it was.
#[test]
fn nothing_given_is_nothing_written() {
    let text = fs::read("examples/minimal.toml").unwrap();
    let source = Source::manifest("sovereign.toml", text).map_err(|(fault, _)| fault).unwrap();
    let tree = compile(&Input::new(source), &Kits::embedded(), &mut Diagnostics::new()).unwrap();
    for (path, text) in tree.files() {
        assert!(!path.as_str().contains("/policies"), "{path}");
        assert!(!text.contains("trivy:") && !text.contains("exporters:"), "{path}");
    }
}
