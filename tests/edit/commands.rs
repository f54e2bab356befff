//! What the commands write, and what they refuse.

use std::fs;

use crate::bench::{Place, write};

fn place() -> Place {
    let place = Place::new();
    let text = fs::read_to_string("examples/three-regions.toml").expect("an example");
    write(&place.path("sovereign.toml"), &text);
    place
}

#[test]
fn an_edit_is_compiled_before_it_is_written() {
    let place = place();
    let here = place.path("");
    let read = || fs::read_to_string(place.path("sovereign.toml")).expect("a manifest");
    let before = read();
    let run = |args: &[&str]| place.sovereign(&here, args);
    run(&["set", "region.sin.control-plane.count", "2"])
        .says(1, &["unknown-size", "write 1 or 3", "nothing is written"]);
    run(&["set", "region.sin.pod-cidr", "10.42.0.0/16"]).says(1, &["nothing is written"]);
    run(&["add", "region", "fsn1"]).says(1, &["missing-key", "`provider` is missing"]);
    run(&["add", "region", "fsn1", "provider"]).says(1, &["write PATH=VALUE"]);
    run(&["set", "region.hell1.code", "x"]).says(1, &["did you mean `hel1`"]);
    run(&["set", "region.sin.workers.count", "5", "--dry-run"])
        .says(0, &["--- sovereign.toml", "+workers = { size = \"cpx42\", count = 5 }"]);
    assert_eq!(read(), before);
    run(&["set", "region.sin.workers.count", "5"])
        .says(0, &["sovereign.toml: set region.sin.workers.count 5"]);
    assert_eq!(
        read(),
        before.replacen(
            "count = 3 }\nobserved = { load-balancer-address = \"203.0.113.30\"",
            "count = 5 }\nobserved = { load-balancer-address = \"203.0.113.30\"",
            1
        )
    );
    run(&["set", "region.sin.workers.count", "5"]).says(0, &["it is so already"]);
    run(&["set", "region.sin.workers.count", "3", "sovereign.toml"]).says(0, &[]);
    assert_eq!(read(), before);
}

#[test]
fn what_was_wrong_before_does_not_stand_in_the_way() {
    let place = place();
    let file = place.path("sovereign.toml");
    let text = fs::read_to_string(&file).expect("a manifest");
    write(&file, &text.replacen("size = \"cpx32\" }", "size = \"cpx32\", count = 2 }", 1));
    let run = |args: &[&str]| place.sovereign(&place.path(""), args);
    run(&["check"]).says(1, &["cannot hold a quorum"]);
    run(&["set", "gitops.branch", "release"]).says(0, &["set gitops.branch release"]);
    run(&["set", "region.sin.control-plane.count", "2"]).says(1, &["unknown-size"]);
    run(&["set", "region.nbg1.control-plane.count", "1"]).says(0, &[]);
    run(&["check"]).says(0, &["is right"]);
}

#[test]
fn organizations_are_edited_in_their_own_files() {
    let place = Place::new();
    fs::create_dir(place.path("organizations")).expect("a directory");
    fs::copy("examples/tenants.toml", place.path("sovereign.toml")).expect("an example");
    for entry in fs::read_dir("examples/organizations").expect("examples") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, place.path("organizations").join(path.file_name().expect("a name"))).expect("a copy");
    }
    let run = |args: &[&str]| place.sovereign(&place.path(""), args);
    let manifest = fs::read(place.path("sovereign.toml")).expect("a manifest");
    run(&["set", "organization.acme.plan", "l"]).says(0, &["organizations/acme.toml"]);
    run(&["bump", "wordpress", "2.0.0"]).says(0, &["organizations/bakkal.toml"]);
    let add = [
        "add",
        "organization",
        "nova",
        "display-name=Nova",
        "tier=sme",
        "owners.0.email=a@nova.example",
        "owners.0.role=owner",
    ];
    run(&add).says(0, &["organizations/nova.toml: add organization nova"]);
    run(&add).says(1, &["`organization.nova` is there already"]);
    run(&["add", "organization", "../x", "tier=sme"]).says(1, &["no name of an Organization"]);
    run(&["unset", "organization.nova"]).says(1, &["a file of its own", "remove the file"]);
    assert!(
        fs::read_to_string(place.path("organizations/acme.toml")).expect("a file").contains("plan = \"l\"")
    );
    assert_eq!(fs::read(place.path("sovereign.toml")).expect("a manifest"), manifest);
    run(&["check"]).says(0, &["is right"]);
}

#[test]
fn form_is_checked_and_made() {
    let place = place();
    let file = place.path("sovereign.toml");
    let text = fs::read_to_string(&file).expect("a manifest");
    let run = |args: &[&str]| place.sovereign(&place.path(""), args);
    run(&["fmt", "--check"]).says(0, &[]);
    write(&file, &text.replace("kit = ", "kit="));
    run(&["fmt", "--check"]).says(1, &["-kit=\"2026.05\"", "+kit = \"2026.05\""]);
    run(&["fmt"]).says(0, &["sovereign.toml: fmt"]);
    assert_eq!(fs::read_to_string(&file).expect("a manifest"), text);
}

#[test]
fn outputs_are_read_from_a_file() {
    let place = place();
    write(&place.path("outputs.json"), r#"{"load_balancer_ip":{"value":"203.0.113.77"}}"#);
    let run = |args: &[&str]| place.sovereign(&place.path(""), args);
    run(&["observe", "outputs.json", "--region", "sin"]).says(0, &["sovereign.toml: observe"]);
    let text = fs::read_to_string(place.path("sovereign.toml")).expect("a manifest");
    assert!(
        text.contains("load-balancer-address = \"203.0.113.77\", control-plane-address = \"203.0.113.31\""),
        "{text}"
    );
}
