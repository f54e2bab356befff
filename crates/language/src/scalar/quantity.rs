//! Kubernetes quantities for sizes.

use std::fmt;

use serde_json::Value as Json;

use super::text::{self, Checked};
use super::{Malformed, Scalar};

/// The suffixes of a quantity (Kubernetes, `resource.Quantity`), each with its factor in thousandths.
const UNITS: [(&str, u128); 13] = [
    ("", 1000),
    ("m", 1),
    ("k", 1000 * 1000),
    ("M", 1000 * 1000_u128.pow(2)),
    ("G", 1000 * 1000_u128.pow(3)),
    ("T", 1000 * 1000_u128.pow(4)),
    ("P", 1000 * 1000_u128.pow(5)),
    ("Ki", 1000 << 10),
    ("Mi", 1000 << 20),
    ("Gi", 1000 << 30),
    ("Ti", 1000 << 40),
    ("Pi", 1000 << 50),
    ("Ei", 1000 << 60),
];
/// Digits before the point; with `Ei` this stays far below the largest `u128`.
const DIGITS: usize = 9;

/// An amount as Kubernetes writes it: `5Gi`, `500m`, `1.5Ti`. Never zero, never signed, without an exponent.
/// Ordered by amount; equal amounts written differently are different texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    milli: u128,
    text: String,
}

impl Quantity {
    /// Returns the amount in thousandths, which every quantity is a whole number of.
    pub fn milli(&self) -> u128 {
        self.milli
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scalar for Quantity {
    const NAME: &'static str = "a quantity";
    const EXAMPLE: &'static str = "5Gi";

    fn schema() -> Json {
        let whole = format!("(0|[1-9][0-9]{{0,{}}})", DIGITS - 1);
        // A fraction of thousandths has no meaning, so `m` takes whole numbers only.
        let rest = "(m|(\\.[0-9]{1,3})?([kMGTP]|[KMGTPE]i)?)";
        text::schema(format!("^(?=[0.]*[1-9]){whole}{rest}$"), 1, DIGITS + 6)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        // Not `text::check`: here lower case means something else.
        check(text)?;
        let (whole, fraction, unit) = split(text);
        let factor = UNITS.iter().find(|(name, _)| *name == unit).map_or(0, |&(_, factor)| factor);
        let thousandths: u128 = format!("{whole}{fraction:0<3}").parse().unwrap_or(0);
        Ok(Self { milli: thousandths * factor / 1000, text: text.to_owned() })
    }
}

/// The size of a volume: a quantity in millions of bytes or more. `1m` is a thousandth of a byte, and Kubernetes takes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VolumeSize(Quantity);

impl VolumeSize {
    /// The units of sizes.
    const UNITS: [&str; 9] = ["M", "G", "T", "P", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// Returns the size as a quantity.
    pub fn quantity(&self) -> &Quantity {
        &self.0
    }
}

impl fmt::Display for VolumeSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Scalar for VolumeSize {
    const NAME: &'static str = "the size of a volume";
    const EXAMPLE: &'static str = "50Gi";

    fn schema() -> Json {
        let whole = format!("(0|[1-9][0-9]{{0,{}}})", DIGITS - 1);
        text::schema(format!("^(?=[0.]*[1-9]){whole}(\\.[0-9]{{1,3}})?([MGTP]|[MGTPE]i)$"), 2, DIGITS + 6)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        let quantity = Quantity::parse(text)?;
        let (_, _, unit) = split(text);
        if Self::UNITS.contains(&unit) {
            return Ok(Self(quantity));
        }
        let number = text.len() - unit.len();
        let what = match unit {
            "" => "counts single bytes".to_owned(),
            "m" => "has the unit `m`, thousandths of a byte".to_owned(),
            unit => format!("has the unit `{unit}`, too small for a volume"),
        };
        let bad = Malformed::new(format!("{what}; a volume is measured in `Mi`, `Gi` or `Ti`"));
        Err(if unit.is_empty() { bad } else { bad.at(number..text.len()) })
    }
}

/// Digits, digits after the point, and the suffix with whatever else there is.
fn split(text: &str) -> (&str, &str, &str) {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = text.split_at(digits(text));
    match rest.strip_prefix('.') {
        Some(rest) => {
            let (fraction, unit) = rest.split_at(digits(rest));
            (whole, fraction, unit)
        }
        None => (whole, "", rest),
    }
}

fn check(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    let (whole, fraction, unit) = split(text);
    let number = text.len() - unit.len();
    if whole.is_empty() {
        return Err(Malformed::new("does not begin with a number"));
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Err(Malformed::new("begins with a zero").at(0..1));
    }
    if !UNITS.iter().any(|(name, _)| *name == unit) {
        let mut bad =
            Malformed::new(format!("has the unit `{unit}`; units are `Ki`, `Mi`, `Gi`, `Ti` and so on"));
        bad.meant =
            corrected(unit).map(|unit| format!("{}{unit}", &text[..number])).filter(|t| check(t).is_ok());
        return Err(bad.at(number..text.len()));
    }
    let point = text.contains('.');
    if point && (fraction.is_empty() || fraction.len() > 3 || unit == "m") {
        let reason =
            if unit == "m" { "has a fraction of `m`" } else { "has not one to three digits after the point" };
        return Err(Malformed::new(reason).at(whole.len()..number));
    }
    if whole.len() > DIGITS {
        return Err(Malformed::new(format!("has more than {DIGITS} digits")).at(DIGITS..whole.len()));
    }
    if whole.bytes().chain(fraction.bytes()).all(|b| b == b'0') {
        return Err(Malformed::new("is zero").at(0..number));
    }
    Ok(())
}

/// The suffix for other ways to write it that can only mean one.
fn corrected(unit: &str) -> Option<String> {
    let unit = unit.trim();
    let bare = unit.strip_suffix(['B', 'b']).unwrap_or(unit);
    let mut letters = bare.chars();
    let right = match (letters.next(), letters.as_str()) {
        (Some(first), "i" | "I") => format!("{}i", first.to_ascii_uppercase()),
        // `5m` with white space before it is clear, `5mB` is not.
        (Some('m'), "") if bare != unit => return None,
        (None | Some(_), "") => bare.to_owned(),
        _ => return None,
    };
    UNITS.iter().any(|(name, _)| *name == right).then_some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn quantities_are_those_of_kubernetes_without_sign_and_exponent() {
        agree::<Quantity>(
            &[
                "1",
                "5Gi",
                "500m",
                "1.5Ti",
                "0.5Gi",
                "100k",
                "10M",
                "0.001",
                "999999999Ei",
                "999999999.999Pi",
                "2P",
            ],
            &[
                "",
                "Gi",
                "0",
                "0Gi",
                "0.000Gi",
                "05Gi",
                "5gi",
                "5GB",
                "5K",
                "1.5m",
                "1.Gi",
                ".5Gi",
                "-1Gi",
                "1e3",
                "1.0001Gi",
                "1000000000Gi",
                "5 Gi",
                "5E",
            ],
        );
    }

    #[test]
    fn volumes_are_no_fractions_of_bytes() {
        agree::<VolumeSize>(
            &["1M", "5Gi", "1.5Ti", "0.5Gi", "999999999Ei"],
            &["", "1m", "1", "5k", "5Ki", "0Gi", "5gi", "1e3"],
        );
        assert_eq!(fault::<VolumeSize>("1m"), ("m", None));
        assert_eq!(fault::<VolumeSize>("5gi"), ("gi", Some("5Gi".into())));
    }

    #[test]
    fn quantities_are_compared_as_amounts() {
        let milli = |text| Quantity::parse(text).expect("a quantity").milli();
        assert_eq!(milli("500m"), 500);
        assert_eq!(milli("1.5Ti"), 1500 << 40);
        assert_eq!(milli("0.25"), 250);
        assert_eq!(milli("1Gi"), milli("1024Mi"));
        assert_eq!(milli("999999999Ei"), 999_999_999_000 << 60);
        assert!(Quantity::parse("900Mi").ok() < Quantity::parse("1Gi").ok());
        assert!(Quantity::parse("1G").ok() < Quantity::parse("1Gi").ok());
    }

    #[test]
    fn what_was_meant_is_offered_if_only_one_thing_can_be() {
        assert_eq!(fault::<Quantity>("5gi"), ("gi", Some("5Gi".into())));
        assert_eq!(fault::<Quantity>("5GiB"), ("GiB", Some("5Gi".into())));
        assert_eq!(fault::<Quantity>("5GB"), ("GB", Some("5G".into())));
        assert_eq!(fault::<Quantity>("5 Gi"), (" Gi", Some("5Gi".into())));
        assert_eq!(fault::<Quantity>("5K"), ("K", None));
        assert_eq!(fault::<Quantity>("0.0Gi"), ("0.0", None));
        assert_eq!(fault::<Quantity>("05Gi"), ("0", None));
    }
}
