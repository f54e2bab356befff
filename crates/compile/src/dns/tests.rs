use super::*;
use crate::plan;
use sovereign_language::kit::Kits;
use sovereign_language::manifest;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

const REGIONS: [(&str, &str); 3] =
    [("fsn1", "203.0.113.10"), ("hel1", "203.0.113.20"), ("nbg1", "203.0.113.30")];

/// Returns a manifest of three regions; a region without an address says none.
fn text(domain: &str, addresses: [&str; 3], rest: &str) -> String {
    let region = |((name, _), address): ((&str, &str), &str)| {
        let observed = if address.is_empty() {
            String::new()
        } else {
            format!("observed = {{ load-balancer-address = \"{address}\" }}\n")
        };
        format!(
            "[[region]]\nname = \"{name}\"\nprovider = \"hetzner\"\ncontrol-plane = {{ size = \"cpx32\" }}\n{observed}"
        )
    };
    let regions: String = REGIONS.into_iter().zip(addresses).map(region).collect();
    format!(
        "kit = \"2026.05\"\n[sovereign]\nname = \"omantel\"\norganization = {{ name = \"O\", email = \"o@o.om\" }}\n\
         [domain]\n{domain}\n[gitops]\nurl = \"https://github.com/a/b\"\n{regions}{rest}"
    )
}

/// Returns what `look` sees in the plan and the zone of a manifest.
fn with<T>(text: &str, look: impl FnOnce(&Plan<'_>, &Zone) -> T) -> T {
    let source =
        Source::manifest("sovereign.toml", text.as_bytes().to_vec()).map_err(|(fault, _)| fault).unwrap();
    let mut diags = Diagnostics::new();
    let document = manifest::decode(&source, &mut diags).unwrap();
    let kit = Kits::embedded().open("2026.05", &[], &mut diags).unwrap();
    let plan = plan::resolve(&document, &kit, &mut diags).unwrap();
    diags.verdict().unwrap();
    look(&plan, &zone(&plan))
}

fn all() -> [&'static str; 3] {
    REGIONS.map(|(_, address)| address)
}

const POOL: &str = "mode = \"pool\"\nparent = \"omani.works\"";
const OWN: &str = "mode = \"byo-manual\"\nfqdn = \"omantel.om\"";

/// Returns the lines of a zone, without the name of it, but for the SOA.
fn lines(text: &str) -> Vec<String> {
    with(text, |_, zone| {
        let sets = zone.records().iter().filter(|set| set.data.kind() != "SOA");
        let lines = sets.flat_map(RecordSet::lines);
        lines.map(|line| line.replace(&format!("{}.", zone.name), "")).collect()
    })
}

fn application(name: &str, rest: &str) -> String {
    format!("[[failover.application]]\nname = \"{name}\"\nhosts = [\"{name}.omantel.omani.works\"]\n{rest}\n")
}

/// Returns the one line of an application's host.
fn line_of(application_rest: &str, addresses: [&str; 3]) -> Vec<String> {
    let rest = format!("[failover]\n{}", application("shop", application_rest));
    let lines = lines(&text(POOL, addresses, &rest));
    lines.into_iter().filter(|line| line.starts_with("shop.")).collect()
}

const HEALTH: &str =
    "health = { url = \"https://shop.omantel.omani.works/ok?a=1\", interval = \"7s\", timeout = \"3s\" }\n";

#[test]
fn the_six_answer_with_the_primary_region() {
    let lines = lines(&text(POOL, all(), ""));
    let servers = ["ns1", "ns2", "ns3"].map(|server| format!(" 3600 IN NS {server}.openova.io."));
    assert_eq!(lines[..3], servers);
    let six = [" ", "*. ", "api. ", "console. ", "gitea. ", "harbor. "];
    assert_eq!(lines[3..], six.map(|name| format!("{name}300 IN A 203.0.113.10")));
}

#[test]
fn own_name_servers_are_one_a_region_with_an_address() {
    let lines = lines(&text(OWN, ["203.0.113.10", "", "203.0.113.30"], ""));
    assert_eq!(lines[..2], [" 3600 IN NS ns1.", " 3600 IN NS ns3."]);
    assert!(lines.contains(&"ns1. 3600 IN A 203.0.113.10".to_owned()), "{lines:?}");
    assert!(lines.contains(&"ns3. 3600 IN A 203.0.113.30".to_owned()), "{lines:?}");
    let gap = format!("{}\n[airgap]\nregistry = \"harbor.omantel.omani.works\"\n", text(POOL, all(), ""));
    with(&gap, |plan, zone| {
        assert_eq!(zone.servers().len(), 3);
        assert_eq!(Delegation::new(plan, zone).writer, Delegator::Person);
    });
}

#[test]
fn a_zone_that_nobody_answers_for_is_not_written() {
    with(&text(OWN, [""; 3], ""), |plan, zone| {
        let names: Vec<_> = files(plan, zone).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["delegation.json"]);
        // The six and three name servers.
        assert_eq!(zone.missing().len(), 9);
    });
    with(&text(POOL, [""; 3], ""), |plan, zone| assert_eq!(files(plan, zone).len(), 3));
}

#[test]
fn a_hot_standby_answers_after_its_primary() {
    let placed = "placement = \"active-hotstandby\"\nprimary = \"hel1\"\nstandbys = [\"nbg1\", \"fsn1\"]\ndns-ttl = \"1m\"\n";
    let url = "https://shop.omantel.omani.works/ok?a=1";
    assert_eq!(
        line_of(&format!("{placed}{HEALTH}"), all()),
        [format!(
            "shop. 60 IN LUA A \"ifurlup('{url}', {{{{'203.0.113.20'}}, {{'203.0.113.30'}}, {{'203.0.113.10'}}}}, \
             {{interval=7, timeout=3, minimumFailures=3}})\""
        )]
        .map(|line| line.replace("omantel.omani.works.", ""))
    );
    // Nobody knows when the standby is to answer, or the primary is not there yet, or it is alone.
    let [first, second, _] = all();
    assert_eq!(line_of(placed, all()), ["shop. 60 IN A 203.0.113.20"]);
    assert_eq!(line_of(&format!("{placed}{HEALTH}"), [first, "", ""]), [""; 0]);
    assert_eq!(line_of(&format!("{placed}{HEALTH}"), ["", second, ""]), ["shop. 60 IN A 203.0.113.20"]);
}

#[test]
fn all_regions_answer_where_all_are_active() {
    let [first, second, third] = all();
    let of = |rest: &str| line_of(&format!("placement = \"active-active\"\n{rest}"), all());
    let url = "'https://shop.omantel.omani.works/ok?a=1'";
    let list = format!("{{'{first}', '{second}', '{third}'}}");
    let groups = format!("{{{{'{first}'}}, {{'{second}'}}, {{'{third}'}}}}");
    let options = "interval=7, timeout=3, minimumFailures=3}";
    for (selector, expected) in [
        ("ifurlup", format!("ifurlup({url}, {list}, {{selector='all', {options})")),
        ("pickclosest", format!("ifurlup({url}, {list}, {{selector='pickclosest', {options})")),
        ("pickwhashed", format!("ifurlup({url}, {list}, {{selector='hashed', {options})")),
        ("pickfirst", format!("ifurlup({url}, {groups}, {{{options})")),
    ] {
        let line = of(&format!("selector = \"{selector}\"\n{HEALTH}"));
        assert_eq!(line, [format!("shop. 30 IN LUA A \"{expected}\"")]);
    }
    assert_eq!(of(""), all().map(|address| format!("shop. 30 IN A {address}")));
    let closest = format!("shop. 30 IN LUA A \"pickclosest({list})\"");
    assert_eq!(of("selector = \"pickclosest\""), [closest]);
    let hashed = format!("pickwhashed({{{{1, '{first}'}}, {{1, '{second}'}}, {{1, '{third}'}}}})");
    assert_eq!(of("selector = \"pickwhashed\""), [format!("shop. 30 IN LUA A \"{hashed}\"")]);
    assert_eq!(of("selector = \"pickfirst\""), [format!("shop. 30 IN A {first}")]);
}

#[test]
fn an_application_replaces_one_of_the_six_and_has_one_writer() {
    let url =
        |host: &str| format!("placement = \"active-active\"\nhealth = {{ url = \"https://{host}/\" }}\n");
    let rest = format!(
        "[failover]\n{}{}",
        application("console", &url("console.omantel.omani.works")),
        "[[failover.application]]\nname = \"other\"\nplacement = \"single-region\"\nprimary = \"nbg1\"\n\
         hosts = [\"console.omantel.omani.works\", \"other.omantel.omani.works\", \"elsewhere.example\"]\n",
    );
    with(&text(POOL, all(), &rest), |_, zone| {
        let of = |name: &str| -> Vec<_> {
            let name = zone.name.child(name);
            let sets = zone.records().iter().filter(|set| set.name == name);
            sets.map(|set| (set.data.kind(), set.writer)).collect()
        };
        assert_eq!(of("console"), [("LUA", Writer::FailoverController)]);
        assert_eq!(of("other"), [("A", Writer::ExternalDns)]);
        assert_eq!(of("api"), [("A", Writer::PoolManager)]);
    });
}

#[test]
fn the_wildcard_answers_where_nothing_is_nearer() {
    let host = "hosts = [\"a.b.omantel.omani.works\"]";
    let rest = format!(
        "[failover]\n[[failover.application]]\nname = \"x\"\nplacement = \"single-region\"\n{host}\n"
    );
    with(&text(POOL, all(), &rest), |_, zone| {
        let answers =
            |name: &str| zone.answer(&zone.name.child(name)).map(|set| set.name.as_str().to_owned());
        assert_eq!(answers("a.b"), Some("a.b.omantel.omani.works".to_owned()));
        assert_eq!(answers("console"), Some("console.omantel.omani.works".to_owned()));
        assert_eq!(answers("any.thing"), Some("*.omantel.omani.works".to_owned()));
        // `b` exists since `a.b` does, so the wildcard is not asked for it and what is below.
        assert_eq!((answers("b"), answers("c.b")), (None, None));
        assert_eq!(zone.answer(&Name::of_server("elsewhere.example")).map(|set| &set.name), None);
    });
}

#[test]
fn a_challenge_hides_no_name_of_the_certificate() {
    let tls = "[tls]\nnames = [\"*.shop.omantel.om\", \"3d.omantel.om\", \"*.ns1.omantel.om\"]\n";
    with(&text(OWN, all(), tls), |_, zone| {
        let answers =
            |name: &str| zone.answer(&zone.name.child(name)).map(|set| set.name.as_str().to_owned());
        assert_eq!(answers("www.shop"), Some("*.shop.omantel.om".to_owned()));
        assert_eq!(answers("shop"), Some("shop.omantel.om".to_owned()));
        assert_eq!(answers("3d"), Some("3d.omantel.om".to_owned()));
        assert_eq!(answers("x.ns1"), Some("*.ns1.omantel.om".to_owned()));
        let of_server = zone.records().iter().filter(|set| set.name.as_str() == "ns1.omantel.om");
        assert_eq!(of_server.count(), 1, "a name has one answer");
    });
    let corporate =
        "[tls]\nissuer = \"corporate-ca\"\nca = { secret = \"ca\" }\nnames = [\"*.shop.omantel.om\"]\n";
    with(&text(OWN, all(), corporate), |_, zone| {
        let www = zone.answer(&zone.name.child("www.shop")).map(|set| set.name.as_str().to_owned());
        assert_eq!(www, Some("*.omantel.om".to_owned()), "nobody asks for a record");
    });
}

/// Puts segments together as PowerDNS does: from version 5 with nothing between, before with a space.
fn as_read(content: &str, between: &str) -> String {
    let code = content.strip_prefix("A ").unwrap();
    code.split('"').filter(|part| !matches!(*part, "" | " ")).collect::<Vec<_>>().join(between)
}

#[test]
fn long_and_odd_urls_fit_into_segments() {
    for path in ["/ok", "/it's", &"/50%25?a=b;c,d".repeat(40), &format!("/{}'", "x".repeat(2000))] {
        let health = format!("health = {{ url = \"https://shop.omantel.omani.works{path}\" }}\n");
        let rest = format!(
            "[failover]\n{}",
            application("shop", &format!("placement = \"active-active\"\n{health}"))
        );
        with(&text(POOL, all(), &rest), |_, zone| {
            let set = zone.records().iter().find(|set| set.data.kind() == "LUA").unwrap();
            let Data::Lua(answer) = &set.data else { unreachable!() };
            let (content, code) = (answer.text(), answer.code());
            assert!(!code.contains(['"', '\\']), "{code}");
            assert_eq!(as_read(&content, ""), code);
            // A space may stand between parts, and nowhere else: without what joins and quotes, the URL is whole.
            let bare = |code: &str| {
                code.replace("' ..'", "").replace("'..'", "").replace("]] ..[[", "").replace("]]..[[", "")
            };
            for between in ["", " "] {
                let read = bare(&as_read(&content, between));
                assert!(read.contains(&format!("https://shop.omantel.omani.works{path}")), "{read}");
            }
            let generic = answer.generic();
            let words: Vec<_> = generic.split(' ').collect();
            let bytes: Vec<u8> = words[2]
                .as_bytes()
                .chunks(2)
                .map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap())
                .collect();
            assert_eq!((words[0], words[1].parse()), ("\\#", Ok(bytes.len())));
            assert_eq!(bytes[..2], [0, 1]);
            let (mut rest, mut read) = (&bytes[2..], String::new());
            while let Some((length, more)) = rest.split_first() {
                let (segment, after) = more.split_at(usize::from(*length));
                read.push_str(str::from_utf8(segment).unwrap());
                rest = after;
            }
            assert_eq!(read, code);
        });
    }
}

#[test]
fn the_delegation_says_who_writes_what() {
    let of = |text: &str| {
        with(text, |plan, zone| serde_json::from_str(&Delegation::new(plan, zone).render()).unwrap())
    };
    let pool: serde_json::Value = of(&text(POOL, all(), ""));
    assert_eq!((&pool["writer"], &pool["parent"]), (&"pool-domain-manager".into(), &"omani.works.".into()));
    assert!(pool.get("paste").is_none() && pool["glue"].as_array().unwrap().is_empty());
    let own: serde_json::Value = of(&text(OWN, [all()[0], "", ""], ""));
    let paste = ["omantel.om. 3600 IN NS ns1.omantel.om.", "ns1.omantel.om. 3600 IN A 203.0.113.10"];
    assert_eq!(own["paste"], serde_json::json!(paste));
    assert_eq!(own["missing"][0]["region"], "hel1");
    assert!(own["notes"][0].as_str().unwrap().contains("the only name server"), "{own}");
    let api = "mode = \"byo-api\"\nfqdn = \"omantel.om\"\nregistrar = \"ovh\"\ncredentials = { secret = \"r\", key = \"k\" }";
    let api: serde_json::Value = of(&text(api, all(), ""));
    assert_eq!((&api["registrar"], &api["credentials"]["key"]), (&"ovh".into(), &"k".into()));
    assert!(api["preconditions"][0].as_str().unwrap().contains("DS"), "{api}");
}
