//! IPv4 addresses and networks.

use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::{Malformed, Scalar, text};

/// A number from 0 to 255 without leading zeros, as a pattern.
const OCTET: &str = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
/// The largest and the smallest network that can be planned with.
const PREFIXES: RangeInclusive<u8> = 8..=30;
/// A network that somebody comes from may be one machine, or everything.
const SOURCE_PREFIXES: RangeInclusive<u8> = 0..=32;

/// A block of addresses, and what it is for.
struct Block {
    base: [u8; 4],
    prefix: u8,
    what: &'static str,
}

/// The blocks in which no machine answers another one (IANA IPv4 Special-Purpose Address Registry, and RFC 5771).
const UNROUTABLE: [Block; 5] = [
    Block { base: [0, 0, 0, 0], prefix: 8, what: "the machine itself" },
    Block { base: [127, 0, 0, 0], prefix: 8, what: "loopback" },
    Block { base: [169, 254, 0, 0], prefix: 16, what: "one link, where clouds have their metadata" },
    Block { base: [224, 0, 0, 0], prefix: 4, what: "multicast" },
    Block { base: [240, 0, 0, 0], prefix: 4, what: "later use" },
];
/// The blocks that networks of one's own may be in: RFC 1918, RFC 6598, RFC 2544.
const PRIVATE: [Block; 5] = [
    Block { base: [10, 0, 0, 0], prefix: 8, what: "private networks" },
    Block { base: [172, 16, 0, 0], prefix: 12, what: "private networks" },
    Block { base: [192, 168, 0, 0], prefix: 16, what: "private networks" },
    Block { base: [100, 64, 0, 0], prefix: 10, what: "networks behind a provider" },
    Block { base: [198, 18, 0, 0], prefix: 15, what: "measurements" },
];

impl Block {
    /// Returns whether it has the network of `prefix` at `base` in it.
    fn contains(&self, base: u32, prefix: u8) -> bool {
        prefix >= self.prefix && base & mask(self.prefix) == u32::from_be_bytes(self.base)
    }

    /// Returns whether some address is in both.
    fn overlaps(&self, base: u32, prefix: u8) -> bool {
        self.contains(base, prefix) || u32::from_be_bytes(self.base) & mask(prefix) == base
    }
}

/// An IPv4 address in the usual form: four numbers without leading zeros, which some programs read as octal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ipv4(Ipv4Addr);

impl Ipv4 {
    /// Returns the address.
    pub fn addr(self) -> Ipv4Addr {
        self.0
    }

    /// Returns what the address is for, if no machine can have it for others to reach.
    pub fn unroutable(self) -> Option<&'static str> {
        let base = u32::from(self.0);
        UNROUTABLE.iter().find(|block| block.contains(base, 32)).map(|block| block.what)
    }

    /// Returns whether the address can be reached over the internet: it is in no network that IANA keeps for special use.
    pub fn is_public(self) -> bool {
        const SPECIAL: [([u8; 4], u8); 14] = [
            ([0, 0, 0, 0], 8),
            ([10, 0, 0, 0], 8),
            ([100, 64, 0, 0], 10),
            ([127, 0, 0, 0], 8),
            ([169, 254, 0, 0], 16),
            ([172, 16, 0, 0], 12),
            ([192, 0, 0, 0], 24),
            ([192, 0, 2, 0], 24),
            ([192, 168, 0, 0], 16),
            ([198, 18, 0, 0], 15),
            ([198, 51, 100, 0], 24),
            ([203, 0, 113, 0], 24),
            ([224, 0, 0, 0], 4),
            ([240, 0, 0, 0], 4),
        ];
        let inside =
            |&(base, prefix): &([u8; 4], u8)| u32::from(self.0) & mask(prefix) == u32::from_be_bytes(base);
        !SPECIAL.iter().any(inside)
    }
}

impl From<Ipv4Addr> for Ipv4 {
    fn from(addr: Ipv4Addr) -> Self {
        Self(addr)
    }
}

impl fmt::Display for Ipv4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Scalar for Ipv4 {
    const NAME: &'static str = "an IPv4 address";
    const EXAMPLE: &'static str = "8.8.8.8";

    fn schema() -> Json {
        text::schema(format!("^{OCTET}(\\.{OCTET}){{3}}$"), 7, 15)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        text::check(text, |text| addr(text).map(|_| ()))?;
        addr(text).map(Self)
    }
}

/// An IPv4 network: its first address and the length of its prefix, from 8 to 30.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr {
    base: u32,
    prefix: u8,
}

impl Cidr {
    /// Returns the network that begins at `base`, if that is where a network of this size can begin.
    pub fn from_parts(base: [u8; 4], prefix: u8) -> Option<Self> {
        let base = u32::from_be_bytes(base);
        (PREFIXES.contains(&prefix) && base & !mask(prefix) == 0).then_some(Self { base, prefix })
    }

    /// Returns the first address, which names the network.
    pub fn base(self) -> Ipv4Addr {
        Ipv4Addr::from(self.base)
    }

    /// Returns the number of leading bits that all addresses share.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Returns the address `n` places after the first.
    pub fn nth(self, n: u32) -> Option<Ipv4Addr> {
        (n <= !mask(self.prefix)).then(|| Ipv4Addr::from(self.base + n))
    }

    /// Returns the network of this prefix length around it; itself where it is larger.
    #[must_use]
    pub fn widened(self, prefix: u8) -> Self {
        let prefix = prefix.max(*PREFIXES.start()).min(self.prefix);
        Self { base: self.base & mask(prefix), prefix }
    }

    /// Returns what some of its addresses are for, if no machine can have those for others to reach.
    pub fn unroutable(self) -> Option<&'static str> {
        UNROUTABLE.iter().find(|block| block.overlaps(self.base, self.prefix)).map(|block| block.what)
    }

    /// Returns whether it is in a block that networks of one's own may be in.
    pub fn is_private(self) -> bool {
        PRIVATE.iter().any(|block| block.contains(self.base, self.prefix))
    }

    /// Returns whether every address of `other` is in this network.
    pub fn contains(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.has(other.base())
    }

    /// Returns whether an address is in this network.
    pub fn has(self, addr: Ipv4Addr) -> bool {
        u32::from(addr) & mask(self.prefix) == self.base
    }

    /// Returns whether some address is in both networks. Networks are nested or apart, so one contains the other then.
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base(), self.prefix)
    }
}

impl Scalar for Cidr {
    const NAME: &'static str = "an IPv4 network";
    const EXAMPLE: &'static str = "10.0.0.0/16";

    fn schema() -> Json {
        schema("[89]|[12][0-9]|30", PREFIXES)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        text::check(text, |text| network(text, PREFIXES).map(|_| ()))?;
        network(text, PREFIXES)
    }
}

/// An IPv4 network that somebody comes from, of any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceNetwork(Cidr);

impl fmt::Display for SourceNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Scalar for SourceNetwork {
    const NAME: &'static str = "an IPv4 network";
    const EXAMPLE: &'static str = "203.0.113.0/24";

    fn schema() -> Json {
        schema("[0-9]|[12][0-9]|3[0-2]", SOURCE_PREFIXES)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        text::check(text, |text| network(text, SOURCE_PREFIXES).map(|_| ()))?;
        network(text, SOURCE_PREFIXES).map(Self)
    }
}

/// Returns the schema of networks whose prefix has one of these lengths, and this pattern.
fn schema(lengths: &str, prefixes: RangeInclusive<u8>) -> Json {
    let network = format!("^{OCTET}(\\.{OCTET}){{3}}/({lengths})$");
    text::schema_of_both(&network, &format!("^({})$", aligned(prefixes).join("|")), 9, 18)
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

fn addr(text: &str) -> Result<Ipv4Addr, Malformed> {
    text::length(text, 1, usize::MAX)?;
    text::only(text, "digits and dots", |c| c.is_ascii_digit() || c == '.')?;
    let mut octets = Vec::new();
    for range in text::parts(text, '.') {
        let digits = &text[range.clone()];
        match text::number(digits, 255).and_then(|n| u8::try_from(n).ok()) {
            Some(octet) => octets.push(octet),
            None if digits.is_empty() => {
                return Err(Malformed::new("has two dots in a row, or one at an end"));
            }
            None if digits.starts_with('0') => {
                return Err(
                    Malformed::new("has a number with a leading zero, which may be read as octal").at(range)
                );
            }
            None => return Err(Malformed::new("has a number above 255").at(range)),
        }
    }
    let octets: Result<[u8; 4], _> = octets.try_into();
    octets
        .map(Ipv4Addr::from)
        .map_err(|octets| Malformed::new(format!("has {} numbers instead of four", octets.len())))
}

fn network(text: &str, prefixes: RangeInclusive<u8>) -> Result<Cidr, Malformed> {
    text::length(text, 1, usize::MAX)?;
    let Some((base, digits)) = text.split_once('/') else {
        return Err(Malformed::new("has no prefix length, such as `/16`"));
    };
    text::part(text, 0..base.len(), |base| addr(base).map(|_| ()))?;
    let prefix = text::number(digits, 32).and_then(|n| u8::try_from(n).ok());
    let Some(prefix) = prefix.filter(|prefix| prefixes.contains(prefix)) else {
        let (least, most) = prefixes.into_inner();
        let reason = format!("has a prefix length that is not between {least} and {most}");
        return Err(Malformed::new(reason).at(base.len()..text.len()));
    };
    let first = u32::from(addr(base)?) & mask(prefix);
    let network = Cidr { base: first, prefix };
    if network.base().to_string() != base {
        let reason = format!("has bits set after the first {prefix}");
        return Err(Malformed::new(reason).at(0..base.len()).meant(network.to_string()));
    }
    Ok(network)
}

/// Returns a pattern for the networks of every prefix length: whole octets, multiples in one octet, zeros.
fn aligned(prefixes: RangeInclusive<u8>) -> Vec<String> {
    prefixes
        .map(|prefix| {
            let (whole, bits) = (usize::from(prefix / 8), u32::from(prefix % 8));
            let mut octets = vec!["[0-9]+".to_owned(); whole];
            if bits > 0 {
                octets.push(multiples(256 >> bits));
            }
            octets.resize(4, "0".to_owned());
            format!("{}/{prefix}", octets.join("\\."))
        })
        .collect()
}

/// Returns a pattern for the multiples of a number below 256.
fn multiples(of: usize) -> String {
    if of == 2 {
        return "[0-9]*[02468]".to_owned(); // what is above 255 is refused by the other pattern
    }
    let all: Vec<_> = (0..256).step_by(of).map(|n| n.to_string()).collect();
    format!("({})", all.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    fn cidr(text: &str) -> Cidr {
        Cidr::parse(text).expect("a network")
    }

    #[test]
    fn a_network_to_come_from_has_any_size() {
        agree::<SourceNetwork>(
            &["0.0.0.0/0", "203.0.113.7/32", "203.0.113.6/31", "128.0.0.0/1", "10.0.0.0/8"],
            &["", "203.0.113.7", "203.0.113.7/31", "1.0.0.0/0", "10.0.0.0/33", "2001:db8::/32"],
        );
        assert_eq!(fault::<SourceNetwork>("10.1.0.0/8"), ("10.1.0.0", Some("10.0.0.0/8".into())));
    }

    #[test]
    fn addresses_are_four_plain_numbers() {
        agree::<Ipv4>(
            &["0.0.0.0", "255.255.255.255", "8.8.8.8", "10.0.1.249", "100.200.99.9"],
            &[
                "",
                "1.2.3",
                "1.2.3.4.5",
                "256.1.1.1",
                "01.2.3.4",
                "1..2.3",
                "1.2.3.",
                "a.b.c.d",
                "1.2.3.4/8",
                "::1",
                "1.2.3.00",
            ],
        );
        assert_eq!(fault::<Ipv4>("10.0.300.1"), ("300", None));
        assert_eq!(fault::<Ipv4>("10.010.0.1"), ("010", None));
        assert_eq!(fault::<Ipv4>("10.0.x.1"), ("x", None));
    }

    #[test]
    fn public_addresses_are_those_outside_of_special_networks() {
        let public = |text| Ipv4::parse(text).expect("an address").is_public();
        for text in [
            "8.8.8.8",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "198.20.0.0",
            "223.255.255.255",
        ] {
            assert!(public(text), "{text}");
        }
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.2.9",
            "192.168.1.1",
            "198.19.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn networks_begin_where_they_can() {
        agree::<Cidr>(
            &[
                "10.0.0.0/8",
                "10.128.0.0/9",
                "10.42.0.0/16",
                "10.254.0.0/15",
                "192.168.4.0/22",
                "1.2.3.252/30",
                "0.0.0.0/8",
                "10.0.96.0/19",
            ],
            &[
                "",
                "10.0.0.0",
                "10.0.0.0/7",
                "10.0.0.0/31",
                "10.0.0.0/08",
                "10.0.0.0/",
                "10.0.0.1/8",
                "10.1.0.0/15",
                "1.2.3.2/30",
                "1.2.3/24",
                "256.0.0.0/8",
                "10.0.0.0/16 ",
            ],
        );
        assert_eq!(fault::<Cidr>("10.0.1.7/16"), ("10.0.1.7", Some("10.0.0.0/16".into())));
        assert_eq!(fault::<Cidr>("10.0.0.0/33"), ("/33", None));
        assert_eq!(fault::<Cidr>("10.0.256.0/24"), ("256", None));
        assert_eq!(fault::<Cidr>("10.0.0/24"), ("10.0.0", None));
        assert_eq!(cidr("10.42.0.0/16").to_string(), "10.42.0.0/16");
    }

    #[test]
    fn the_schema_knows_every_beginning_of_every_size() {
        let schema = jsonschema::draft7::new(&Cidr::schema()).expect("a schema");
        for prefix in 0..=32 {
            for n in 0..=255_u8 {
                for text in [
                    format!("{n}.0.0.0/{prefix}"),
                    format!("9.{n}.0.0/{prefix}"),
                    format!("9.9.{n}.0/{prefix}"),
                    format!("9.9.9.{n}/{prefix}"),
                ] {
                    assert_eq!(schema.is_valid(&text.as_str().into()), Cidr::parse(&text).is_ok(), "{text}");
                }
            }
        }
    }

    #[test]
    fn networks_know_what_they_are_for() {
        for (text, what) in [
            ("127.0.0.0/24", Some("loopback")),
            ("169.254.0.0/16", Some("one link, where clouds have their metadata")),
            ("128.0.0.0/8", None),
            ("224.0.0.0/16", Some("multicast")),
            ("255.0.0.0/8", Some("later use")),
            ("10.0.0.0/8", None),
            ("126.0.0.0/8", None),
        ] {
            assert_eq!(Cidr::parse(text).ok().and_then(Cidr::unroutable), what, "{text}");
        }
        for private in ["10.42.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "100.127.0.0/16", "198.19.0.0/16"]
        {
            assert!(cidr(private).is_private(), "{private}");
        }
        for public in
            ["8.8.0.0/16", "172.32.0.0/16", "172.0.0.0/8", "192.0.0.0/8", "100.128.0.0/16", "11.0.0.0/8"]
        {
            assert!(!cidr(public).is_private(), "{public}");
        }
        let address = |text| Ipv4::parse(text).expect("an address").unroutable();
        assert_eq!(
            [address("127.0.0.1"), address("203.0.113.1"), address("10.0.0.1")],
            [Some("loopback"), None, None]
        );
    }

    #[test]
    fn networks_know_their_addresses_and_each_other() {
        let (wide, narrow, other) = (cidr("10.0.0.0/8"), cidr("10.42.0.0/16"), cidr("10.43.0.0/16"));
        assert!(wide.contains(narrow) && !narrow.contains(wide) && narrow.contains(narrow));
        assert!(narrow.overlaps(wide) && wide.overlaps(narrow) && !narrow.overlaps(other));
        assert!(narrow.has(Ipv4Addr::new(10, 42, 255, 255)) && !narrow.has(Ipv4Addr::new(10, 43, 0, 0)));
        let small = Cidr::from_parts([10, 0, 1, 0], 30).expect("a network");
        assert_eq!(
            (small.nth(0), small.nth(3)),
            (Some(Ipv4Addr::new(10, 0, 1, 0)), Some(Ipv4Addr::new(10, 0, 1, 3)))
        );
        assert_eq!(small.nth(4), None);
        assert_eq!(wide.nth((1 << 24) - 1), Some(Ipv4Addr::new(10, 255, 255, 255)));
        assert_eq!(Cidr::from_parts([10, 0, 1, 1], 30), None);
        assert_eq!(Cidr::from_parts([0, 0, 0, 0], 7), None);
        assert_eq!((small.base().octets(), small.prefix()), ([10, 0, 1, 0], 30));
    }
}
