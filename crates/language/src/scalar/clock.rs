//! Times of the day.

use std::fmt;

use serde_json::Value as Json;

use super::text::{self, Checked};
use super::{Malformed, Scalar};

/// A time of the day in UTC, in hours and minutes. `24:00` is the end of a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    minutes: u32,
    text: String,
}

impl TimeOfDay {
    /// Returns how many minutes of the day are over.
    pub fn minutes(&self) -> u32 {
        self.minutes
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scalar for TimeOfDay {
    const NAME: &'static str = "a time of the day";
    const EXAMPLE: &'static str = "08:00";

    fn schema() -> Json {
        text::schema("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", 5, 5)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        text::check(text, check)?;
        let number =
            |digits: Option<&str>| digits.and_then(|digits| digits.parse::<u32>().ok()).unwrap_or_default();
        let minutes = number(text.get(..2)) * 60 + number(text.get(3..));
        Ok(Self { minutes, text: text.to_owned() })
    }
}

fn check(text: &str) -> Checked {
    let [hours, minutes] = match text.as_bytes() {
        [h, hh, b':', m, mm] => [[*h, *hh], [*m, *mm]],
        _ => [[0; 2]; 2],
    };
    let is_below = |[ten, one]: [u8; 2], most: u8| {
        let is_digit = ten.is_ascii_digit() && one.is_ascii_digit();
        is_digit && (ten - b'0') * 10 + (one - b'0') < most
    };
    if text == "24:00" || (is_below(hours, 24) && is_below(minutes, 60)) {
        return Ok(());
    }
    Err(Malformed::new("is not hours and minutes of two digits each, up to `24:00`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::agree;

    #[test]
    fn times_have_hours_and_minutes() {
        agree::<TimeOfDay>(
            &["00:00", "08:00", "19:59", "23:59", "24:00"],
            &["", "8:00", "24:01", "25:00", "12:60", "12:0", "12-00", "ä8:00"],
        );
        assert_eq!(TimeOfDay::parse("08:30").expect("a time").minutes(), 510);
        assert_eq!(TimeOfDay::parse("24:00").expect("a time").minutes(), 1440);
    }
}
