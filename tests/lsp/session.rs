//! A conversation as `docs/editors/session.md` has it: what is said here is what the program says.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value as Json, json};

use crate::client::{Client, uri};

const PAGE: &str = "docs/editors/session.md";
/// Where the manifest lies on the page.
const PLACE: &str = "/home/you/sovereigns";

const TEXT: &str = "\
kit = \"2026.05\"

[sovereign]
name = \"first\"
organization = { name = \"First\", email = \"ops@example.com\" }

[domain]
mode = \"pool\"
parent = \"omani.works\"

[gitops]
url = \"https://github.com/example/sovereigns\"

[[region]]
name = \"fsn1\"
provider = \"hetzner\"
control-plane = { size = \"cpx32\" }

[[region]]
name = \"nbg1\"
provider = \"hetzner\"
control-plane = { size = \"cpx32\" }
peers = [\"fsn\"]
";

pub(crate) fn the_page_is_what_is_said() {
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = directory.path().join("sovereign.toml");
    let mut client = Client::start();
    *client.record.borrow_mut() = Some(Vec::new());
    client.initialize(json!(["utf-8", "utf-16"]));
    let found = client.open(&manifest, TEXT);
    let mistake = found.iter().find(|found| found["severity"] == 1).expect("a mistake");
    let context = json!({ "diagnostics": [] });
    let params =
        json!({ "textDocument": { "uri": uri(&manifest) }, "range": mistake["range"], "context": context });
    client.ask("textDocument/codeAction", params);
    client.edit(&manifest, "[\"fsn\"]", "[\"fsn1\"]");
    client.ask_at("textDocument/completion", &manifest, "mode = \"pool\"", 8, json!({}));
    client.ask_at("textDocument/rename", &manifest, "fsn1", 1, json!({ "newName": "hel1" }));
    let record = client.record.borrow_mut().take().expect("a record");
    assert_eq!(client.end(), Some(0));
    let page = page(&record).replace(&directory.path().display().to_string(), PLACE);
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        assert!(std::env::var_os("CI").is_none(), "BLESS is refused where CI is set");
        fs::write(PAGE, &page).expect("writes");
    }
    assert!(
        fs::read_to_string(PAGE).expect("reads") == page,
        "run `BLESS=1 cargo test --test lsp session` and look at the difference"
    );
}

fn page(record: &[(bool, Json)]) -> String {
    let mut page = "# A conversation\n\n\
        An editor (→) and `sovereign lsp` (←): a manifest is opened in which a region peers with one that is not there, the fix is asked for and made,\n\
        the words for `domain.mode` are asked for, and a region gets another name. `tests/lsp/session.rs` writes this page.\n"
        .to_owned();
    for (is_said, message) in record {
        let mut message = message.clone();
        if let Some(message) = message.as_object_mut() {
            message.remove("jsonrpc");
        }
        let arrow = if *is_said { "→" } else { "←" };
        let what = match (message["method"].as_str(), message["id"].as_i64()) {
            (Some(method), _) => format!("`{method}`"),
            (None, Some(id)) => format!("the answer to {id}"),
            (None, None) => "an answer".to_owned(),
        };
        let text = serde_json::to_string_pretty(&message).expect("JSON");
        writeln!(page, "\n{arrow} {what}\n\n```json\n{text}\n```").expect("writes");
    }
    page
}
