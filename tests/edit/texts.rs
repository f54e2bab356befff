//! What an edit makes of a text: all that it does not name stays, byte for byte.

use std::fs;

use sovereign_edit::{Edit, Entry, Path, Refused, What, apply};
use sovereign_language::input::{Input, NoDirectories, ReadDirectory};
use sovereign_language::kit::Kits;
use sovereign_language::schema::{Parsed, canonical};
use sovereign_text::line_diff;
use sovereign_text::source::{Source, SourceId};

const MANIFEST: &str = include_str!("manifest.toml");

fn input(text: &str, reader: &dyn ReadDirectory) -> Input {
    Input::gather(Source::manifest("sovereign.toml", text.into()).expect("text"), reader)
}

fn made(text: &str, edit: &Edit) -> Result<String, Refused> {
    let input = input(text, &NoDirectories);
    let revised = apply(edit, &input, &Kits::embedded())?;
    Ok(revised.into_iter().next().map_or_else(|| text.to_owned(), |revised| revised.text))
}

fn set(path: &str, value: &str) -> Edit {
    Edit::Set { path: Path::parse(path).expect("a path"), value: value.to_owned() }
}

fn unset(path: &str) -> Edit {
    Edit::Unset { path: Path::parse(path).expect("a path") }
}

/// Returns the lines that an edit takes away, and those that it brings.
fn changes(edit: &Edit) -> (Vec<String>, Vec<String>) {
    let after = made(MANIFEST, edit).unwrap_or_else(|refused| panic!("{}: {refused}", edit.words()));
    let (old, new): (Vec<_>, Vec<_>) = (MANIFEST.lines().collect(), after.lines().collect());
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for change in line_diff::stretches(&old, &new).into_iter().filter(|stretch| !stretch.same) {
        gone.extend(old[change.old].iter().map(|line| line.trim_end().to_owned()));
        come.extend(new[change.new].iter().map(|line| line.trim_end().to_owned()));
    }
    (gone, come)
}

#[track_caller]
fn changes_to(edit: &Edit, gone: &[&str], new: &[&str]) {
    let (was, is) = changes(edit);
    assert_eq!(
        (was.as_slice(), is.as_slice()),
        (gone.map_owned().as_slice(), new.map_owned().as_slice()),
        "{}",
        edit.words()
    );
}

trait Owned {
    fn map_owned(&self) -> Vec<String>;
}

impl Owned for [&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|&line| line.to_owned()).collect()
    }
}

#[test]
fn a_value_takes_the_place_of_another_and_its_comment_stays() {
    changes_to(
        &set("region.hel1.workers.count", "5"),
        &["workers = { size = \"cpx42\", count = 3 } # three"],
        &["workers = { size = \"cpx42\", count = 5 } # three"],
    );
    changes_to(
        &set("region[hel1].workers.count", "5"),
        &["workers = { size = \"cpx42\", count = 3 } # three"],
        &["workers = { size = \"cpx42\", count = 5 } # three"],
    );
    changes_to(
        &set("blueprint.loki.version", "1.0.9"),
        &["version = \"1.0.3\"  # pinned"],
        &["version = \"1.0.9\"  # pinned"],
    );
    changes_to(&set("blueprint.loki.version", "1.0.3"), &[], &[]);
    changes_to(&set("kit", "2026.04"), &["kit = '2026.05'"], &["kit = \"2026.04\""]);
    changes_to(
        &set("organization.acme.environment.prod.application.shop.blueprint.version", "2.0.0"),
        &["blueprint = { name = \"bp-shop\", version = \"1.0.0\" }"],
        &["blueprint = { name = \"bp-shop\", version = \"2.0.0\" }"],
    );
}

#[test]
fn a_key_that_is_new_stands_where_a_person_would_write_it() {
    changes_to(&set("region.sin.pod-cidr", "10.99.0.0/16"), &[], &["pod-cidr = \"10.99.0.0/16\""]);
    changes_to(&set("region.sin.workers.count", "2"), &[], &["workers = { count = 2 }"]);
    changes_to(&set("region.sin.vclusters", "dmz,rtz"), &[], &["vclusters = [\"dmz\", \"rtz\"]"]);
    changes_to(&set("blueprint.loki.values.loki.auth_enabled", "true"), &[], &["auth_enabled = true"]);
    changes_to(
        &set("blueprint.tempo.values.\"a.b\".c", "3"),
        &[],
        &["[blueprint.tempo.values.\"a.b\"]", "c = 3", ""],
    );
    changes_to(
        &set("region.hel1.control-plane.count", "3"),
        &["control-plane = { size = \"cpx32\" }"],
        &["control-plane = { size = \"cpx32\", count = 3 }"],
    );
    changes_to(&set("tls.names", "[\"*.a.example\"]"), &[], &["", "[tls]", "names = [\"*.a.example\"]"]);
}

#[test]
fn what_goes_takes_its_own_comment_along_and_no_other() {
    changes_to(
        &unset("region.hel1.workers.count"),
        &["workers = { size = \"cpx42\", count = 3 } # three"],
        &["workers = { size = \"cpx42\" } # three"],
    );
    changes_to(&unset("blueprint.loki.values.loki.limit"), &["# of the limit", "limit = 10"], &[]);
    changes_to(&unset("region.nbg1.role"), &[], &[]);
    // The table has nothing left.
    changes_to(&unset("blueprint.mimir.enabled"), &["[blueprint.mimir]", "enabled = true", ""], &[]);
    let (gone, new) = changes(&unset("region.sin"));
    assert!(gone.iter().any(|line| line == "name = \"sin\"") && new.is_empty(), "{gone:?} {new:?}");
    assert!(!gone.iter().any(|line| line.contains("stands apart")), "{gone:?}");
}

#[test]
fn entries_are_added_behind_the_others() {
    let values = |written: &[(&str, &str)]| {
        written
            .iter()
            .map(|(path, value)| (Path::parse(path).expect("a path"), (*value).to_owned()))
            .collect()
    };
    let add = |what, name: &str, written: &[(&str, &str)]| {
        Edit::Add(Entry { what, name: name.to_owned(), values: values(written) })
    };
    changes_to(
        &add(What::Region, "fsn1", &[("provider", "hetzner"), ("control-plane.size", "cpx32")]),
        &[],
        &[
            "[[region]]",
            "name = \"fsn1\"",
            "provider = \"hetzner\"",
            "control-plane = { size = \"cpx32\" }",
            "",
        ],
    );
    changes_to(&add(What::Blueprint, "bp-tempo", &[]), &[], &["[blueprint.tempo]", "enabled = true", ""]);
    changes_to(
        &add(
            What::Organization,
            "nova",
            &[("tier", "sme"), ("owners.0.email", "a@nova.example"), ("owners.0.role", "owner")],
        ),
        &[],
        &[
            "",
            "[[organization]]",
            "slug = \"nova\"",
            "tier = \"sme\"",
            "owners = [{ email = \"a@nova.example\", role = \"owner\" }]",
        ],
    );
    changes_to(
        &add(What::Application, "acme.prod.blog", &[("blueprint.name", "bp-blog")]),
        &[],
        &[
            "",
            "[[organization.environment.application]]",
            "name = \"blog\"",
            "blueprint = { name = \"bp-blog\" }",
        ],
    );
    for (what, name) in [
        (What::Region, "hel1"),
        (What::Blueprint, "loki"),
        (What::Organization, "acme"),
        (What::Application, "acme.prod.shop"),
    ] {
        let refused = made(MANIFEST, &add(what, name, &[])).expect_err("is there already");
        assert!(refused.words.contains("is there already"), "{refused}");
    }
    let refused =
        made(MANIFEST, &add(What::Application, "acme.dev.shop", &[])).expect_err("has no such environment");
    assert!(refused.words.contains("environment `dev` of `acme`"), "{refused}");
}

#[test]
fn a_bump_reaches_every_pin() {
    let bump = |blueprint: &str, version: Option<&str>| Edit::BumpBlueprint {
        blueprint: blueprint.to_owned(),
        version: version.map(str::to_owned),
    };
    changes_to(
        &bump("bp-loki", Some("1.0.9")),
        &["blueprint.loki = { version = \"1.0.3\" }", "version = \"1.0.3\"  # pinned"],
        &["blueprint.loki = { version = \"1.0.9\" }", "version = \"1.0.9\"  # pinned"],
    );
    changes_to(
        &bump("shop", Some("2.0.0")),
        &["blueprint = { name = \"bp-shop\", version = \"1.0.0\" }"],
        &["blueprint = { name = \"bp-shop\", version = \"2.0.0\" }"],
    );
    let (_, new) = changes(&bump("loki", None));
    assert_eq!(new.len(), 2, "the newest kit's version, twice: {new:?}");
    let refused = made(MANIFEST, &bump("lokki", None)).expect_err("no such blueprint");
    assert!(refused.to_string().contains("did you mean `loki`"), "{refused}");
    changes_to(&Edit::BumpKit { kit: "2026.04".to_owned() }, &["kit = '2026.05'"], &["kit = \"2026.04\""]);
    assert!(made(MANIFEST, &Edit::BumpKit { kit: "2020.01".to_owned() }).is_err());
}

#[test]
fn outputs_become_observed_facts() {
    let observe = |output: &str, region: Option<&str>| Edit::Observe {
        output: output.to_owned(),
        region: region.map(str::to_owned),
    };
    let output = r#"{"load_balancer_ip":{"value":"203.0.113.7","sensitive":false},"deployment_id":{"value":"secret","sensitive":true}}"#;
    changes_to(&observe(output, None), &[], &["observed = { load-balancer-address = \"203.0.113.7\" }"]);
    let (_, new) = changes(&observe(output, Some("sin")));
    assert_eq!(new, ["observed = { load-balancer-address = \"203.0.113.7\" }"]);
    let of_all = r#"{"control_plane_ips":{"value":{"hel1":"203.0.113.1","sin":"203.0.113.2","moon":"203.0.113.3"}},
        "regions":{"value":[{"name":"sin","network_id":4711}]}}"#;
    changes_to(
        &observe(of_all, None),
        &[],
        &[
            "observed = { control-plane-address = \"203.0.113.1\" }",
            "observed = { control-plane-address = \"203.0.113.2\", network-id = \"4711\" }",
        ],
    );
    for (output, region) in [("no JSON", None), ("{}", None), (output, Some("moon"))] {
        assert!(made(MANIFEST, &observe(output, region)).is_err());
    }
}

#[test]
fn a_path_that_leads_nowhere_is_refused_with_the_nearest_name() {
    for (edit, words) in [
        (set("region.hell1.code", "x"), "did you mean `hel1`"),
        (set("region.hel1.pod-cdir", "x"), "did you mean `region.hel1.pod-cidr`"),
        (set("regions.hel1.code", "x"), "did you mean `region.hel1.code`"),
        (set("region.hel1", "x"), "name one of its keys"),
        (set("region.hel1.provider.x", "x"), "nothing stands below it"),
        (set("blueprint.loki", "x"), "is a whole table"),
        (unset("region.hel1.pod-cdir"), "did you mean `region.hel1.pod-cidr`"),
        (unset("organization.acne"), "did you mean `acme`"),
    ] {
        let refused = made(MANIFEST, &edit).expect_err(&edit.words());
        assert!(refused.to_string().contains(words), "{}: {refused}", edit.words());
    }
    let twice = MANIFEST.replace("name = \"nbg1\"", "name = \"hel1\"");
    let refused = made(&twice, &set("region.hel1.code", "x")).expect_err("two of a name");
    assert!(refused.to_string().contains("by its place"), "{refused}");
    assert!(made("a = [", &set("kit", "2026.05")).expect_err("no TOML").to_string().contains("is no TOML"));
}

#[test]
fn line_ends_stay_whatever_is_edited() {
    let edits = [
        set("region.hel1.workers.count", "5"),
        set("blueprint.tempo.values.x.y", "3"),
        unset("region.sin"),
        unset("blueprint.loki.values.loki.limit"),
        Edit::Format,
    ];
    for edit in edits {
        let plain = made(MANIFEST, &edit).expect("an edit");
        let other = made(&MANIFEST.replace('\n', "\r\n"), &edit).expect("an edit");
        assert_eq!(other, plain.replace('\n', "\r\n"), "{}", edit.words());
    }
}

/// All manifests of the repository that are TOML: examples, cases, and whatever is in other tests.
fn all() -> Vec<(String, String)> {
    let mut open: Vec<std::path::PathBuf> = ["examples", "tests", "kits"].map(Into::into).into();
    let mut found = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "toml")
                && let Ok(text) = fs::read_to_string(&path)
            {
                found.push((path.display().to_string(), text));
            }
        }
    }
    assert!(found.len() > 500, "{} texts", found.len());
    found
}

fn meaning(text: &str) -> Option<String> {
    let source = Source::from_text(SourceId::MANIFEST, "t", text.trim_start_matches('\u{feff}').to_owned());
    Parsed::new(&source).tree().map(canonical)
}

#[test]
fn form_changes_no_meaning_and_has_an_end() {
    let mut formatted = 0;
    for (name, text) in all() {
        let Ok(once) = made(&text, &Edit::Format) else { continue };
        assert_eq!(meaning(&once), meaning(&text), "{name}");
        assert_eq!(made(&once, &Edit::Format).expect("is TOML"), once, "{name}");
        formatted += 1;
    }
    assert!(formatted > 500, "{formatted} texts");
}

#[test]
fn form_is_what_the_examples_have() {
    for (name, text) in all().into_iter().filter(|(name, _)| name.starts_with("examples")) {
        assert_eq!(made(&text, &Edit::Format).expect("is TOML"), text, "{name}");
    }
    let ugly = "\n\n  a=1   # one  \n\n\n\n#x\n[ t . u ]\nb = [1,2 , 3]\nc={d=1,e.f = \"x  y\"}\n[[l]]\n  m = [\n  1,\n  2,\n  ]\n\n\n";
    let form = "a = 1   # one\n\n#x\n[t.u]\nb = [1, 2, 3]\nc = { d = 1, e.f = \"x  y\" }\n\n[[l]]\nm = [\n  1,\n  2,\n  ]\n";
    assert_eq!(made(ugly, &Edit::Format).expect("is TOML"), form);
    // A key that is left out stands where it would be.
    let left_out = "[t]\na = 1\n# b = 2\n\n# of u\n[u]\nc = 3\n";
    assert_eq!(made(left_out, &Edit::Format).expect("is TOML"), left_out);
    let close = "[t]\na = 1\n# of u\n  [u]\nc = 3\n";
    assert_eq!(made(close, &Edit::Format).expect("is TOML"), "[t]\na = 1\n\n# of u\n[u]\nc = 3\n");
}

#[test]
fn the_place_behind_the_last_entry_appends() {
    let text = "kit = \"2026.05\"\n\n[tls]\nnames = [\"a.example\"]\n";
    let second = made(text, &set("tls.names.1", "b.example")).expect("appends");
    assert_eq!(second, text.replace("[\"a.example\"]", "[\"a.example\", \"b.example\"]"));
    // Also where there is no list yet, and no table for it.
    for (text, expected) in [
        ("kit = \"2026.05\"\n\n[tls]\n", "kit = \"2026.05\"\n\n[tls]\nnames = [\"b.example\"]\n"),
        ("kit = \"2026.05\"\n", "kit = \"2026.05\"\n\n[tls]\nnames = [\"b.example\"]\n"),
    ] {
        assert_eq!(made(text, &set("tls.names.0", "b.example")).expect("begins a list"), expected);
    }
    assert!(made("kit = \"2026.05\"\n", &set("tls.names.1", "b.example")).is_err(), "a place is left out");
}
