//! Which words with dots are names of hosts: class names, files, fields and versions look like them.

use sovereign_text::key_hint::is_among;

/// The country codes of the DNS but for `id`, which is the name of a field far more often than Indonesia.
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs
    bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj
    fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu ie il im in io iq ir is it je
    jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq
    mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re
    ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt
    tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";
/// Endings without a country: those that services have, those that networks inside have, and the one of examples. There
/// are a thousand more, most of them words that stand at the end of names of every kind.
const OTHERS: &str =
    "app arpa asia aws biz cloud com corp dev digital edu example goog google gov info int internal
    intranet lan local mil net online org site software tech works world xyz";
/// Endings that files and fields have too, and small words: they make a host of three labels, not of two.
const AMBIGUOUS: &str =
    "as at br by bz cc do in info internal is local md mk ml mm my pl pm ps pt py rs sh so tf to";
/// Endings of files that are no endings of hosts.
const FILES: &str =
    "bin cfg conf crt css csv db env exe gz html ini jar jks js json key lock log lua pem pid sql tar
    tgz tmpl toml tpl ts txt war xml yaml yml";
/// How names of classes begin: with a domain, the other way round.
const REVERSED: &str = "com io net org";
/// How classes of the language itself begin.
const LANGUAGE: &str = "java javax jdk sun";
/// What no name of a class ends in.
const NEVER_REVERSED: &str = "com net org";

/// Returns whether a text has the form of a host's name with a dot in it: labels of letters, digits and
/// hyphens, the last one of letters. Files have it too and are none.
pub(super) fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let ends = |c: char| c.is_ascii_alphanumeric();
        label.len() <= 63
            && label.starts_with(ends)
            && label.ends_with(ends)
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let Some((_, last)) = text.rsplit_once('.') else { return false };
    let is_ending = last.len() > 1 && last.bytes().all(|b| b.is_ascii_alphabetic());
    (is_ending || last.starts_with("xn--")) && !is_among(FILES, last) && text.split('.').all(is_label)
}

/// Returns whether a name with dots is that of a host because its key says so.
pub(super) fn is_host_by_key(name: &str) -> bool {
    is_name(name) && (has_known_ending(name) || labels(name) > 2)
}

/// Returns whether a name with dots is that of a host though nothing says so.
pub(super) fn is_host_by_itself(name: &str) -> bool {
    let is_short = labels(name) == 2 && is_among(AMBIGUOUS, ending(name));
    let is_lower = !name.bytes().any(|b| b.is_ascii_uppercase());
    is_lower && is_name(name) && has_known_ending(name) && !is_short && !is_class(name)
}

fn is_class(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    is_among(LANGUAGE, first) || (is_among(REVERSED, first) && !is_among(NEVER_REVERSED, ending(name)))
}

fn has_known_ending(name: &str) -> bool {
    let ending = ending(name);
    ending.starts_with("xn--") || is_among(COUNTRIES, ending) || is_among(OTHERS, ending)
}

fn ending(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

fn labels(name: &str) -> usize {
    name.split('.').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_other_names_with_dots() {
        for host in
            ["smtp.gmail.com", "nvcr.io", "get.helm.sh", "dev.azure.com", "io.adafruit.com", "a.xn--p1ai"]
        {
            assert!(is_host_by_itself(host), "{host}");
        }
        for other in [
            "org.apache.kafka.common.network",
            "org.apache.commons.io",
            "io.netty.util",
            "com.example",
            "java.net",
            "org.apache.kafka.X",
            "Main.app",
            "init.sh",
            "main.py",
            "valid.to",
            "ca.crt",
            "values.yaml",
            "metadata.name",
            "service.instance.id",
            "limits.cpu",
            "1.27.3",
            "v1.2.io1",
            "redis.cache",
            "app",
        ] {
            assert!(!is_host_by_itself(other), "{other}");
        }
    }

    #[test]
    fn a_key_makes_hosts_of_endings_that_nobody_knows() {
        for (name, expected) in [
            ("mail.corp.ministry", true),
            ("bun.sh", true),
            ("Smtp.Gmail.Com", true),
            ("redis.cache", false),
            ("tls.server.crt", false),
        ] {
            assert_eq!(is_host_by_key(name), expected, "{name}");
        }
    }
}
