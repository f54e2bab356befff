//! Every request, with what is answered.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::client::{Client, edited, slice, uri};

const THREE: &str = include_str!("../../examples/three-regions.toml");

/// A directory with a manifest, which is not written: the editor alone has its text.
pub(crate) struct Desk {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) client: Client,
    pub(crate) manifest: PathBuf,
}

impl Desk {
    pub(crate) fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let manifest = directory.path().join("sovereign.toml");
        let mut client = Client::new();
        client.open(&manifest, text);
        Self { directory, client, manifest }
    }

    /// The example of tenants, with its files beside it.
    pub(crate) fn tenants() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join("organizations")).expect("a directory");
        for entry in fs::read_dir("examples/organizations").expect("a directory") {
            let entry = entry.expect("an entry");
            fs::copy(entry.path(), directory.path().join("organizations").join(entry.file_name()))
                .expect("copies");
        }
        let manifest = directory.path().join("sovereign.toml");
        let text = fs::read_to_string("examples/tenants.toml").expect("reads");
        fs::write(&manifest, &text).expect("writes");
        let mut client = Client::new();
        assert_eq!(client.open(&manifest, &text), Vec::<Json>::new());
        Self { directory, client, manifest }
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    fn labels(&mut self, needle: &str, inside: usize) -> Vec<String> {
        let items = self.complete(needle, inside);
        items.iter().map(|item| item["label"].as_str().expect("a label").to_owned()).collect()
    }

    fn complete(&mut self, needle: &str, inside: usize) -> Vec<Json> {
        let manifest = self.manifest.clone();
        let items = self.client.ask_at("textDocument/completion", &manifest, needle, inside, json!({}));
        items.as_array().expect("a list").clone()
    }

    fn hover(&mut self, needle: &str) -> String {
        let manifest = self.manifest.clone();
        let hover = self.client.ask_at("textDocument/hover", &manifest, needle, 1, json!({}));
        hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }
}

fn end(desk: Desk) {
    assert_eq!(desk.client.end(), Some(0));
}

/// Codes and lines of what was found.
pub(crate) fn codes(found: &[Json]) -> Vec<(String, u64)> {
    let code = |found: &Json| {
        let line = found["range"]["start"]["line"].as_u64().expect("a line") + 1;
        (found["code"].as_str().expect("a code").to_owned(), line)
    };
    found.iter().map(code).collect()
}

pub(crate) fn it_says_what_it_can_do() {
    let mut client = Client::start();
    let answer = client.initialize(json!(["utf-16"]));
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(answer["serverInfo"]["name"], "sovereign");
    for can in
        ["hover", "definition", "implementation", "references", "documentSymbol", "foldingRange", "inlayHint"]
    {
        assert_eq!(answer["capabilities"][format!("{can}Provider")], true, "{can}");
    }
    assert_eq!(client.end(), Some(0));
    let mut client = Client::start();
    assert_eq!(
        client.initialize(json!(["utf-32", "utf-8", "utf-16"]))["capabilities"]["positionEncoding"],
        "utf-8"
    );
    assert_eq!(client.end(), Some(0));
}

pub(crate) fn findings_come_while_one_types() {
    let mut desk = Desk::new(THREE);
    let manifest = desk.manifest.clone();
    let found = desk.client.edit(&manifest, "coraza.values", "corazza.values");
    assert_eq!(codes(&found), [("unknown-blueprint".to_owned(), 39)]);
    assert_eq!(found[0]["severity"], 1);
    let said = found[0]["message"].as_str().expect("words");
    assert!(said.starts_with("there is no blueprint `corazza` in kit 2026.05"), "{said}");
    assert!(said.ends_with("help: a blueprint with a similar name exists: coraza"), "{said}");
    assert_eq!(slice(desk.client.text(&manifest), &found[0]["range"]), "corazza");
    let found = desk.client.edit(&manifest, "corazza", "coraza");
    assert_eq!(found, Vec::<Json>::new());
    // Half a line: one mistake of syntax, and what stands elsewhere is said when it is mended.
    let found = desk.client.edit(&manifest, "branch = \"main\"", "branch = \"main");
    assert_eq!(codes(&found), [("syntax".to_owned(), 16)]);
    end(desk);
}

pub(crate) fn places_are_counted_as_the_editor_counts() {
    let text = THREE
        .replace("name = \"Omantel\", email = \"ops@omantel.om\"", "name = \"🇴🇲 Omantel\", email = \"ops\"");
    for (encodings, column) in [(json!(["utf-16"]), 43), (json!(["utf-8"]), 47)] {
        let directory = tempfile::tempdir().expect("a directory");
        let manifest = directory.path().join("sovereign.toml");
        let mut client = Client::offering(encodings);
        let found = client.open(&manifest, &text);
        assert_eq!(codes(&found), [("malformed-value".to_owned(), 8)]);
        let start = &found[0]["range"]["start"];
        let line = text.lines().nth(7).expect("a line");
        let before = &line[..line.find("\"ops\"").expect("the value")];
        let expected = if column == 43 { before.encode_utf16().count() } else { before.len() };
        assert_eq!(start["character"], expected);
        assert_eq!(client.end(), Some(0));
    }
}

pub(crate) fn only_the_newest_text_is_judged() {
    let mut desk = Desk::new(THREE);
    let manifest = desk.manifest.clone();
    desk.client.rest();
    for round in 0..40 {
        desk.client.put(&manifest, &THREE.replace("count = 3 }", &format!("count = {round} }}")));
    }
    let found = desk.client.change(&manifest, THREE);
    assert_eq!(found, Vec::<Json>::new());
    let said = desk.client.rest();
    assert!(said.len() < 40, "{} of 40 outdated texts were judged", said.len());
    end(desk);
}

pub(crate) fn quick_fixes_mend_what_was_found() {
    let mut desk = Desk::new(THREE);
    let manifest = desk.manifest.clone();
    let found = desk.client.edit(&manifest, "branch = \"main\"", "branch = [\"main\"]");
    let found_too = desk.client.edit(&manifest, "coraza.values", "corazza.values");
    assert_eq!((codes(&found)[0].0.as_str(), found_too.len()), ("wrong-type", 2));
    let everywhere = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri(&manifest) }, "range": everywhere, "context": { "diagnostics": [] } });
    let actions = desk.client.ask("textDocument/codeAction", params.clone());
    let actions = actions.as_array().expect("a list");
    let titles: Vec<_> = actions.iter().map(|action| action["title"].as_str().expect("a title")).collect();
    assert_eq!(
        titles,
        ["Write it without brackets: \"main\"", "A blueprint with a similar name exists: coraza"]
    );
    assert_eq!([&actions[0]["isPreferred"], &actions[1]["isPreferred"]], [true, false]);
    let mut text = desk.client.text(&manifest).to_owned();
    for action in actions {
        assert_eq!(action["kind"], "quickfix");
        let change = &action["edit"]["documentChanges"][0];
        assert_eq!(change["textDocument"]["uri"], uri(&manifest));
        text = edited(&text, change["edits"].as_array().expect("edits"));
    }
    assert_eq!(text, THREE);
    // A text that has changed since has no fix yet: it would change something else.
    let broken = THREE.replace("count = 3 }", "count = \"3\" }");
    let found = desk.client.change(&manifest, &broken);
    assert_eq!(found.len(), 4);
    let actions = desk.client.ask("textDocument/codeAction", params);
    let all = actions
        .as_array()
        .expect("a list")
        .iter()
        .find(|action| action["kind"] == "source.fixAll")
        .expect("all");
    let edits = all["edit"]["documentChanges"][0]["edits"].as_array().expect("edits");
    assert_eq!(edited(&broken, edits), THREE);
    end(desk);
}

pub(crate) fn completion_knows_keys() {
    let mut desk = Desk::new(&format!("{THREE}\n[tls]\n\n[[re]]\n[gitops.cred]\n"));
    let items = desk.complete("[tls]\n", 6);
    let labels: Vec<_> = items.iter().map(|item| item["label"].as_str().expect("a label")).collect();
    assert_eq!(labels, ["issuer", "ca", "names"]);
    assert_eq!(items[0]["textEdit"]["newText"], "issuer = \"$1\"");
    assert_eq!(items[2]["textEdit"]["newText"], "names = [$1]");
    assert_eq!(items[0]["detail"], "an issuer, optional");
    let said = items[0]["documentation"]["value"].as_str().expect("words");
    assert!(said.starts_with("`lets-encrypt` (default)"), "{said}");
    assert!(desk.labels("[[re]]", 4).contains(&"retire".to_owned()));
    assert!(!desk.labels("[[re]]", 4).contains(&"tls".to_owned()), "only lists have two brackets");
    assert_eq!(desk.labels("[gitops.cred]", 12), ["credentials"]);
    // Keys that are written are not offered again; in braces as in tables.
    let labels = desk.labels("control-plane = { size = \"cpx32\", count", 38);
    assert_eq!(labels, ["count"]);
    end(desk);
}

pub(crate) fn completion_knows_words_and_names() {
    let mut desk = Desk::new(&format!(
        "{THREE}peers = [\"\"]\n[tls]\nissuer = \n[topology]\ncontract = \"\"\n[blueprint.l]\ndepends-on = [\"\"]\nenabled = \n"
    ));
    assert_eq!(desk.labels("issuer = \n", 9), ["lets-encrypt", "lets-encrypt-staging", "corporate-ca"]);
    let items = desk.complete("issuer = \n", 9);
    assert_eq!(items[0]["textEdit"]["newText"], "\"lets-encrypt\"", "quotes come along where there are none");
    let items = desk.complete("contract = \"\"", 12);
    assert_eq!(items[0]["textEdit"]["newText"], "a4", "and not where there are some");
    let text = THREE.replace("name = \"sin\"", "name = \"sin\"\npeers = [\"\"]");
    let manifest = desk.manifest.clone();
    desk.client.change(&manifest, &format!("{text}[blueprint.l]\ndepends-on = [\"\"]\nenabled = \n"));
    assert_eq!(desk.labels("peers = [\"\"]", 10), ["hel1", "nbg1", "sin"]);
    assert!(desk.labels("size = \"cpx32\"", 10).contains(&"cpx42".to_owned()), "sizes of the provider");
    assert!(desk.labels("name = \"hel1\"", 9).contains(&"fsn1".to_owned()), "regions of the provider");
    assert_eq!(desk.labels("kit = \"2026.05\"", 8), ["2026.04", "2026.05"]);
    assert!(desk.labels("[blueprint.l]", 12).contains(&"loki".to_owned()));
    assert!(desk.labels("depends-on = [\"\"]", 15).contains(&"harbor".to_owned()));
    assert_eq!(desk.labels("enabled = \n", 10), ["true", "false"]);
    end(desk);
}

pub(crate) fn completion_knows_helm_values_of_the_locked_charts() {
    let mut desk = Desk::new(&format!("{THREE}co\n[blueprint.coraza.values.coraza]\n\n"));
    let items = desk.complete("\nco\n", 3);
    let coraza = items.iter().find(|item| item["label"] == "coraza").expect("the chart's own table");
    assert!(coraza["detail"].as_str().expect("words").ends_with("(bp-coraza 1.0.0)"), "{coraza}");
    let items = desk.complete("values.coraza]\n", 15);
    let replicas = items.iter().find(|item| item["label"] == "replicas").expect("a value of the chart");
    assert_eq!(replicas["detail"], "int, default 1 (bp-coraza 1.0.0)");
    end(desk);
}

pub(crate) fn completion_goes_on_in_a_broken_text() {
    let mut desk = Desk::new(&format!(
        "{}\n[[region]]\nname = \"x\nprovider = \n",
        THREE.replace("count = 3 }", "count = ")
    ));
    assert!(desk.labels("provider = \n", 11).contains(&"hetzner".to_owned()));
    end(desk);
}

pub(crate) fn hover_says_what_a_key_is_and_becomes() {
    let mut desk = Desk::new(THREE);
    let said = desk.hover("name = \"nbg1\"");
    assert!(
        said.starts_with("`the name of a region`".trim_matches('`'))
            || said.contains("the name of a region, required"),
        "{said}"
    );
    let said = desk.hover("replicas = 3");
    assert!(said.contains("a value of the chart bp-coraza 1.0.0"), "{said}");
    assert!(said.contains("`sin/releases/35-coraza.yaml`: `spec.values.coraza.replicas` = `3`"), "{said}");
    assert!(said.contains("In the tree: 1 field in 1 file"), "{said}");
    let said = desk.hover("coraza.values");
    assert!(said.contains("Chart bp-coraza, 1.0.1 in the kit"), "{said}");
    assert!(said.contains("- runs in `sin`: it runs in every region"), "{said}");
    let said = desk.hover("branch = ");
    assert!(said.contains("a branch") && said.contains("flux-system"), "{said}");
    let manifest = desk.manifest.clone();
    let nothing = desk.client.ask_at("textDocument/hover", &manifest, "\n\n[gitops]", 1, json!({}));
    assert_eq!(nothing, Json::Null);
    end(desk);
}

/// What stands at locations: file name and text.
fn places(client: &Client, locations: &Json, directory: &Path) -> Vec<(String, String)> {
    let place = |location: &Json| {
        let path = PathBuf::from(location["uri"].as_str().expect("a uri").trim_start_matches("file://"));
        let name = path.strip_prefix(directory).expect("beside the manifest").display().to_string();
        let text = client.open_text(&path).map(str::to_owned);
        let text = text.unwrap_or_else(|| fs::read_to_string(&path).expect("reads"));
        (name, slice(&text, &location["range"]).to_owned())
    };
    locations.as_array().expect("a list").iter().map(place).collect()
}

pub(crate) fn definitions_are_found_across_files() {
    let mut desk = Desk::tenants();
    let (souq, directory) = (desk.file("organizations/souq.toml"), desk.directory.path().to_owned());
    let text = fs::read_to_string(&souq).expect("reads");
    assert_eq!(desk.client.open(&souq, &text), Vec::<Json>::new());
    let region = desk.client.ask_at("textDocument/definition", &souq, "regions = [\"hel1\"]", 13, json!({}));
    assert_eq!(region[0]["uri"], uri(&desk.manifest));
    assert_eq!(slice(desk.client.text(&desk.manifest), &region[0]["range"]), "hel1");
    let organization =
        desk.client.ask_at("textDocument/definition", &souq, "namespace = \"acme\"", 14, json!({}));
    let acme = fs::read_to_string(desk.file("organizations/acme.toml")).expect("reads");
    assert_eq!(organization[0]["uri"], uri(&desk.file("organizations/acme.toml")));
    assert_eq!(slice(&acme, &organization[0]["range"]), "acme");
    let application = desk.client.ask_at("textDocument/definition", &souq, "name = \"api\"", 9, json!({}));
    assert_eq!(application[0]["uri"], uri(&desk.file("organizations/acme.toml")));
    assert_eq!(slice(&acme, &application[0]["range"]), "api");
    assert!(directory.is_dir());
    end(desk);
}

pub(crate) fn blueprints_lead_to_their_entry_in_a_kit_of_ones_own() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::create_dir(directory.path().join("own-kit")).expect("a directory");
    for name in ["kit.toml", "81-dock-planner.toml", "82-tide-gauge.toml"] {
        fs::copy(format!("examples/own-kit/{name}"), directory.path().join("own-kit").join(name))
            .expect("copies");
    }
    let text = fs::read_to_string("examples/own-kit.toml").expect("reads")
        + "\n[blueprint.dock-planner]\nenabled = true\n";
    let manifest = directory.path().join("sovereign.toml");
    let mut client = Client::new();
    client.open(&manifest, &text);
    let found = client.ask_at("textDocument/definition", &manifest, "blueprint.dock-planner", 12, json!({}));
    let entry = directory.path().join("own-kit/81-dock-planner.toml");
    assert_eq!(found[0]["uri"], uri(&entry));
    let entry = fs::read_to_string(entry).expect("reads");
    assert_eq!(slice(&entry, &found[0]["range"]), "\"bp-dock-planner\"");
    assert_eq!(client.end(), Some(0));
}

pub(crate) fn keys_lead_to_the_files_of_the_tree_that_follow() {
    let mut desk = Desk::new(THREE);
    fs::write(&desk.manifest, THREE).expect("writes");
    let ask = |desk: &mut Desk, method: &str, needle: &str| {
        let manifest = desk.manifest.clone();
        desk.client.ask_at(method, &manifest, needle, 1, json!({}))
    };
    assert_eq!(
        ask(&mut desk, "textDocument/implementation", "replicas = 3"),
        json!([]),
        "nothing is built yet"
    );
    let build = std::process::Command::new(env!("CARGO_BIN_EXE_sovereign"))
        .args(["build", "--quiet", "--out"])
        .arg(desk.directory.path())
        .arg(&desk.manifest)
        .status();
    assert!(build.expect("runs").success());
    let found = ask(&mut desk, "textDocument/implementation", "replicas = 3");
    let file = desk.file("clusters/omantel.omani.works/sin/releases/35-coraza.yaml");
    assert_eq!((found.as_array().map(Vec::len), &found[0]["uri"]), (Some(1), &json!(uri(&file))));
    let line = usize::try_from(found[0]["range"]["start"]["line"].as_u64().expect("a line")).expect("small");
    assert_eq!(fs::read_to_string(&file).expect("reads").lines().nth(line), Some("      replicas: 3"));
    // A blueprint of a kit of the program has no file: its releases are what there is to see.
    let found = ask(&mut desk, "textDocument/definition", "coraza.values");
    assert_eq!(found[0]["uri"], json!(uri(&file)));
    end(desk);
}

pub(crate) fn references_are_found_in_all_files() {
    let mut desk = Desk::tenants();
    let (manifest, directory) = (desk.manifest.clone(), desk.directory.path().to_owned());
    let ask = |desk: &mut Desk, needle: &str, inside: usize, with: bool| {
        let more = json!({ "context": { "includeDeclaration": with } });
        let found = desk.client.ask_at("textDocument/references", &manifest, needle, inside, more);
        places(&desk.client, &found, &directory)
    };
    let found = ask(&mut desk, "name = \"fsn1\"", 9, true);
    assert!(found.iter().all(|(_, text)| text == "fsn1"), "{found:?}");
    let count = |file: &str| found.iter().filter(|(name, _)| name == file).count();
    assert_eq!((count("sovereign.toml"), count("organizations/acme.toml")), (3, 4));
    assert_eq!(ask(&mut desk, "name = \"fsn1\"", 9, false).len(), found.len() - 1);
    let found = ask(&mut desk, "namespace = \"acme\"", 14, true);
    let files: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        files,
        ["sovereign.toml", "organizations/acme.toml", "organizations/labs.toml", "organizations/souq.toml"]
    );
    assert_eq!(ask(&mut desk, "class = \"hcloud-volumes\"", 9, true), []);
    end(desk);
}

pub(crate) fn renames_reach_all_files_and_leave_a_manifest_that_is_right() {
    let mut desk = Desk::tenants();
    let manifest = desk.manifest.clone();
    let prepared =
        desk.client.ask_at("textDocument/prepareRename", &manifest, "namespace = \"acme\"", 14, json!({}));
    assert_eq!(prepared["placeholder"], "acme");
    let renamed = |desk: &mut Desk, needle: &str, inside: usize, new: &str| {
        let params = desk.client.params(&desk.manifest, needle, inside, json!({ "newName": new }));
        desk.client.try_ask("textDocument/rename", params)
    };
    let refused = renamed(&mut desk, "namespace = \"acme\"", 14, "No Name");
    let words = refused["error"]["message"].as_str().expect("words");
    assert!(words.starts_with("`No Name` is not a slug"), "{words}");
    let refused = renamed(&mut desk, "namespace = \"acme\"", 14, "dhofar");
    assert_eq!(refused["error"]["message"], "`dhofar` is there already");
    let params = desk.client.params(&manifest, "class = \"hcloud", 9, json!({}));
    let refused = desk.client.try_ask("textDocument/prepareRename", params);
    assert_eq!(refused["error"]["message"], "here stands no region, Organization or application");
    for (needle, inside, new, count) in
        [("namespace = \"acme\"", 14, "acme-two", 4), ("name = \"shop\"", 9, "store", 2)]
    {
        let edit = renamed(&mut desk, needle, inside, new);
        let changes = edit["result"]["documentChanges"].as_array().expect("changes").clone();
        assert_eq!(changes.len(), count, "{edit}");
        for change in &changes {
            let path = PathBuf::from(
                change["textDocument"]["uri"].as_str().expect("a uri").trim_start_matches("file://"),
            );
            let edits = change["edits"].as_array().expect("edits");
            if path == manifest {
                let text = edited(desk.client.text(&manifest), edits);
                desk.client.put(&manifest, &text);
            } else {
                assert_eq!(change["textDocument"]["version"], Json::Null, "it is not open");
                let text = edited(&fs::read_to_string(&path).expect("reads"), edits);
                fs::write(&path, text).expect("writes");
            }
        }
        desk.client.rest();
        desk.client.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri(&manifest) } }));
        desk.client.published(&manifest, |_| true);
    }
    let text = desk.client.text(&manifest).to_owned() + "\n";
    // The names in hosts are not those of keys: certificates and health checks are a person's to follow.
    let text = text
        .replace("acme-prod", "acme-two-prod")
        .replace("acme-stg", "acme-two-stg")
        .replace("https://shop.", "https://store.");
    let found = desk.client.change(&manifest, &text);
    assert_eq!(codes(&found), [], "{found:?}");
    end(desk);
}

pub(crate) fn hints_show_what_nobody_wrote() {
    let mut desk = Desk::new(THREE);
    let manifest = desk.manifest.clone();
    let everywhere = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri(&manifest) }, "range": everywhere });
    let hints = desk.client.ask("textDocument/inlayHint", params.clone());
    let said = |hints: &Json, line: u64| {
        let hint = hints
            .as_array()
            .expect("a list")
            .iter()
            .find(|hint| hint["position"]["line"] == line)
            .expect("a hint");
        let parts = hint["label"].as_array().expect("parts");
        parts.iter().map(|part| part["value"].as_str().expect("text")).collect::<String>()
    };
    let second = said(&hints, 24);
    for part in
        ["index 1", "role secondary", "code nbg", "mesh-id 2", "pod-cidr 10.43.0.0/16", "vclusters dmz, rtz"]
    {
        assert!(second.contains(part), "{second}");
    }
    assert!(said(&hints, 9).contains("fqdn omantel.omani.works"));
    // What is written is no default any more, before anybody compiles.
    desk.client.put(&manifest, &THREE.replace("name = \"nbg1\"", "name = \"nbg1\"\nmesh-id = 9"));
    let hints = desk.client.ask("textDocument/inlayHint", params);
    assert!(!said(&hints, 24).contains("mesh-id"));
    end(desk);
}

pub(crate) fn symbols_and_folds_follow_the_tables() {
    let mut desk = Desk::new(&THREE.replace("kit = \"2026.05\"", "kit = \"2026.05"));
    let manifest = desk.manifest.clone();
    let params = json!({ "textDocument": { "uri": uri(&manifest) } });
    let symbols = desk.client.ask("textDocument/documentSymbol", params.clone());
    let name = |symbol: &Json| symbol["name"].as_str().expect("a name").to_owned();
    let names: Vec<_> = symbols.as_array().expect("a list").iter().map(name).collect();
    assert_eq!(names, ["kit", "sovereign", "domain", "gitops", "region"]);
    let regions: Vec<_> = symbols[4]["children"].as_array().expect("a list").iter().map(name).collect();
    assert_eq!(regions, ["hel1", "nbg1", "sin"]);
    assert_eq!(slice(desk.client.text(&manifest), &symbols[3]["selectionRange"]), "gitops");
    let folds = desk.client.ask("textDocument/foldingRange", params);
    let folds: Vec<_> = folds
        .as_array()
        .expect("a list")
        .iter()
        .map(|fold| (fold["startLine"].as_u64(), fold["endLine"].as_u64(), fold["kind"].as_str()))
        .collect();
    assert!(folds.contains(&(Some(0), Some(1), Some("comment"))), "{folds:?}");
    assert!(folds.contains(&(Some(13), Some(15), None)), "{folds:?}");
    end(desk);
}

pub(crate) fn formatting_is_what_fmt_does() {
    let untidy = THREE.replace("[gitops]\n", "[gitops]  \t\n").replace("name = ", "name=");
    let untidy = untidy.trim_end().to_owned() + "\nx = '''\nkept  \n'''\n\n\n";
    let mut desk = Desk::new(&untidy);
    let manifest = desk.manifest.clone();
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let params = json!({ "textDocument": { "uri": uri(&manifest) }, "options": options });
    let edits = desk.client.ask("textDocument/formatting", params.clone());
    let tidy = edited(&untidy, edits.as_array().expect("edits"));
    assert_eq!(tidy, THREE.trim_end().to_owned() + "\nx = '''\nkept  \n'''\n");
    desk.client.change(&manifest, &tidy);
    assert_eq!(desk.client.ask("textDocument/formatting", params.clone()), json!([]));
    // What is no TOML yet is left alone.
    desk.client.change(&manifest, &format!("{tidy}x = [  \n"));
    assert_eq!(desk.client.ask("textDocument/formatting", params), json!([]));
    end(desk);
}

pub(crate) fn files_beside_the_manifest_are_judged_with_it() {
    let mut desk = Desk::tenants();
    let (manifest, souq) = (desk.manifest.clone(), desk.file("organizations/souq.toml"));
    let text = fs::read_to_string(&souq).expect("reads");
    desk.client.open(&souq, &text);
    let found = desk.client.edit(&souq, "regions = [\"hel1\"]", "regions = [\"hel9\"]");
    assert_eq!(codes(&found), [("dangling-reference".to_owned(), 25)]);
    // The region gets that name: two files are wrong now, and a third one that is not open.
    desk.client.edit(&souq, "hel9", "hel1");
    desk.client.edit(&manifest, "name = \"hel1\"", "name = \"sin\"");
    let labs = desk.file("organizations/acme.toml");
    let published = desk.client.published(&labs, |params| params["diagnostics"] != json!([]));
    assert_eq!(published["diagnostics"][0]["code"], "dangling-reference");
    desk.client.edit(&manifest, "name = \"sin\"", "name = \"hel1\"");
    let published = desk.client.published(&labs, |_| true);
    assert_eq!(published["diagnostics"], json!([]), "what is mended is taken back");
    let params = json!({ "textDocument": { "uri": uri(&souq) } });
    desk.client.tell("textDocument/didClose", params);
    end(desk);
}
