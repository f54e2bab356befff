//! Object storage and backup: bucket names, regions of a storage service, schedules.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde_json::json;

use super::text::{self, Checked, text};
use super::{Malformed, Scalar};

text! {
    /// A bucket name, as the Hetzner and Huawei modules require it.
    Bucket, "a bucket name", "omantel-cold",
    bucket,
    text::schema("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", 3, 63)
}

text! {
    /// A region as an S3 service calls it, such as `hel1` or `eu-central-1`.
    StorageRegion, "a region of a storage service", "hel1",
    storage_region,
    text::schema("^[A-Za-z0-9][A-Za-z0-9-]*$", 1, 63)
}

fn bucket(name: &str) -> Checked {
    text::length(name, 1, usize::MAX)?;
    text::only(name, "lower-case letters, digits and hyphens", |c| text::is_lower_alnum(c) || c == '-')?;
    text::edges(name, text::is_lower_alnum, text::is_lower_alnum)?;
    text::length(name, 3, 63)
}

fn storage_region(name: &str) -> Checked {
    text::length(name, 1, 63)?;
    text::only(name, "letters, digits and hyphens", |c| c.is_ascii_alphanumeric() || c == '-')?;
    text::edges(name, |c| c.is_ascii_alphanumeric(), |_| true)
}

/// When something recurs: `hourly`, `daily`, `weekly`, or the five fields of cron.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Schedule(String);

/// The words and the cron fields they stand for. Odd minutes, so that fleets do not all begin at midnight sharp.
const WORDS: [(&str, &str); 3] =
    [("hourly", "17 * * * *"), ("daily", "17 2 * * *"), ("weekly", "17 2 * * 0")];
/// The least and most value of each cron field: minute, hour, day, month, weekday.
const FIELDS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
/// The numbers of each cron field as a pattern. That a range runs upwards is checked by the parser only.
const NUMBERS: [&str; 5] =
    ["[0-5]?[0-9]", "([01]?[0-9]|2[0-3])", "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])", "0?[0-7]"];

/// Returns the five fields as a pattern: `*`, numbers, ranges, steps, lists.
fn fields_pattern() -> String {
    let field = |number: &str| {
        let part = format!("(\\*|{number}(-{number})?)(/(0?[1-9]|[1-9][0-9]))?");
        format!("{part}(,{part})*")
    };
    NUMBERS.map(field).join(" ")
}

impl Schedule {
    /// Returns the schedule as five cron fields.
    pub fn cron(&self) -> &str {
        WORDS.iter().find(|(word, _)| *word == self.0).map_or(&self.0, |(_, cron)| cron)
    }

    /// Returns the schedule as Harbor's cron has it: with seconds first, and Sunday as 0 only.
    pub fn cron_with_seconds(&self) -> String {
        match self.cron().rsplit_once(' ') {
            Some((rest, weekdays)) => format!("0 {rest} {}", without_seven(weekdays)),
            None => self.cron().to_owned(),
        }
    }
}

impl Scalar for Schedule {
    const NAME: &'static str = "a schedule";
    const EXAMPLE: &'static str = "daily";

    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": format!("^(hourly|daily|weekly|{})$", fields_pattern()) })
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
                return Err(Malformed::new(format!(
                    "has `{field}` where cron wants `*` or {least} to {most}"
                )));
            }
        }
        if let &[_, _, days, months, weekdays] = fields.as_slice()
            && !comes(days, months, weekdays)
        {
            return Err(Malformed::new("names a day that none of its months has, so it never comes"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The days of each month, in the longest year.
const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Returns whether there is a date that a schedule means. A field of weekdays is enough of its own: cron
/// takes the days of either (crontab(5)), unless one of the two begins with a star.
fn comes(days: &str, months: &str, weekdays: &str) -> bool {
    let (days, months) = (numbers(days, 1..=31), numbers(months, 1..=12));
    let longest = months.iter().filter_map(|month| DAYS.get(*month as usize - 1)).max();
    !weekdays.starts_with('*') || longest.zip(days.first()).is_some_and(|(longest, first)| first <= longest)
}

/// Returns the numbers of a field that is known to be right.
fn numbers(field: &str, all: RangeInclusive<u32>) -> BTreeSet<u32> {
    let number = |text: &str| text.parse::<u32>().unwrap_or(*all.start()).max(*all.start());
    let of_part = |part: &str| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from), number(to)),
            None if range == "*" => (*all.start(), *all.end()),
            None => (number(range), step.map_or(number(range), |_| *all.end())),
        };
        (from..=to).step_by(step.map_or(1, |step| step.parse::<usize>().unwrap_or(1).max(1)))
    };
    field.split(',').flat_map(of_part).collect()
}

/// Returns a field of weekdays in which Sunday is 0: one that says 7 is written out day by day.
fn without_seven(field: &str) -> String {
    let number = |text: &str| text.parse::<u32>().ok();
    let days = |part: &str| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, number(step)));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from)?, number(to)?),
            None if range == "*" => (0, 6),
            None => (number(range)?, step.map_or(number(range)?, |_| 6)),
        };
        Some(
            (from..=to)
                .step_by(step.unwrap_or(1).max(1) as usize)
                .map(|day| day % 7)
                .collect::<BTreeSet<_>>(),
        )
    };
    if !field.split([',', '-']).any(|text| text.split('/').next().and_then(number) == Some(7)) {
        return field.to_owned();
    }
    let days: BTreeSet<u32> = field.split(',').filter_map(days).flatten().collect();
    days.into_iter().map(|day| day.to_string()).collect::<Vec<_>>().join(",")
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
        for never in ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 31 4/5 *", "0 0 30-31 2 */2"] {
            let expected = "names a day that none of its months has, so it never comes";
            assert_eq!(Schedule::parse(never).unwrap_err().reason, expected, "{never}");
        }
        for once in
            ["0 0 29 2 *", "0 0 30 2 1", "0 0 31 2,3 *", "0 0 */30 2 *", "0 0 28-31 2 *", "0 0 31 * *"]
        {
            assert!(Schedule::parse(once).is_ok(), "{once}");
        }
        assert_eq!(Schedule::parse("daily").map(|s| s.cron().to_owned()), Ok("17 2 * * *".to_owned()));
    }

    #[test]
    fn harbor_counts_seconds_and_knows_no_seventh_day() {
        for (text, cron) in [
            ("daily", "0 17 2 * * *"),
            ("5 4 * * 1-5", "0 5 4 * * 1-5"),
            ("5 4 * * 7", "0 5 4 * * 0"),
            ("5 4 * * 5-7", "0 5 4 * * 0,5,6"),
            ("5 4 * * 1-7/2,2", "0 5 4 * * 0,1,2,3,5"),
            ("5 4 * * */7", "0 5 4 * * */7"),
            ("5 4 * * */3,7", "0 5 4 * * 0,3,6"),
        ] {
            assert_eq!(Schedule::parse(text).map(|s| s.cron_with_seconds()), Ok(cron.to_owned()), "{text}");
        }
    }

    #[test]
    fn buckets_point_at_the_wrong_character() {
        assert!(Bucket::parse("omantel-cold").is_ok());
        assert_eq!(Bucket::parse("oman_tel").unwrap_err().at, Some(4..5));
        assert_eq!(Bucket::parse("-abc").unwrap_err().at, Some(0..1));
        assert!(Bucket::parse("ab").is_err());
    }
}
