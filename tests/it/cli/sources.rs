//! Blueprint sources: what a manifest may name beside it, and what it may not.

use std::os::unix::fs::symlink;

use super::*;

const MANIFEST: &str = include_str!("../../../examples/own-blueprints.toml");
const BLUEPRINT: &str = include_str!("../../../examples/blueprints/81-port-scheduler.toml");

fn desk() -> Desk {
    Desk::new(&[("deep/m.toml", MANIFEST), ("deep/blueprints/81-port-scheduler.toml", BLUEPRINT)])
}

fn check(desk: &Desk) -> Ran {
    run(&["check", &desk.arg("deep/m.toml")])
}

#[test]
fn blueprints_beside_the_manifest_are_read() {
    let desk = desk();
    desk.put("deep/blueprints/README.md", "no blueprint");
    desk.put("deep/blueprints/.#81-port-scheduler.toml", "an editor's");
    desk.put("deep/blueprints/old/82.toml", "not looked at");
    check(&desk).ends(0).says("m.toml is right");
}

#[test]
fn a_source_that_is_not_there_or_leads_out_is_refused() {
    let desk = desk();
    let refuses = |words: &str| {
        for format in FORMATS {
            let ran = run(&["check", &desk.arg("deep/m.toml"), "--format", format]).ends(1);
            assert!([&ran.out, &ran.err].iter().any(|text| text.contains("unreadable-source")), "{ran:?}");
        }
        check(&desk).ends(1).says("error[unreadable-source]").says("m.toml:24:8").says(words);
    };
    let blueprints = desk.at("deep/blueprints");
    let away = desk.at("away");
    fs::rename(&blueprints, &away).expect("moves");
    refuses("cannot be read: No such file");
    symlink(&away, &blueprints).expect("links");
    refuses("leads out of the directory of the manifest");
    fs::remove_file(&blueprints).expect("removes");
    symlink("blueprints", &blueprints).expect("links");
    refuses("cannot be read: ");
    fs::remove_file(&blueprints).expect("removes");
    fs::write(&blueprints, "").expect("writes");
    refuses("Not a directory");
    fs::remove_file(&blueprints).expect("removes");
    fs::create_dir(&blueprints).expect("creates");
    refuses("has no `*.toml` file");
    symlink(away.join("81-port-scheduler.toml"), blueprints.join("81.toml")).expect("links");
    refuses("holds `81.toml`, which is no plain file");
    fs::remove_file(blueprints.join("81.toml")).expect("removes");
    fs::write(blueprints.join("81.toml"), b"# caf\xe9").expect("writes");
    refuses("holds `81.toml`, which is not text");
    fs::remove_dir_all(&blueprints).expect("removes");
    symlink("real", &blueprints).expect("links");
    fs::rename(&away, desk.at("deep/real")).expect("moves");
    check(&desk).ends(0);
}

#[test]
fn a_path_with_dots_is_refused_by_its_grammar() {
    let desk = desk();
    for path in ["../deep/blueprints", "/etc", "./blueprints", "a/../blueprints", ""] {
        desk.put("deep/m.toml", MANIFEST.replace("\"blueprints\"", &format!("{path:?}")));
        check(&desk).ends(1).says("error[malformed-value]").says("m.toml:24:");
    }
}

#[test]
fn a_mistake_in_a_blueprint_is_shown_where_it_is() {
    let desk = desk();
    let (line, text) = (BLUEPRINT.lines().count() + 1, format!("{BLUEPRINT}surplus = 1\n"));
    desk.put("deep/blueprints/81-port-scheduler.toml", text.replace("slot =", "sloth = 1\nslot ="));
    let path = desk.arg("deep/blueprints/81-port-scheduler.toml");
    check(&desk).ends(1).says("error[unknown-key]").says(&format!("{path}:2:1"));
    for format in ["short", "github", "json", "sarif"] {
        let ran = run(&["check", &desk.arg("deep/m.toml"), "--format", format]).ends(1);
        assert!([&ran.out, &ran.err].iter().any(|text| text.contains(&path)), "{format}: {ran:?}");
    }
    desk.put("deep/blueprints/81-port-scheduler.toml", format!("{BLUEPRINT}= 1\n"));
    check(&desk).ends(1).says("error[syntax]").says(&format!("{path}:{line}:"));
}
