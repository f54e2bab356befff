//! Places in a Sovereign, as `[[move]]` names them.

use super::Malformed;
use super::text::{self, text};

text! {
    /// A place: `region/namespace/release` of a Helm release, or `region/layer`.
    Place, "a place", "hel1/openbao/openbao",
    place,
    text::schema("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/[a-z0-9]([-a-z0-9.]*[a-z0-9])?){1,2}$", 3, 255)
}

fn place(text: &str) -> text::Checked {
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let part = |part: &str| {
        edge(part.as_bytes().first())
            && edge(part.as_bytes().last())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
    };
    let parts: Vec<_> = text.split('/').collect();
    if !(2..=3).contains(&parts.len()) || text.len() > 255 || !parts.iter().all(|p| part(p)) {
        return Err(Malformed::new("is neither `region/namespace/release` nor `region/layer`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::scalar::samples::agree;

    #[test]
    fn places_have_two_or_three_parts() {
        agree::<Place>(
            &["hel1/openbao/openbao", "hel1/releases", "a/b.c/d-e"],
            &["", "hel1", "a/b/c/d", "/a", "a/", "a//b", "A/b", "a/-b"],
        );
    }
}
