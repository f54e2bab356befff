//! What Organizations, Environments and Applications are described with: the patterns of their resources.

use super::Malformed;
use super::text::{self, Checked, part, text};

/// The name of the vCluster of every Organization: it lives in the Organization's own namespace.
pub const VCLUSTER: &str = "vcluster";
/// The directory of Organizations, in that of a region and in that of the zone.
pub const TENANTS: &str = "tenants";
/// The key of a client secret whose reference names none (schema of Organization).
pub const CLIENT_SECRET: &str = "client-secret";

text! {
    /// The name of an Application: a label of the DNS that begins with a letter, since it is one in its host name.
    AppName, "the name of an Application", "marketing-site",
    |text| text::word(text, 1, 63),
    text::word_schema(1, 63)
}

text! {
    /// The name of an Application resource: that of the application, or `<name>-<env>` with four letters at most.
    AppResource, "the name of an Application resource", "marketing-site-stg",
    |text| text::word(text, 1, 68),
    text::word_schema(1, 68)
}

text! {
    /// An Application resource with the Organization that it belongs to.
    AppPlace, "an Organization and the name of an Application resource", "acme/shop",
    |text| {
        text::length(text, 1, usize::MAX)?;
        let Some(slash) = text.find('/') else {
            return Err(Malformed::new("is not `<organization>/<application>`"));
        };
        part(text, 0..slash, |slug| text::word(slug, 3, 32))?;
        part(text, slash + 1..text.len(), |name| text::word(name, 1, 68))
    },
    text::schema_of_both(
        "^[a-z]([a-z0-9-]*[a-z0-9])?/[a-z]([a-z0-9-]*[a-z0-9])?$",
        "^[^/]{3,32}/[^/]{1,68}$",
        5,
        101,
    )
}

text! {
    /// A blueprint of any catalogue, as the Application resource has it: the kit knows those of the platform only.
    AppBlueprint, "the full name of a blueprint", "bp-wordpress",
    |text| {
        text::length(text, 1, usize::MAX)?;
        let Some(bare) = text.strip_prefix("bp-").filter(|bare| !bare.is_empty()) else {
            let meant = format!("bp-{text}");
            let bad = Malformed::new("does not begin with `bp-` and a name");
            return Err(if text::word(text, 2, 63).is_ok() { bad.meant(meant) } else { bad });
        };
        part(text, 3..3 + bare.len(), |bare| text::word(bare, 2, 63))
    },
    text::schema("^bp-[a-z]([a-z0-9-]*[a-z0-9])?$", 5, 66)
}

text! {
    /// The version of an Application's blueprint: three numbers and perhaps a pre-release in lower case.
    AppVersion, "an exact version", "1.3.0",
    app_version,
    text::schema("^(0|[1-9][0-9]{0,8})(\\.(0|[1-9][0-9]{0,8})){2}(-[a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$", 5, 128)
}

text! {
    /// The id of an instance, which never changes.
    InstanceId, "an id of 4 to 32 lower-case letters and digits", "a1b2c3",
    |text| {
        text::length(text, 1, usize::MAX)?;
        text::only(text, "lower-case letters and digits", text::is_lower_alnum)?;
        text::length(text, 4, 32)
    },
    text::schema("^[a-z0-9]*$", 4, 32)
}

text! {
    /// How the objects of an Application are called; the platform reads it.
    NamingTemplate, "a naming template", "{org}-{app}",
    |text| {
        text::length(text, 1, 256)?;
        text::only(text, "printable ASCII characters other than a space", |c| c.is_ascii_graphic())
    },
    text::schema("^[!-~]+$", 1, 256)
}

text! {
    /// A recovery objective, as the Application resource writes it: at most four digits.
    Recovery, "an objective of at most four digits", "60s",
    |text| period(text, 4, "smh", "`s`, `m` or `h`"),
    text::schema("^(0|[1-9][0-9]{0,3})(s|m|h)$", 2, 5)
}

text! {
    /// How long a secret lives, or may be used after its time.
    Lifetime, "a lifetime", "90d",
    |text| period(text, 6, "smhd", "`s`, `m`, `h` or `d`"),
    text::schema("^(0|[1-9][0-9]{0,5})(s|m|h|d)$", 2, 7)
}

text! {
    /// A word that a platform's controller knows: a kind of secret, a claim of a token.
    Word, "a word", "database-password",
    |text| {
        text::length(text, 1, 253)?;
        let ok = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
        text::only(text, "letters, digits and `-_.:/`", ok)
    },
    text::schema("^[-_.:/A-Za-z0-9]+$", 1, 253)
}

text! {
    /// The path that a health check asks for.
    HealthPath, "a path", "/healthz",
    |text| {
        text::length(text, 1, 1024)?;
        text::only(text, "printable ASCII characters other than a space", |c| c.is_ascii_graphic())?;
        if text.starts_with('/') { Ok(()) } else { Err(Malformed::new("does not begin with a slash")) }
    },
    text::schema("^/[!-~]*$", 1, 1024)
}

text! {
    /// The name of a container's port, as Kubernetes has it (RFC 6335): a number is written without quotes.
    PortName, "the name of a port", "http",
    |text| {
        text::label(text, 15)?;
        if !text.contains(|c: char| c.is_ascii_lowercase()) {
            return Err(Malformed::new("has no letter; a number stands without quotes"));
        }
        match text.find("--") {
            Some(at) => Err(Malformed::new("has two dashes in a row").at(at..at + 2)),
            None => Ok(()),
        }
    },
    text::schema("^(?!.*--)(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 1, 15)
}

text! {
    /// The name under which others know a policy: one line of any characters.
    PolicyName, "the name of a policy", "disallow-latest-tag",
    |text| {
        text::length(text, 1, 253)?;
        text::only(text, "characters that can be shown", |c| !c.is_control())?;
        text::edges(text, |c| c != ' ', |c| c != ' ')
    },
    text::schema(
        "^[^\\u0000-\\u0020\\u007f-\\u009f]([^\\u0000-\\u001f\\u007f-\\u009f]*[^\\u0000-\\u0020\\u007f-\\u009f])?$",
        1,
        253,
    )
}

fn app_version(text: &str) -> Checked {
    text::length(text, 1, 128)?;
    let (numbers, release) =
        text.split_once('-').map_or((text, None), |(numbers, rest)| (numbers, Some(rest)));
    let exact = |number: &str| number.len() <= 9 && text::number(number, u32::MAX).is_some();
    let parts: Vec<_> = numbers.split('.').collect();
    if parts.len() != 3 || !parts.iter().all(|number| exact(number)) {
        return Err(Malformed::new("is not three numbers with dots between").at(0..numbers.len()));
    }
    let Some(release) = release else { return Ok(()) };
    part(text, text.len() - release.len()..text.len(), |release| {
        text::length(release, 1, usize::MAX)?;
        let ok = |c: char| text::is_lower_alnum(c) || c == '.' || c == '-';
        text::only(release, "lower-case letters, digits, dots and dashes", ok)?;
        text::edges(release, text::is_lower_alnum, text::is_lower_alnum)
    })
}

/// Returns a whole number of at most so many digits, and a unit.
fn period(text: &str, most: usize, units: &str, listed: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    let (count, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    if count.is_empty() {
        return Err(Malformed::new("does not begin with a number"));
    }
    if unit.len() != 1 || !units.contains(unit) {
        return Err(Malformed::new(format!("does not end with {listed}")).at(count.len()..text.len()));
    }
    if count.len() > 1 && count.starts_with('0') {
        return Err(Malformed::new("begins with a zero").at(0..1));
    }
    if count.len() > most {
        return Err(Malformed::new(format!("has more than {most} digits")).at(most..count.len()));
    }
    Ok(())
}

/// Returns the slug of the Organization that a file in a directory of the tree is of; `None` for what all of a bucket, or
/// of the Sovereign, have in common.
pub fn owner<'n>(directory: &str, name: &'n str) -> Option<&'n str> {
    let (above, _) = directory.rsplit_once('/')?;
    let (slug, end) = name.split_once('.')?;
    // What lists a bucket, and what applies it, ends right behind its name.
    (above.split_once('/').is_some_and(|(_, below)| below == TENANTS) && end != "yaml").then_some(slug)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn names_of_applications_begin_host_names() {
        agree::<AppName>(
            &["a", "blog", "a-1", &"a".repeat(63)],
            &["", "1a", "a-", "A", "a.b", &"a".repeat(64)],
        );
        let (most, over) = (format!("bp-{}", "a".repeat(63)), format!("bp-{}", "a".repeat(64)));
        agree::<AppBlueprint>(
            &["bp-wordpress", "bp-ab", &most],
            &["", "bp-", "bp-a", "wordpress", "bp-1a", &over],
        );
        assert_eq!(fault::<AppBlueprint>("wordpress"), ("wordpress", Some("bp-wordpress".into())));
    }

    #[test]
    fn versions_are_those_of_the_resource() {
        agree::<AppVersion>(
            &["1.3.0", "0.0.1", "1.0.0-rc.1", "123456789.0.0"],
            &["", "1.3", "v1.3.0", "1.3.0-", "1.3.0-RC1", "1.3.0+b", "01.3.0", "1.3.0.1", "1234567890.0.0"],
        );
        agree::<InstanceId>(&["a1b2", &"a".repeat(32)], &["", "abc", "A1b2", "a-bc", &"a".repeat(33)]);
        agree::<NamingTemplate>(&["{org}-{app}", "a"], &["", "a b", "ä", &"a".repeat(257)]);
    }

    #[test]
    fn periods_are_a_number_and_a_unit() {
        agree::<Recovery>(&["0s", "60s", "9999h"], &["", "s", "60", "060s", "10000s", "1d", "1h1m", "-1s"]);
        agree::<Lifetime>(&["0s", "90d", "999999h"], &["", "d", "90", "090d", "1000000d", "1w"]);
    }

    #[test]
    fn resources_are_called_after_applications_and_environments() {
        agree::<AppResource>(
            &["a", "shop-stg", &format!("{}-prod", "a".repeat(63))],
            &["", "1a", "a-", "A", "a/b", &"a".repeat(69)],
        );
        let of = |org, app| format!("{}/{}", "a".repeat(org), "a".repeat(app));
        agree::<AppPlace>(
            &["acme/shop", "a-1/b", "acme/shop-stg", &of(3, 1), &of(32, 68)],
            &[
                "",
                "acme",
                "/",
                "acme/",
                "/shop",
                "acme/shop/a",
                "Acme/shop",
                "acme/-",
                &of(2, 1),
                &of(33, 1),
                &of(3, 69),
            ],
        );
        assert_eq!(fault::<AppPlace>("acme/Shop"), ("S", Some("acme/shop".into())));
    }

    #[test]
    fn ports_have_names_with_a_letter() {
        agree::<PortName>(
            &["http", "a", "8080-tcp", &"a".repeat(15)],
            &["", "8080", "-", "a-", "-a", "a--b", "HTTP", "a_b", &"a".repeat(16)],
        );
        assert_eq!(fault::<PortName>("a--b"), ("--", None));
        assert_eq!(fault::<PortName>("Http"), ("H", Some("http".into())));
    }

    #[test]
    fn policies_are_called_as_others_call_them() {
        agree::<PolicyName>(
            &["a", "disallow-latest-tag", "pod.security/Restricted: v1.30", "ä", &"a".repeat(253)],
            &["", " ", " a", "a ", "a\nb", "a\u{7f}", &"a".repeat(254)],
        );
    }

    #[test]
    fn words_and_paths_are_plain() {
        agree::<Word>(&["email", "given_name", "https://x.y/z", &"a".repeat(253)], &["", "a b", "ä", "a@b"]);
        agree::<HealthPath>(&["/", "/healthz?full=1"], &["", "healthz", "/a b", "/ä"]);
    }

    #[test]
    fn the_owner_of_a_file_is_read_from_its_path() {
        for (directory, name, slug) in [
            ("hel1/tenants/20a", "acme.namespace.yaml", Some("acme")),
            ("hel1/tenants/20a", "kustomization.quota.yaml", Some("kustomization")),
            ("dns/tenants/20a", "acme.zone", Some("acme")),
            ("dns/tenants/20a", "acme.aliases.zone", Some("acme")),
            ("hel1/tenants/20a", "kustomization.yaml", None),
            ("hel1/tenants/0", "tenants-20a.yaml", None),
            ("hel1/releases", "01-cilium.values.yaml", None),
            ("", "README.md", None),
        ] {
            assert_eq!(owner(directory, name), slug, "{directory}/{name}");
        }
    }
}
