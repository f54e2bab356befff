//! What a firewall lets in: a protocol and its ports.

use std::fmt;
use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::text::{self, Checked};
use super::{Malformed, Scalar};

/// 1 to 65535 without leading zeros, as a pattern.
const PORT: &str = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

/// A protocol of the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Connections.
    Tcp,
    /// Datagrams.
    Udp,
    /// Echoes and errors; has no ports.
    Icmp,
}

impl Protocol {
    /// Returns the word in rules.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
        }
    }
}

/// A rule of a firewall: `tcp/443`, `udp/51871`, `tcp/30000-32767`, `icmp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallRule {
    protocol: Protocol,
    ports: RangeInclusive<u16>,
}

impl FirewallRule {
    /// Returns whether some rules together let in all that this one lets in.
    pub fn is_covered_by<'a>(&self, rules: impl Iterator<Item = &'a Self>) -> bool {
        let same = rules.filter(|rule| rule.protocol == self.protocol).map(|rule| &rule.ports);
        let mut ranges: Vec<_> = same.map(|ports| (*ports.start(), *ports.end())).collect();
        ranges.sort_unstable();
        let mut next = u32::from(*self.ports.start());
        for (first, last) in ranges {
            if u32::from(first) <= next {
                next = next.max(u32::from(last) + 1);
            }
        }
        next > u32::from(*self.ports.end())
    }

    /// Returns a rule for one port.
    pub const fn one(protocol: Protocol, port: u16) -> Self {
        Self { protocol, ports: port..=port }
    }

    /// Returns a rule for a range of ports.
    pub const fn range(protocol: Protocol, ports: RangeInclusive<u16>) -> Self {
        Self { protocol, ports }
    }
}

impl fmt::Display for FirewallRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (protocol, first, last) = (self.protocol.word(), self.ports.start(), self.ports.end());
        match self.protocol {
            Protocol::Icmp => f.write_str(protocol),
            Protocol::Tcp | Protocol::Udp if first == last => write!(f, "{protocol}/{first}"),
            Protocol::Tcp | Protocol::Udp => write!(f, "{protocol}/{first}-{last}"),
        }
    }
}

impl Scalar for FirewallRule {
    const NAME: &'static str = "a rule of a firewall";
    const EXAMPLE: &'static str = "udp/51871";

    fn schema() -> Json {
        // A pattern cannot compare two numbers: a range that ends before it begins is found by the program alone.
        text::schema(format!("^(icmp|(tcp|udp)/{PORT}(-{PORT})?)$"), 4, 15)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        text::check(text, |text| rule(text).map(|_| ()))?;
        rule(text)
    }
}

fn rule(text: &str) -> Result<FirewallRule, Malformed> {
    let bad =
        || Malformed::new("is not `tcp/PORT`, `udp/PORT`, a range such as `tcp/30000-32767`, or `icmp`");
    if text == "icmp" {
        return Ok(FirewallRule { protocol: Protocol::Icmp, ports: 0..=0 });
    }
    let (protocol, ports) = text.split_once('/').ok_or_else(bad)?;
    let protocol = match protocol {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        _ => return Err(bad()),
    };
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let port = |text: &str| text::number(text, 65_535).filter(|n| *n > 0).and_then(|n| u16::try_from(n).ok());
    let (first, last) = (port(first).ok_or_else(bad)?, port(last).ok_or_else(bad)?);
    ordered(first, last)?;
    Ok(FirewallRule { protocol, ports: first..=last })
}

fn ordered(first: u16, last: u16) -> Checked {
    if first <= last { Ok(()) } else { Err(Malformed::new("ends before it begins")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::within;

    #[test]
    fn rules_are_a_protocol_and_its_ports() {
        within::<FirewallRule>(
            &["tcp/443", "udp/51871", "tcp/30000-32767", "icmp", "tcp/1-65535"],
            &["", "tcp", "tcp/", "tcp/0", "tcp/65536", "sctp/1", "443", "icmp/8", "tcp/080", "tcp/1-"],
            &["tcp/9-1"],
        );
        let rule = |text| FirewallRule::parse(text).expect("a rule");
        assert_eq!(rule("tcp/80-81"), FirewallRule::range(Protocol::Tcp, 80..=81));
        assert_eq!(rule("tcp/30000-32767").to_string(), "tcp/30000-32767");
        assert_eq!(rule("icmp").to_string(), "icmp");
    }

    #[test]
    fn rules_let_in_what_they_cover_together() {
        let rule = |text: &str| FirewallRule::parse(text).expect("a rule");
        let covered = |wanted: &str, rules: &[&str]| {
            let rules: Vec<_> = rules.iter().copied().map(rule).collect();
            rule(wanted).is_covered_by(rules.iter())
        };
        assert!(covered("tcp/443", &["tcp/1-65535"]) && covered("icmp", &["icmp"]));
        assert!(!covered("tcp/443", &["udp/1-65535"]) && !covered("tcp/443-444", &["tcp/443"]));
        assert!(covered("tcp/1-65535", &["tcp/9-65535", "tcp/1-10"]));
        assert!(!covered("tcp/1-10", &["tcp/1-4", "tcp/6-10"]) && !covered("tcp/1", &[]));
    }
}
