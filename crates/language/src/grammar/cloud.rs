//! What a cloud calls the things that machines are made in: projects, images, availability zones.

use super::text::{self, text};

text! {
    /// The number of a Hetzner Cloud project, as its console has it in the address.
    HetznerProject, "the number of a Hetzner project", "1234567",
    number,
    text::schema("^[0-9]+$", 1, 20)
}

text! {
    /// The number of a Hetzner Cloud network.
    NetworkId, "the number of a network", "4711",
    number,
    text::schema("^[0-9]+$", 1, 20)
}

text! {
    /// The id of a Huawei Cloud project, which belongs to one region.
    HuaweiProject, "the id of a Huawei project", "0f2ac74b498b48028cb68387c421e279",
    |text| {
        text::length(text, 1, usize::MAX)?;
        text::only(text, "lower-case hexadecimal digits", is_lower_hex)?;
        text::length(text, 32, 32)
    },
    text::schema("^[0-9a-f]+$", 32, 32)
}

text! {
    /// The id of a Huawei Cloud image: a UUID in lower case. Images belong to one region.
    ImageId, "the id of an image", "9f2c1d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
    image,
    text::schema("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", 36, 36)
}

text! {
    /// An availability zone: `me-east-215a`.
    ZoneName, "the name of an availability zone", "me-east-215a",
    |text| text::word(text, 1, 63),
    text::word_schema(1, 63)
}

/// A number as Hetzner Cloud gives to what it has.
fn number(text: &str) -> text::Checked {
    text::length(text, 1, usize::MAX)?;
    text::only(text, "digits", |c| c.is_ascii_digit())?;
    text::length(text, 1, 20)
}

/// Digits between the dashes of a UUID.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

fn image(text: &str) -> text::Checked {
    text::length(text, 1, usize::MAX)?;
    text::only(text, "lower-case hexadecimal digits and dashes", |c| is_lower_hex(c) || c == '-')?;
    if text.split('-').map(str::len).eq(GROUPS) {
        return Ok(());
    }
    Err(super::Malformed::new("has not the groups of a UUID: 8, 4, 4, 4 and 12 digits"))
}

fn is_lower_hex(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::samples::{agree, fault};

    #[test]
    fn projects_are_numbers_at_one_cloud_and_hexadecimal_at_another() {
        let of = |n| "7".repeat(n);
        agree::<NetworkId>(&["1", &of(20)], &["", "a", "1.5", "-1", &of(21)]);
        agree::<HetznerProject>(&["1", &of(20)], &["", "a", "1.5", "-1", &of(21)]);
        agree::<HuaweiProject>(
            &[&of(32)],
            &["", "0f2a", "0F2AC74B498B48028CB68387C421E279", &of(31), &of(33)],
        );
        assert_eq!(fault::<HuaweiProject>("0F"), ("F", None));
    }

    #[test]
    fn images_are_uuids_and_zones_are_words() {
        agree::<ImageId>(
            &["00000000-0000-0000-0000-000000000000"],
            &["", "9f2c1d34", "9f2c1d345e6f4a7b8c9d0e1f2a3b4c5d", "9F2C1D34-5E6F-4A7B-8C9D-0E1F2A3B4C5D"],
        );
        agree::<ZoneName>(&["me-east-215a", "a"], &["", "1a", "a-", "A"]);
    }
}
