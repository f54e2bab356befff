//! Documents changed in one place each: keys removed, renamed, doubled; values of other types and grammars.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

/// About the limits of names.
const LENGTHS: [usize; 22] =
    [2, 3, 16, 31, 32, 33, 40, 41, 52, 53, 54, 62, 63, 64, 65, 100, 128, 129, 200, 253, 254, 1025];

/// A changed document, and what was changed.
pub(super) type Mutant = (String, Json);

/// Every mutant of some documents.
pub(super) fn all(bases: &[Json]) -> Vec<Mutant> {
    let (mut mutants, mut seen) = (Vec::new(), BTreeSet::new());
    for base in bases {
        let mut ways = Vec::new();
        collect(base, &mut Vec::new(), &mut ways);
        for way in ways {
            let place = Place { base, way };
            mutants.extend(place.removed());
            mutants.extend(place.structures());
            // Other values once for each key of the language, not once for each region and example.
            if seen.insert(place.kind()) {
                mutants.extend(place.renamed());
                let text = place.value().as_str();
                let texts = text.map(|text| [mangled(text), texts()].concat()).unwrap_or_default();
                mutants.extend(texts.iter().map(|text| place.with(json!(text))));
                mutants.extend(values().into_iter().map(|value| place.with(value)));
            }
        }
    }
    mutants
}

/// A value in a document, by keys and indices.
struct Place<'a> {
    base: &'a Json,
    way: Vec<String>,
}

impl Place<'_> {
    fn value(&self) -> &Json {
        at(self.base, &self.way)
    }

    /// The way without the numbers of the items.
    fn kind(&self) -> String {
        let step = |step: &String| if step.parse::<u32>().is_ok() { "*".to_owned() } else { step.clone() };
        self.way.iter().map(step).collect::<Vec<_>>().join("/")
    }

    fn with(&self, value: Json) -> Mutant {
        let mut mutant = self.base.clone();
        let what = format!("{} = {value}", self.way.join("/"));
        *at_mut(&mut mutant, &self.way) = value;
        (what, mutant)
    }

    /// The document without the key, and the table that held it.
    fn without(&self) -> Option<(Json, &str, &[String])> {
        let (key, above) = self.way.split_last()?;
        let mut without = self.base.clone();
        at_mut(&mut without, above).as_object_mut()?.remove(key);
        Some((without, key, above))
    }

    fn removed(&self) -> Option<Mutant> {
        self.without().map(|(without, ..)| (format!("{} = removed", self.way.join("/")), without))
    }

    /// The key under another name, in place of its own and beside it.
    fn renamed(&self) -> Vec<Mutant> {
        let Some((without, key, above)) = self.without() else { return Vec::new() };
        let mut mutants = Vec::new();
        for other in [format!("{key}x"), key.replace('-', "_"), key.to_uppercase(), String::new()] {
            if other != *key {
                for (what, base) in [("renamed to", &without), ("doubled as", self.base)] {
                    let mut mutant = base.clone();
                    at_mut(&mut mutant, above)[&other] = self.value().clone();
                    mutants.push((format!("{} = {what} {other:?}", self.way.join("/")), mutant));
                }
            }
        }
        mutants
    }

    /// The value wrapped, unwrapped and repeated.
    fn structures(&self) -> Vec<Mutant> {
        let old = self.value();
        let first = match old {
            Json::Array(items) => items.first().cloned().unwrap_or(json!("empty")),
            Json::Object(map) => map.values().next().cloned().unwrap_or(json!("empty")),
            Json::String(text) => json!(text.chars().take(1).collect::<String>()),
            Json::Null | Json::Bool(_) | Json::Number(_) => json!(old.to_string()),
        };
        let doubled = match old {
            Json::Array(items) => json!([items.clone(), items.clone()].concat()),
            Json::String(text) => json!(text.repeat(2)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => json!([old, old]),
        };
        [json!([old]), json!({ "value": old }), first, doubled].map(|value| self.with(value)).into()
    }
}

fn at<'a>(value: &'a Json, way: &[String]) -> &'a Json {
    way.iter().fold(value, |value, step| match step.parse::<usize>() {
        Ok(index) if value.is_array() => &value[index],
        _ => &value[step],
    })
}

fn at_mut<'a>(value: &'a mut Json, way: &[String]) -> &'a mut Json {
    way.iter().fold(value, |value, step| match step.parse::<usize>() {
        Ok(index) if value.is_array() => &mut value[index],
        _ => &mut value[step],
    })
}

fn collect(value: &Json, way: &mut Vec<String>, ways: &mut Vec<Vec<String>>) {
    let steps: Vec<(String, &Json)> = match value {
        Json::Object(map) => map.iter().map(|(key, item)| (key.clone(), item)).collect(),
        Json::Array(items) => items.iter().enumerate().map(|(n, item)| (n.to_string(), item)).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
    };
    for (step, item) in steps {
        way.push(step);
        ways.push(way.clone());
        collect(item, way, ways);
        way.pop();
    }
}

/// A text with its usual slips.
fn mangled(text: &str) -> Vec<String> {
    let cut = |n: usize| text.chars().take(text.chars().count().saturating_sub(n)).collect::<String>();
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let with = |what: &str| format!("{}{what}{}", &text[..middle], &text[middle..]);
    let mut all = vec![text.to_uppercase(), cut(1), cut(2), text.chars().rev().collect()];
    all.extend(
        [" ", "-", "_", ".", "..", "/", "//", ":", "@", "0", "A", "ä", "\n", "\t", "${", "\u{0}"].map(with),
    );
    for slip in [" ", "-", "_", ".", "/", ":", "@", "0", "ä", "\n", "x"] {
        all.push(format!("{text}{slip}"));
        all.push(format!("{slip}{text}"));
    }
    all.retain(|other| other != text);
    all
}

/// Values of every type.
#[rustfmt::skip]
fn values() -> Vec<Json> {
    vec![
        json!(""), json!("a"), json!("harbor"),
        json!(0), json!(1), json!(-1), json!(3), json!(50), json!(51), json!(255), json!(256),
        json!(65_535), json!(65_536), json!(i64::MAX), json!(2.5), json!(true), json!(false), json!([]),
        json!({}), json!([""]), json!(["a"]), json!(["a", "b"]), json!([1]), json!([[]]), json!([{}]),
        json!({ "a": 1 }), json!({ "": {} }), json!({ "secret": "a" }),
        json!({ "secret": "a", "key": "b" }),
    ]
}

/// Texts that follow one grammar and break another.
#[rustfmt::skip]
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "", " ", "a", "ab", "abc", "A", "0", "00", "01", "1", "-", "-a", "a-", "a--b", "a b", "a.b",
        "a.b.c", "A.b", "1.b", "a.1", "a..b", ".a", "a.", "a_b", "a/b", "/a", "a/", "../a", "a/../b", "./a",
        "a//b", "a\nb", "a\tb", "ä", "日本", "😀", "\u{7f}", "\u{0}", "\u{a0}", "\u{2028}", "a\u{301}", "${a}",
        "{{ a }}", "null", "true", "latest", "1.2.3", "v1.2.3", "1.2", "1.2.3-rc.1", "1.2.3+b", "01.2.3",
        "1.2.3-01", "^1.2.3", "1.x", ">=1", "1.2.3 ", "10.0.0.0/8", "10.0.0.1/8", "10.42.0.0/16",
        "10.42.0.0/33", "10.42.0.0", "0.0.0.0/0", "256.0.0.0/8", "10.0.0.0/08", "192.168.0.0/16",
        "203.0.113.0/24", "203.0.113.10", "0.0.0.0", "255.255.255.255", "1.2.3.4", "01.2.3.4", "::1",
        "fd00::/8", "https://a.b", "https://a.b/", "https://a.b/c/d.git", "http://a.b", "ssh://git@a.b/c",
        "git@a.b:c.git", "https://a", "https://", "https://A.b", "https://a.b:443/c", "https://a.b:0/c",
        "https://u:p@a.b/c", "https://u@a.b/c", "https://a.b/c?d", "https://a.b/c#d", "https://a.b/c d",
        "oci://a.b/c", "file:///a", "a@b.c", "a@b", "@b.c", "a@", "a b@c.d", "a@b..c", "\"a\"@b.c",
        "a+b@c.d", "Ä@b.c", "5m", "1h30m", "30m1h", "0s", "5", "m", "5 m", "-5m", "1.5h", "90d", "30d",
        "0d", "30w", "720h", "1y", "100000h", "hourly", "daily", "17 2 * * *", "60 2 * * *", "* * * *",
        "*/5 * * * *", "*/0 * * * *", "1-5 * * * *", "5-1 * * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
        "@daily", "1,2 * * * *", "* * * * MON", "00 2 * * *", "hel1", "fsn1", "eu-central-1",
        "me-east-215-a", "westeurope", "prod", "primary", "hetzner", "mgmt", "dmz", "pool", "byo-api",
        "byo-manual", "cloudflare", "corporate-ca", "lets-encrypt", "shared-sovereign", "per-organization",
        "azure-sso", "symmetric", "a4", "none", "restricted", "baseline", "2026.05", "2026.13", "2026.5",
        "26.05", "0000.00", "cpx32", "m7n.large.8", "Standard_D4s_v5", "0123456789abcdef",
        "0123456789ABCDEF", "0123456789abcdeg", "main", "release/2026", "refs/heads/main", "a..b", "a.lock",
        "-main", "HEAD", "a~b", "a^b", "a@{b", "@", "a\\b", "a?b", "a*b", "a[b", "localhost",
        "localhost:5000", "reg:5000", "a.b:65536", "a.b:1", "ssh-ed25519 AAAA",
        "ssh-rsa AAAAB3NzaC1yc2E= a", "ssh-ed25519", "bp-harbor", "harbor", "app.kubernetes.io/name",
        "a/b/c", "/name", "openova", "catalyst", "omantel", "kube-system", "default", "system", "www",
        "admin", "api", "e", "euw", "x86",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4g",
    ].map(str::to_owned).into();
    texts.extend(LENGTHS.map(|n| "a".repeat(n)));
    texts.extend([63, 64].map(|n| format!("{}.bbb", "a".repeat(n))));
    texts
}
