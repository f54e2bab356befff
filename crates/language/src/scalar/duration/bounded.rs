//! Lengths of time with bounds: those of the lease and of health checks, and what a loss may cost at most.

use std::fmt;

use serde_json::Value as Json;

use super::{Duration, UNITS, check, split};
use crate::scalar::{Malformed, Scalar, text};

/// Declares a length of time between two bounds, both included, in seconds.
macro_rules! bounded {
    ($(#[doc = $doc:literal])* $name:ident, $article:literal, $example:literal, $least:literal..=$most:literal, $pattern:literal) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(Duration);

        impl $name {
            /// Returns the length in seconds.
            pub fn seconds(&self) -> u64 {
                self.0.seconds()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Scalar for $name {
            const NAME: &'static str = $article;
            const EXAMPLE: &'static str = $example;

            fn schema() -> Json {
                text::schema(concat!("^(", $pattern, ")$"), 2, 10)
            }

            fn parse(text: &str) -> Result<Self, Malformed> {
                let duration = Duration::parse(text)?;
                if ($least..=$most).contains(&duration.seconds()) {
                    return Ok(Self(duration));
                }
                Err(Malformed::new(concat!("is not between ", $least, " and ", $most, " seconds")))
            }
        }
    };
}

bounded! {
    /// How often Flux does something, or how long it waits for it. More often than every ten seconds, a cluster is busy with
    /// nothing else; in less, no repository is cloned and no chart fetched.
    FluxPeriod, "an interval or a timeout of 10 seconds to a day", "1m", 10..=86_400,
    "([1-9][0-9]{1,3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)s|([1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)m|([1-9]|1[0-9]|2[0-4])h"
}
bounded! {
    /// How long a lease holds unless it is renewed (Continuum, `ttlSeconds`).
    LeaseTtl, "a lease of 5 to 600 seconds", "30s", 5..=600, "([5-9]|[1-9][0-9]|[1-5][0-9]{2}|600)s|([1-9]|10)m"
}
bounded! {
    /// How often a lease is renewed (Continuum, `renewSeconds`).
    LeaseRenewal, "a renewal after 1 to 60 seconds", "10s", 1..=60, "([1-9]|[1-5][0-9]|60)s|1m"
}
bounded! {
    /// How often a health check asks (Continuum, `intervalSeconds`).
    ProbeInterval, "an interval of 1 to 60 seconds", "5s", 1..=60, "([1-9]|[1-5][0-9]|60)s|1m"
}
bounded! {
    /// How long a health check waits (Continuum, `timeoutSeconds`).
    ProbeTimeout, "a timeout of 1 to 30 seconds", "2s", 1..=30, "([1-9]|[12][0-9]|30)s"
}

/// What a loss may cost at most, in time: an objective. Zero means that nothing may be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    seconds: u64,
    text: String,
}

impl Objective {
    /// Returns the length in seconds.
    pub fn seconds(&self) -> u64 {
        self.seconds
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scalar for Objective {
    const NAME: &'static str = "an objective";
    const EXAMPLE: &'static str = "60s";

    fn schema() -> Json {
        text::schema("^(0[smh]|[1-9]([0-9]{0,8}s|[0-9]{0,7}m|[0-9]{0,5}h))$", 2, 10)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        if let ("0", "s" | "m" | "h") = split(text) {
            return Ok(Self { seconds: 0, text: text.to_owned() });
        }
        text::check(text, |text| check(text, &UNITS, "`s`, `m` or `h`"))?;
        Duration::parse(text).map(|duration| Self { seconds: duration.seconds(), text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn leases_and_probes_keep_the_bounds_of_the_resource() {
        agree::<LeaseTtl>(
            &["5s", "30s", "600s", "10m", "1m"],
            &["4s", "1s", "601s", "11m", "1h", "030s", ""],
        );
        agree::<LeaseRenewal>(&["1s", "59s", "60s", "1m"], &["0s", "61s", "2m", "1h"]);
        agree::<ProbeInterval>(&["1s", "60s", "1m"], &["61s", "2m"]);
        agree::<ProbeTimeout>(&["1s", "9s", "19s", "30s"], &["31s", "1m", "2"]);
        agree::<FluxPeriod>(
            &["10s", "90s", "86400s", "79999s", "86399s", "1m", "1440m", "1399m", "1h", "24h"],
            &["1s", "9s", "86401s", "87000s", "90000s", "1441m", "2000m", "25h", "30h", "010s", ""],
        );
        assert_eq!(fault::<LeaseTtl>("1minute"), ("minute", Some("1m".into())));
        assert_eq!(LeaseTtl::parse("10m").expect("a lease").seconds(), 600);
    }

    #[test]
    fn an_objective_may_be_zero() {
        agree::<Objective>(
            &["0s", "0m", "60s", "5m", "999999h"],
            &["", "00s", "060s", "1minute", "fast", "1d", "0", "-1s"],
        );
        assert_eq!(fault::<Objective>("1minute"), ("minute", Some("1m".into())));
        assert_eq!(Objective::parse("0s").expect("an objective").seconds(), 0);
    }
}
