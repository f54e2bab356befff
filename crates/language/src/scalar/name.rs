//! Names of the kit and of the tree: blueprints, releases, slots, charts, files and paths of values.

use super::Malformed;
use super::identity::{subdomain, subdomain_schema};
use super::text::{self, Checked, part, parts, text};

/// The beginning of every blueprint's full name.
const PREFIX: &str = "bp-";
/// The longest bare name of a blueprint.
const MOST: usize = 50;

text! {
    /// A blueprint's name without `bp-`, as in `[blueprint.harbor]`.
    BlueprintName, "the name of a blueprint without `bp-`", "harbor",
    bare_name,
    text::schema("^(?!bp-)[a-z]([a-z0-9-]*[a-z0-9])?$", 1, MOST)
}

impl BlueprintName {
    /// With `bp-`, as the chart and the HelmRelease are called.
    pub fn with_prefix(&self) -> BpName {
        BpName(format!("{PREFIX}{}", self.0))
    }
}

text! {
    /// A blueprint's full name, as kits and Blueprint resources write it.
    BpName, "the full name of a blueprint", "bp-harbor",
    |text| {
        text::length(text, 1, usize::MAX)?;
        if text.starts_with(PREFIX) && text.len() > PREFIX.len() {
            return part(text, PREFIX.len()..text.len(), bare_name);
        }
        let meant = format!("{PREFIX}{text}");
        let bad = Malformed::new("does not begin with `bp-` and a name");
        Err(if bare_name(text).is_ok() { bad.meant(meant) } else { bad })
    },
    text::schema("^bp-(?!bp-)[a-z]([a-z0-9-]*[a-z0-9])?$", 1 + PREFIX.len(), MOST + PREFIX.len())
}

impl BpName {
    /// Without `bp-`.
    pub fn bare(&self) -> BlueprintName {
        BlueprintName(self.0.strip_prefix(PREFIX).unwrap_or(&self.0).to_owned())
    }
}

text! {
    /// The name of a HelmRelease: a DNS subdomain (RFC 1123). Helm's limit of 53 characters counts the namespace
    /// too in some cases, so it is checked where the release is planned.
    ReleaseName, "the name of a release", "bp-harbor",
    subdomain,
    subdomain_schema()
}

text! {
    /// The place of a blueprint in the bootstrap order: two digits, and a letter for what was put in between. Slots
    /// are ordered by number, then by letter.
    Slot, "a slot", "05a",
    |text| {
        text::length(text, 1, usize::MAX)?;
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let letter = &text[digits..];
        if digits != 2 {
            let bad = Malformed::new("does not begin with exactly two digits").at(0..digits);
            let padded = format!("0{text}");
            return Err(if digits == 1 && slot_letter(letter) { bad.meant(padded) } else { bad });
        }
        if slot_letter(letter) {
            return Ok(());
        }
        Err(Malformed::new("has more after the digits than one lower-case letter").at(digits..text.len()))
    },
    text::schema("^[0-9]{2}[a-z]?$", 2, 3)
}

text! {
    /// A kit, named after the month it was made in.
    KitName, "the name of a kit", "2026.05",
    |text| {
        text::length(text, 1, usize::MAX)?;
        text::only(text, "a year, a dot and a month", |c| c.is_ascii_digit() || c == '.')?;
        let Some((year, month)) = text.split_once('.') else {
            return Err(Malformed::new("has no dot between year and month"));
        };
        if year.len() != 4 {
            return Err(Malformed::new("has a year that is not of four digits").at(0..year.len()));
        }
        if matches!(month.as_bytes(), [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2']) {
            return Ok(());
        }
        let bad = Malformed::new("has a month that is not `01` to `12`").at(5.min(text.len())..text.len());
        let single = month.len() == 1 && month != "0" && month != ".";
        Err(if single { bad.meant(format!("{year}.0{month}")) } else { bad })
    },
    text::schema("^[0-9]{4}\\.(0[1-9]|1[0-2])$", 7, 7)
}

text! {
    /// The name of a kit of one's own. It begins with a letter, as no kit of the program does.
    OwnKitName, "the name of a kit of one's own", "acme-2026.11",
    |text| {
        text::length(text, 1, usize::MAX)?;
        let ok = |c: char| text::is_lower_alnum(c) || "-.".contains(c);
        text::only(text, "lower-case letters, digits, dots and dashes", ok)?;
        text::edges(text, |c| c.is_ascii_lowercase(), text::is_lower_alnum)?;
        text::length(text, 1, 63)
    },
    text::schema("^[a-z]([-.a-z0-9]*[a-z0-9])?$", 1, 63)
}

text! {
    /// The name of an input of a kit. Expressions write it with underscores in the place of dashes.
    InputName, "the name of an input", "shop-host",
    |text| text::word(text, 1, MOST),
    text::schema("^[a-z]([a-z0-9-]*[a-z0-9])?$", 1, MOST)
}

impl InputName {
    /// Returns the name by which expressions read it: `input.shop_host`.
    pub fn in_expressions(&self) -> String {
        format!("input.{}", self.fact())
    }

    /// Returns its name among the facts.
    pub fn fact(&self) -> String {
        self.0.replace('-', "_")
    }
}

text! {
    /// The name of a repository of charts, in a kit of one's own.
    RepositoryName, "the name of a repository", "harbour-charts",
    |text| text::word(text, 1, MOST),
    text::schema("^[a-z]([a-z0-9-]*[a-z0-9])?$", 1, MOST)
}

text! {
    /// The name of a Helm chart, as the last part of its OCI repository.
    ChartName, "the name of a chart", "bp-harbor",
    |text| {
        text::length(text, 1, usize::MAX)?;
        let ok = |c: char| text::is_lower_alnum(c) || "-._".contains(c);
        text::only(text, "lower-case letters, digits, dots, dashes and underscores", ok)?;
        text::edges(text, text::is_lower_alnum, text::is_lower_alnum)?;
        text::length(text, 1, 128)
    },
    text::schema("^[a-z0-9]([-._a-z0-9]*[a-z0-9])?$", 1, 128)
}

impl ChartName {
    /// Returns the chart of a blueprint that does not name one: it is called like the blueprint.
    pub fn of_blueprint(blueprint: &BpName) -> Self {
        Self(blueprint.as_str().to_owned())
    }
}

text! {
    /// The id that the provisioner gives a deployment (domain table of the provisioner's request).
    DeploymentId, "a deployment id of 16 lower-case hexadecimal digits", "0123456789abcdef",
    |text| {
        let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        text::length(text, 1, usize::MAX)?;
        text::only(text, "the digits 0-9 and a-f", hex)?;
        text::length(text, 16, 16)
    },
    text::schema("^[0-9a-f]*$", 16, 16)
}

text! {
    /// The id of an account or of a namespace at Cloudflare.
    CloudflareId, "an id of Cloudflare", "0f2ac74b498b48028cb68387c421e279",
    |text| {
        text::length(text, 1, 64)?;
        let ok = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        text::only(text, "letters, digits, dashes and underscores", ok)
    },
    text::schema("^[-_A-Za-z0-9]+$", 1, 64)
}

text! {
    /// The path of a file in a container.
    FilePath, "an absolute path", "/openbao/data",
    |text| {
        text::length(text, 1, 256)?;
        let ok = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        text::only(text, "letters, digits, slashes, dots, dashes and underscores", ok)?;
        if text.starts_with('/') { Ok(()) } else { Err(Malformed::new("does not begin with a slash")) }
    },
    text::schema("^/[-_./A-Za-z0-9]*$", 1, 256)
}

text! {
    /// A path that stays inside the directory it starts from, and is the same on every system.
    RelPath, "a relative path", "blueprints",
    rel_path,
    {
        let component = "(?!\\.{1,2}(/|$))[^/\\\\\\u0000-\\u001f\\u007f-\\u009f]+";
        text::schema(format!("^{component}(/{component})*$"), 1, 1024)
    }
}

impl RelPath {
    /// Returns the names between the slashes.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

text! {
    /// The way to one value of a chart: keys between dots, with `[n]` for an element of a list.
    ValuePath, "a path of values", "global.imageRegistry",
    value_path,
    {
        let step = "[A-Za-z0-9_-]+(\\[(0|[1-9][0-9]{0,3})\\])*";
        text::schema(format!("^{step}(\\.{step})*$"), 1, 512)
    }
}

/// One step of a [`ValuePath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step<'a> {
    /// Into a table.
    Key(&'a str),
    /// Into a list, from 0.
    Index(usize),
}

impl ValuePath {
    /// Returns the keys from the outside in, without indices.
    pub fn keys(&self) -> Vec<&str> {
        let key = |step| if let Step::Key(key) = step { Some(key) } else { None };
        self.steps().filter_map(key).collect()
    }

    /// From the outside in.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.0.split(['.', '[']).map(|step| match step.strip_suffix(']') {
            Some(index) => Step::Index(index.parse().unwrap_or(usize::MAX)),
            None => Step::Key(step),
        })
    }
}

fn bare_name(text: &str) -> Checked {
    if let Some(bare) = text.strip_prefix(PREFIX) {
        let bad = Malformed::new("begins with `bp-`, which is added by itself").at(0..PREFIX.len());
        return Err(if bare_name(bare).is_ok() { bad.meant(bare) } else { bad });
    }
    text::word(text, 1, MOST)
}

fn slot_letter(text: &str) -> bool {
    text.is_empty() || text.len() == 1 && text.bytes().all(|b| b.is_ascii_lowercase())
}

fn rel_path(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    let bare = text.trim_start_matches("./").trim_end_matches('/');
    let meant = |bad: Malformed| {
        if bare != text && rel_path(bare).is_ok() { bad.meant(bare) } else { bad }
    };
    if text.starts_with('/') {
        return Err(Malformed::new("begins with a slash, so it is not relative").at(0..1));
    }
    if let Some(at) = text.find('\\') {
        return Err(Malformed::new("has a backslash; write `/`").at(at..at + 1));
    }
    text::only(text, "characters that can be shown", |c| !c.is_control())?;
    for range in parts(text, '/') {
        let reason = match &text[range.clone()] {
            "" => "has a slash too many",
            "." => "has a part `.`",
            ".." => "leaves its directory with `..`",
            _ => continue,
        };
        let at = if range.is_empty() { range.start - 1..range.start } else { range };
        return Err(meant(Malformed::new(reason).at(at)));
    }
    text::length(text, 1, 1024)
}

fn value_path(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    for range in parts(text, '.') {
        let step = &text[range.clone()];
        let key = step.find('[').unwrap_or(step.len());
        if key == 0 {
            let at = range.start.min(text.len() - 1);
            let next = text[at..].chars().next().map_or(0, char::len_utf8);
            return Err(Malformed::new("has a step without a key").at(at..at + next));
        }
        part(text, range.start..range.start + key, |key| {
            let ok = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            text::only(key, "letters, digits, dashes and underscores", ok)
        })?;
        let mut at = range.start + key;
        while at < range.end {
            let index = text[at..range.end].strip_prefix('[').and_then(|rest| rest.split_once(']'));
            match index {
                Some((index, _)) if text::number(index, 9999).is_some() => at += index.len() + 2,
                _ => return Err(Malformed::new("has an index that is not `[n]`").at(at..range.end)),
            }
        }
    }
    text::length(text, 1, 512)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Scalar;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn blueprints_have_a_bare_and_a_full_name() {
        let (most, over) = ("a".repeat(50), "a".repeat(51));
        agree::<BlueprintName>(
            &["a", "harbor", "cert-manager", "bp", "bpx", &most],
            &["", "bp-harbor", "bp-", "bp-1", "1a", "a-", "A", "a_b", "a.b", &over],
        );
        let (most, over) = (format!("bp-{most}"), format!("bp-{over}"));
        agree::<BpName>(
            &["bp-a", "bp-cert-manager", "bp-k8s-ccm", &most],
            &["", "bp-", "bp", "harbor", "bp-bp-a", "bp--a", "bp-a-", "bp-A", &over],
        );
        assert_eq!(fault::<BlueprintName>("bp-harbor"), ("bp-", Some("harbor".into())));
        assert_eq!(fault::<BpName>("harbor"), ("harbor", Some("bp-harbor".into())));
        assert_eq!(fault::<BpName>("bp-Harbor"), ("H", Some("bp-harbor".into())));
        let bare = BlueprintName::parse("harbor").expect("a name");
        assert_eq!(bare.with_prefix().as_str(), "bp-harbor");
        assert_eq!(bare.with_prefix().bare(), bare);
    }

    #[test]
    fn slots_are_ordered_by_number_and_letter() {
        agree::<Slot>(
            &["00", "05", "05a", "62", "99z"],
            &["", "5", "5a", "005", "05A", "05aa", "a5", "05-", "0a", "é"],
        );
        let mut slots: Vec<_> =
            ["16b", "16", "05a", "05", "16a"].iter().filter_map(|s| Slot::parse(s).ok()).collect();
        slots.sort();
        assert_eq!(slots.iter().map(Slot::as_str).collect::<Vec<_>>(), ["05", "05a", "16", "16a", "16b"]);
        assert_eq!(fault::<Slot>("5"), ("5", Some("05".into())));
        assert_eq!(fault::<Slot>("05A"), ("A", Some("05a".into())));
        assert_eq!(fault::<Slot>("05ab"), ("ab", None));
    }

    #[test]
    fn kits_are_named_after_months() {
        agree::<KitName>(
            &["2026.05", "2026.12", "0000.01"],
            &["", "2026", "2026.5", "2026.00", "2026.13", "26.05", "2026-05", "2026.051", "2026..5"],
        );
        assert_eq!(fault::<KitName>("2026.5"), ("5", Some("2026.05".into())));
        assert_eq!(fault::<KitName>("2026.13"), ("13", None));
        assert_eq!(fault::<KitName>("2026-05"), ("-", None));
    }

    #[test]
    fn releases_and_charts_are_names() {
        let of = |n| "a".repeat(n);
        agree::<ReleaseName>(
            &["a", "bp-harbor", "a.b", &of(253)],
            &["", "A", "-a", "a-", "a..b", "a_b", &of(254)],
        );
        agree::<ChartName>(
            &["a", "bp-harbor", "a_b.c", "0a", &of(128)],
            &["", "A", "-a", "a.", "a/b", "ä", &of(129)],
        );
        assert_eq!(fault::<ChartName>("Harbor"), ("H", Some("harbor".into())));
    }

    #[test]
    fn deployment_ids_are_sixteen_digits() {
        agree::<DeploymentId>(&["0123456789abcdef"], &["", "0123456789ABCDEF", "0123456789abcde", "xyz"]);
    }

    #[test]
    fn ids_of_cloudflare_and_paths_in_containers_are_plain() {
        agree::<CloudflareId>(
            &["a", "0f2ac74b498b48028cb68387c421e279", "a-b_c"],
            &["", "a b", "a/b", &"a".repeat(65)],
        );
        agree::<FilePath>(&["/", "/openbao/data", "/a.b/c-d_e"], &["", "openbao", "/a b", "/ä", "/a:b"]);
    }

    #[test]
    fn paths_stay_inside() {
        let (most, over) = ("ä".repeat(1024), "ä".repeat(1025));
        agree::<RelPath>(
            &["a", "a/b.toml", "...", "a b", "ä/..c", ".hidden", "..a/b..", &most],
            &["", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/../b", "a/.", "a\\b", "a\nb", &over],
        );
        assert_eq!(fault::<RelPath>("./kits/"), (".", Some("kits".into())));
        assert_eq!(fault::<RelPath>("a/../b"), ("..", None));
        assert_eq!(fault::<RelPath>("a//b"), ("/", None));
        assert_eq!(fault::<RelPath>("a\\b"), ("\\", None));
        assert_eq!(fault::<RelPath>("/etc"), ("/", None));
        assert!(RelPath::parse("a/b").expect("a path").components().eq(["a", "b"]));
    }

    #[test]
    fn paths_of_values_are_keys_and_indices() {
        let (most, over) = ("a".repeat(512), "a".repeat(513));
        agree::<ValuePath>(
            &["a", "global.imageRegistry", "a[0]", "a[0][12].b-c.d_e[9999]", "0.1", &most],
            &[
                "", ".", "a.", ".a", "a..b", "[0]", "a[]", "a[01]", "a[10000]", "a[0", "a[0]b", "a]", "a b",
                "a[-1]", "a.[0]", &over,
            ],
        );
        let path = ValuePath::parse("a.b[2][0].c").expect("a path");
        let steps = [Step::Key("a"), Step::Key("b"), Step::Index(2), Step::Index(0), Step::Key("c")];
        assert!(path.steps().eq(steps));
        assert_eq!(fault::<ValuePath>("a.b[x].c"), ("[x]", None));
        assert_eq!(fault::<ValuePath>("a.b c"), (" ", None));
        assert_eq!(fault::<ValuePath>("a..b"), (".", None));
    }
}
