//! Which of two values is less: numbers, sizes, lengths of time, versions.

use serde_json::Value as Json;

use sovereign_language::scalar::{Quantity, Scalar as _};

/// Returns whether a value is less than it was. Values that cannot be compared are not.
pub(super) fn smaller(old: &Json, new: &Json) -> bool {
    amount(old).zip(amount(new)).is_some_and(|(old, new)| new < old)
}

/// Returns a number within two texts of JSON that is less than it was, by its key: what it was, and what it is.
pub(super) fn lowered(old: Option<&Json>, new: Option<&Json>) -> Option<(String, u64, u64)> {
    let read = |side: Option<&Json>| serde_json::from_str::<Json>(side?.as_str()?).ok();
    first_lowered("", &read(old)?, &read(new)?)
}

fn first_lowered(key: &str, old: &Json, new: &Json) -> Option<(String, u64, u64)> {
    match (old, new) {
        (Json::Number(old), Json::Number(new)) => {
            let (old, new) = (old.as_u64()?, new.as_u64()?);
            (new < old).then(|| (key.to_owned(), old, new))
        }
        (Json::Object(old), Json::Object(new)) => {
            old.iter().find_map(|(key, old)| first_lowered(key, old, new.get(key)?))
        }
        (Json::Array(old), Json::Array(new)) => {
            old.iter().zip(new).find_map(|(old, new)| first_lowered(key, old, new))
        }
        _ => None,
    }
}

/// Returns whether a version is older than it was. Versions that cannot be compared are not.
pub(super) fn older(old: &Json, new: &Json) -> bool {
    let version = |json: &Json| {
        let text = json.as_str()?.trim_start_matches('v');
        let version = semver::Version::parse(text).ok()?;
        // What follows `+` does not order versions, but that of k3s counts its builds.
        let build = version.build.as_str().strip_prefix("k3s").and_then(|build| build.parse::<u32>().ok());
        Some((version.major, version.minor, version.patch, version.pre, build))
    };
    version(old).zip(version(new)).is_some_and(|(old, new)| new < old)
}

/// Returns an amount in thousandths of its unit: seconds, bytes or pieces.
fn amount(json: &Json) -> Option<u128> {
    match json {
        Json::Number(number) => number.as_u64().map(|whole| u128::from(whole) * 1000),
        Json::String(text) => length(text).or_else(|| Some(Quantity::parse(text).ok()?.milli())),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Returns a length of time in thousandths of a second: `720h`, `30d`, `1h30m`. `m` alone could be a thousandth of something,
/// which is less than any of its whole: both sides of a comparison are read alike.
fn length(text: &str) -> Option<u128> {
    let (mut total, mut digits) = (0_u128, String::new());
    for c in text.chars() {
        if c.is_ascii_digit() && digits.len() < 12 {
            digits.push(c);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            'w' => 7 * 24 * 60 * 60,
            'y' => 365 * 24 * 60 * 60,
            _ => return None,
        };
        total += digits.parse::<u128>().ok()? * unit * 1000;
        digits.clear();
    }
    (digits.is_empty() && !text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn less_is_less_whatever_the_unit() {
        for (old, new) in [
            (json!(3), json!(1)),
            (json!("50Gi"), json!("10Gi")),
            (json!("1Ti"), json!("999Gi")),
            (json!("720h"), json!("24h")),
            (json!("30d"), json!("1d")),
            (json!("1w"), json!("6d")),
            (json!("1h30m"), json!("1h")),
        ] {
            assert!(smaller(&old, &new), "{old} {new}");
            assert!(!smaller(&new, &old) && !smaller(&old, &old), "{old} {new}");
        }
        assert!(!smaller(&json!("ten"), &json!("1Gi")) && !smaller(&json!(true), &json!(false)));
    }

    #[test]
    fn a_number_within_json_is_named_when_it_gets_less() {
        let text = |text: &str| json!(text);
        let (old, new) = (
            text(r#"{"rules": [{"keep": 10}, {"days": 30}]}"#),
            text(r#"{"rules": [{"keep": 10}, {"days": 1}]}"#),
        );
        assert_eq!(lowered(Some(&old), Some(&new)), Some(("days".to_owned(), 30, 1)));
        assert_eq!(lowered(Some(&new), Some(&old)), None);
        assert_eq!(lowered(Some(&old), None), None);
        assert_eq!(lowered(Some(&text("10")), Some(&json!(1))), None);
    }

    #[test]
    fn versions_are_older_by_their_numbers() {
        for (old, new) in [
            ("1.4.16", "0.0.1"),
            ("v1.31.4+k3s1", "v1.29.0+k3s1"),
            ("v1.31.4+k3s2", "v1.31.4+k3s1"),
            ("1.0.0", "1.0.0-rc.1"),
        ] {
            assert!(older(&json!(old), &json!(new)), "{old} {new}");
            assert!(!older(&json!(new), &json!(old)) && !older(&json!(old), &json!(old)), "{old} {new}");
        }
        assert!(!older(&json!("latest"), &json!("1.0.0")));
    }
}
