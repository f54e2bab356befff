//! Object storage and backup: bucket names, regions of a storage service, schedules.

use serde_json::json;

use super::{Grammar, Malformed};

/// A bucket name: `^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`, as the Hetzner and Huawei modules require.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket(String);

impl Bucket {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Grammar for Bucket {
    const NAME: &'static str = "a bucket name";
    const EXAMPLE: &'static str = "omantel-cold";

    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$" })
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        if !(3..=63).contains(&text.len()) {
            return Err(Malformed::new(format!("has {} characters; 3 to 63 are allowed", text.chars().count())));
        }
        let wrong = text
            .char_indices()
            .find(|&(n, c)| {
                let edge = n == 0 || n + c.len_utf8() == text.len();
                !(c.is_ascii_lowercase() || c.is_ascii_digit() || (c == '-' && !edge))
            });
        match wrong {
            Some((n, c)) => Err(Malformed::new(format!("has `{c}` where only a-z, 0-9 and inner hyphens may stand"))
                .at(n..n + c.len_utf8())),
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// A region as an S3 service calls it, such as `hel1` or `eu-central-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StorageRegion(String);

impl StorageRegion {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Grammar for StorageRegion {
    const NAME: &'static str = "a region of a storage service";
    const EXAMPLE: &'static str = "hel1";

    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9-]{0,62}$" })
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if text.is_empty() || text.len() > 63 || text.starts_with('-') || !text.chars().all(good) {
            return Err(Malformed::new("is not 1 to 63 letters, digits and hyphens, a hyphen not first"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// When something recurs: `hourly`, `daily`, `weekly`, or the five fields of cron.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Schedule(String);

/// The words and the cron fields they stand for. Odd minutes, so that fleets do not all begin at midnight sharp.
const WORDS: [(&str, &str); 3] = [("hourly", "17 * * * *"), ("daily", "17 2 * * *"), ("weekly", "17 2 * * 0")];
/// The least and most value of each cron field: minute, hour, day, month, weekday.
const FIELDS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
/// One cron field as a pattern: `*`, numbers, ranges, steps, lists. Bounds are checked by the parser only.
const FIELD: &str = r"(\*|[0-9]{1,2}(-[0-9]{1,2})?)(/[0-9]{1,2})?(,(\*|[0-9]{1,2}(-[0-9]{1,2})?)(/[0-9]{1,2})?)*";

impl Schedule {
    /// The schedule as five cron fields.
    pub fn cron(&self) -> &str {
        WORDS.iter().find(|(word, _)| *word == self.0).map_or(&self.0, |(_, cron)| cron)
    }
}

impl Grammar for Schedule {
    const NAME: &'static str = "a schedule";
    const EXAMPLE: &'static str = "daily";

    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": format!("^(hourly|daily|weekly|{FIELD}( {FIELD}){{4}})$") })
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        if WORDS.iter().any(|(word, _)| *word == text) {
            return Ok(Self(text.to_owned()));
        }
        let fields: Vec<_> = text.split(' ').collect();
        if fields.len() != FIELDS.len() {
            return Err(Malformed::new("is neither `hourly`, `daily`, `weekly` nor five cron fields"));
        }
        for (field, (least, most)) in fields.iter().zip(FIELDS) {
            if !field.split(',').all(|part| cron_part(part, least, most)) {
                return Err(Malformed::new(format!("has `{field}` where cron wants `*` or {least} to {most}")));
            }
        }
        Ok(Self(text.to_owned()))
    }
}

fn cron_part(part: &str, least: u32, most: u32) -> bool {
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let within = |text: &str| number(text).filter(|n| (least..=most).contains(n));
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let step_is_right = step.is_none_or(|step| number(step).is_some_and(|n| n > 0));
    let range_is_right = match range.split_once('-') {
        Some((from, to)) => within(from).zip(within(to)).is_some_and(|(from, to)| from <= to),
        None => range == "*" || within(range).is_some(),
    };
    step_is_right && range_is_right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_words_or_cron() {
        for good in ["daily", "*/15 * * * *", "0 2 1-5,10 * 0", "5 4 * * 7"] {
            assert!(Schedule::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "nightly", "60 * * * *", "* * * *", "5-1 * * * *", "*/0 * * * *", "a * * * *"] {
            assert!(Schedule::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Schedule::parse("daily").map(|s| s.cron().to_owned()), Ok("17 2 * * *".to_owned()));
    }

    #[test]
    fn buckets_point_at_the_wrong_character() {
        assert!(Bucket::parse("omantel-cold").is_ok());
        assert_eq!(Bucket::parse("oman_tel").unwrap_err().at, Some(4..5));
        assert_eq!(Bucket::parse("-abc").unwrap_err().at, Some(0..1));
        assert!(Bucket::parse("ab").is_err());
    }
}
