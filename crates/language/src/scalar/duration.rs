//! Lengths of time: of objectives and leases, and of keeping backups.

mod bounded;

use std::fmt;

use serde_json::Value as Json;

use super::text::{self, Checked};
use super::{Malformed, Scalar};
pub use bounded::{FluxPeriod, LeaseRenewal, LeaseTtl, Objective, ProbeInterval, ProbeTimeout};

/// The units of a duration, each with the most digits before it: Go, which reads them, counts nanoseconds in 64 bits, and
/// takes no more than 2,562,047 hours.
const UNITS: [(&str, usize); 3] = [("s", 9), ("m", 8), ("h", 6)];
/// The same of a retention, which becomes hours.
const OF_RETENTIONS: [(&str, usize); 3] = [("h", 6), ("d", 5), ("w", 4)];

/// A length of time, as the Continuum resource and Flux write it: `30s`, `5m`, `2h`. Never zero. Ordered by length.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration {
    seconds: u64,
    text: String,
}

impl Duration {
    /// Returns the length in seconds.
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scalar for Duration {
    const NAME: &'static str = "a duration";
    const EXAMPLE: &'static str = "30s";

    fn schema() -> Json {
        text::schema("^[1-9]([0-9]{0,8}s|[0-9]{0,7}m|[0-9]{0,5}h)$", 2, 10)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        text::check(text, |text| check(text, &UNITS, "`s`, `m` or `h`"))?;
        let (count, unit) = split(text);
        let seconds = match unit {
            "h" => 3600,
            "m" => 60,
            _ => 1,
        };
        Ok(Self { seconds: count.parse().unwrap_or(0) * seconds, text: text.to_owned() })
    }
}

/// How long a backup is kept: `12h`, `30d`, `8w`. Never zero. Ordered by length.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retention {
    hours: u64,
    text: String,
}

impl Retention {
    /// Returns the length in hours, the unit of Velero's schedules.
    pub fn hours(&self) -> u64 {
        self.hours
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scalar for Retention {
    const NAME: &'static str = "a retention";
    const EXAMPLE: &'static str = "30d";

    fn schema() -> Json {
        text::schema("^[1-9]([0-9]{0,5}h|[0-9]{0,4}d|[0-9]{0,3}w)$", 2, 7)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        text::check(text, |text| check(text, &OF_RETENTIONS, "`h`, `d` or `w`"))?;
        let (count, unit) = split(text);
        let hours = match unit {
            "w" => 7 * 24,
            "d" => 24,
            _ => 1,
        };
        Ok(Self { hours: count.parse().unwrap_or(0) * hours, text: text.to_owned() })
    }
}

/// Returns the digits, and what follows them.
fn split(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn check(text: &str, units: &[(&str, usize)], listed: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    let (count, unit) = split(text);
    let most = |unit: &str| units.iter().find(|(known, _)| *known == unit).map(|(_, most)| *most);
    if count.is_empty() {
        return Err(Malformed::new("does not begin with a number"));
    }
    let significant = count.trim_start_matches('0');
    let meant = |count: &str, unit: &str| {
        let right = most(unit).is_some_and(|most| (1..=most).contains(&count.len()));
        right.then(|| format!("{count}{unit}"))
    };
    let mut bad = if unit.is_empty() {
        Malformed::new(format!("has no unit; it ends with {listed}"))
    } else if most(unit).is_none() {
        let mut bad = Malformed::new(format!("has the unit `{unit}`, but only {listed} can be used"));
        bad.meant = spelled(significant, unit, units).and_then(|(count, unit)| meant(&count, unit));
        bad.at(count.len()..text.len())
    } else if significant.is_empty() {
        Malformed::new("is zero").at(0..count.len())
    } else if significant.len() < count.len() {
        let mut bad = Malformed::new("begins with a zero").at(0..count.len() - significant.len());
        bad.meant = meant(significant, unit);
        bad
    } else if let Some(most) = most(unit).filter(|most| count.len() > *most) {
        Malformed::new(format!("has more than {most} digits before `{unit}`")).at(most..count.len())
    } else {
        return Ok(());
    };
    bad.at = bad.at.or(Some(text.len()..text.len()).filter(|_| unit.is_empty()));
    Err(bad)
}

/// Other ways to write a unit. Days are spelled out as hours where there is no unit for them.
fn spelled(count: &str, unit: &str, units: &[(&str, usize)]) -> Option<(String, &'static str)> {
    let unit = match unit.trim().to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" if units.iter().any(|(known, _)| *known == "d") => "d",
        "d" | "day" | "days" => return Some((count.parse::<u64>().ok()?.checked_mul(24)?.to_string(), "h")),
        "w" | "week" | "weeks" => "w",
        _ => return None,
    };
    Some((count.to_owned(), unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn durations_are_whole_numbers_of_seconds_minutes_or_hours() {
        agree::<Duration>(
            &["1s", "30s", "5m", "2h", "999999999s", "99999999m", "999999h"],
            &[
                "",
                "s",
                "30",
                "0s",
                "00m",
                "05m",
                "1d",
                "1.5h",
                "-1s",
                "1h30m",
                "30 s",
                "1minute",
                "fast",
                "1000000000s",
                "100000000m",
                "1000000h",
                "1S",
            ],
        );
        let seconds = |text| Duration::parse(text).expect("a duration").seconds();
        assert_eq!([seconds("90s"), seconds("5m"), seconds("2h")], [90, 300, 7200]);
        // The longest ones are those that Go still reads.
        assert!(
            ["999999999s", "99999999m", "999999h"]
                .map(seconds)
                .iter()
                .all(|n| *n < (1 << 63) / 1_000_000_000)
        );
        assert!(Duration::parse("90s").ok() > Duration::parse("1m").ok(), "ordered by length");
        assert_eq!(Duration::parse("90s").expect("a duration").to_string(), "90s");
    }

    #[test]
    fn what_was_meant_is_offered_if_only_one_thing_can_be() {
        assert_eq!(fault::<Duration>("1minute"), ("minute", Some("1m".into())));
        assert_eq!(fault::<Duration>("2d"), ("d", Some("48h".into())));
        assert_eq!(fault::<Duration>("05m"), ("0", Some("5m".into())));
        assert_eq!(fault::<Duration>("5M"), ("M", Some("5m".into())));
        assert_eq!(fault::<Duration>("30"), ("", None));
        assert_eq!(fault::<Duration>("0s"), ("0", None));
        assert_eq!(fault::<Duration>("1h30m"), ("h30m", None));
        assert_eq!(fault::<Retention>("30days"), ("days", Some("30d".into())));
    }

    #[test]
    fn retentions_are_whole_numbers_of_hours_days_or_weeks() {
        agree::<Retention>(
            &["1h", "30d", "8w", "999999h", "99999d", "9999w"],
            &["", "d", "30", "0d", "030d", "30m", "1y", "1000000h", "100000d", "10000w", "30 d"],
        );
        let hours = |text| Retention::parse(text).expect("a retention").hours();
        assert_eq!([hours("12h"), hours("30d"), hours("2w")], [12, 720, 336]);
        assert!(["99999d", "9999w"].map(hours).iter().all(|n| *n < 2_562_047), "Go reads them");
    }
}
