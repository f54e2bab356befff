//! The arguments of `sovereign fleet`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use sovereign_language::fleet as language;
use sovereign_store::manifests::Part;

/// `sovereign fleet`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A fleet is many Sovereigns of one repository, in rings: fleet.toml says which, and what a ring waits for.
Nothing is kept between two runs: the same commit and the same time give the same answer.
Exit codes: 0 done or nothing is wrong, 1 a ring failed (status: or is not done), 2 wrong arguments, 3 the world failed.

Examples:
  sovereign fleet plan
  sovereign fleet next --commit --push        what a bot runs again and again
  sovereign fleet status --format json"
)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub command: FleetCommand,
}

/// The commands about a fleet.
#[derive(Debug, Subcommand)]
pub enum FleetCommand {
    /// Say where every ring and every Sovereign stands, and which commits are to be made now
    #[command(after_help = "Example:
  sovereign fleet plan")]
    Plan(Fleet),
    /// Print the commits that are to be made now, or make them
    #[command(after_help = "Examples:
  sovereign fleet next
  sovereign fleet next --commit --push
  sovereign fleet next --commit --push --shard 2/8")]
    Next(FleetNext),
    /// Say where every ring stands; exit with 1 unless all are done
    #[command(after_help = "Example:
  sovereign fleet status --push")]
    Status(Fleet),
}

/// Which fleet.
#[derive(Debug, ClapArgs)]
pub struct Fleet {
    /// The file with the rings, from the root of the repository
    #[arg(value_name = "FILE", default_value = language::NAME)]
    pub file: String,
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repository: PathBuf,
    /// The branch; by default the one that is checked out
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Look at the branch of the remote, and push commits there
    #[arg(long)]
    pub push: bool,
    /// The remote, by name or URL
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub remote: String,
    /// The time that windows and soaks are held against, in UTC: 2026-06-01T12:00:00Z; by default that of the clock
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub now: Option<i64>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: FleetFormat,
}

/// `sovereign fleet next`.
#[derive(Debug, ClapArgs)]
pub struct FleetNext {
    /// Which fleet
    #[command(flatten)]
    pub fleet: Fleet,
    /// Make them
    #[arg(long)]
    pub commit: bool,
    /// Only a part of them: 2/8 is the second of eight. A Sovereign keeps its part when others come and go
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Part>,
}

/// How to print where a fleet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FleetFormat {
    /// For a person at a terminal
    Human,
    /// For programs, with stable keys
    Json,
}

/// Returns the seconds since 1970 of a time in UTC, as RFC 3339 writes it.
fn instant(text: &str) -> Result<i64, String> {
    let wrong = || "write it as `2026-06-01T12:00:00Z`".to_owned();
    let bytes = text.as_bytes();
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if bytes.len() != 20 || marks.iter().any(|(at, mark)| bytes.get(*at) != Some(mark)) {
        return Err(wrong());
    }
    let number = |range: std::ops::Range<usize>, least: i64, most: i64| {
        let digits = text.get(range).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse::<i64>().ok());
        number.filter(|number| (least..=most).contains(number)).ok_or_else(wrong)
    };
    let (year, month, day) = (number(0..4, 1970, 9999)?, number(5..7, 1, 12)?, number(8..10, 1, 31)?);
    let (hour, minute, second) = (number(11..13, 0, 23)?, number(14..16, 0, 59)?, number(17..19, 0, 59)?);
    // Years are counted from March, so that a leap day is the last of one (Howard Hinnant, days_from_civil).
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    Ok(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn times_are_those_of_rfc_3339() {
        assert_eq!(instant("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(instant("2026-06-01T12:00:00Z"), Ok(1_780_315_200));
        assert_eq!(instant("2000-02-29T23:59:59Z"), Ok(951_868_799));
        for wrong in
            ["", "2026-06-01", "2026-06-01T12:00:00+02:00", "2026-13-01T12:00:00Z", "2026-06-01T1 :00:00Z"]
        {
            assert!(instant(wrong).is_err(), "{wrong}");
        }
    }
}
