//! Messages that nobody should send.

use serde_json::{Value as Json, json};

use crate::client::{Client, READING};
use crate::requests::Desk;

pub(crate) fn what_is_no_message_is_answered_with_an_error() {
    let mut client = Client::start();
    let early = client.try_ask("textDocument/hover", json!({}));
    assert_eq!(early["error"]["code"], -32002);
    client.initialize(json!(["utf-8"]));
    client.raw(b"Content-Length: 5\r\n\r\n{{{{{");
    assert_eq!(client.receive()["error"]["code"], -32700);
    client.raw(b"Content-Length: 11\r\n\r\n{\"id\": 300}");
    let refused = client.receive();
    assert_eq!((&refused["error"]["code"], &refused["id"]), (&json!(-32600), &json!(300)));
    assert_eq!(client.try_ask("initialize", json!({ "capabilities": {} }))["error"]["code"], -32600);
    assert_eq!(client.try_ask("textDocument/unheard-of", json!({}))["error"]["code"], -32601);
    assert_eq!(client.end(), Some(0));
}

pub(crate) fn wrong_parameters_are_answered_with_an_error() {
    let mut desk = Desk::new("kit = \"2026.05\"\n");
    let methods = READING.into_iter().chain(["rename", "formatting"]);
    let wrong = [
        Json::Null,
        json!([]),
        json!(7),
        json!({}),
        json!({ "textDocument": 3, "position": { "line": -1, "character": 1e300 } }),
        json!({ "textDocument": { "uri": "no uri" }, "position": { "line": 0, "character": 0 } }),
    ];
    for method in methods {
        for params in &wrong {
            let answer = desk.client.try_ask(&format!("textDocument/{method}"), params.clone());
            assert_eq!(answer["error"]["code"], -32602, "{method} {params}: {answer}");
        }
    }
    // Texts that are not open, and notifications that say nothing.
    for uri in
        ["file:///nowhere/sovereign.toml", "untitled:Untitled-1", "https://a.example/b", "file:relative"]
    {
        let place = json!({ "textDocument": { "uri": uri }, "position": { "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 } });
        assert_eq!(desk.client.ask("textDocument/hover", place.clone()), Json::Null);
        assert_eq!(desk.client.ask("textDocument/completion", place), Json::Null);
        let text =
            json!({ "textDocument": { "uri": uri, "languageId": "toml", "version": 1, "text": "[[" } });
        if !uri.starts_with("file:///") {
            desk.client.tell("textDocument/didOpen", text);
        }
        desk.client.tell(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": "x" }] }),
        );
    }
    for method in [
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "$/cancelRequest",
        "nonsense",
    ] {
        desk.client.tell(method, json!({ "textDocument": 1 }));
    }
    assert_eq!(desk.client.end(), Some(0));
}

/// Every place of texts in the middle of being written, and beyond their ends.
pub(crate) fn no_place_of_any_text_is_too_much() {
    let texts = [
        "",
        "\n",
        "[",
        "[[",
        "[[region",
        "[[region]]\nname = \"",
        "a = [{ b = { c = [",
        "\u{feff}kit = 1",
        "é = \"🇴🇲\"\r\n[x.\"y z\".]\n= ]",
        "region = 3\n[region]\n[[region]]\n",
        "[blueprint.coraza.values.coraza]\na.b.c = { d",
        "[organization]\nslug = \"x\"\n[[organization.environment]]\n",
        "x = '''\n\n[a]\n",
        "organization = [[[",
        "blueprint = [1]\n[blueprint.x.values]\n",
    ];
    let mut desk = Desk::new("");
    let manifest = desk.manifest.clone();
    for text in texts {
        desk.client.change(&manifest, text);
        let uri = crate::client::uri(&manifest);
        for line in 0..text.lines().count() + 2 {
            for character in [0, 1, 2, 3, 5, 8, 12, 20, 999] {
                let place = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
                for method in ["completion", "hover", "definition", "implementation"] {
                    desk.client.ask(&format!("textDocument/{method}"), place.clone());
                }
                let mut references = place.clone();
                references["context"] = json!({ "includeDeclaration": true });
                desk.client.ask("textDocument/references", references);
                desk.client.try_ask("textDocument/prepareRename", place);
            }
        }
        let document =
            json!({ "textDocument": { "uri": uri }, "options": { "tabSize": 4, "insertSpaces": true } });
        for method in ["documentSymbol", "foldingRange", "formatting"] {
            desk.client.ask(&format!("textDocument/{method}"), document.clone());
        }
    }
    assert_eq!(desk.client.end(), Some(0));
}

pub(crate) fn whoever_leaves_without_a_word_is_not_waited_for() {
    let client = Client::new();
    assert_eq!(client.leave(), Some(1));
    let mut client = Client::new();
    client.raw(b"Content-Length: 99999999999999\r\n\r\n");
    assert_eq!(client.leave(), Some(1));
}
