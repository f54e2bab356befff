//! The ids of objects that are written here. libgit2 looks for signs of a forged collision on the way, as is right for what comes
//! from others, and takes several times as long; Git does so too when it reads what this program wrote.

use git2::Oid;
use sha1::{Digest as _, Sha1};

/// Returns the id that a file with this text has.
pub(super) fn of_text(text: &str) -> Result<Oid, git2::Error> {
    of("blob", text.as_bytes())
}

/// Returns the id of the tree object with this content.
pub(super) fn of_tree(content: &[u8]) -> Result<Oid, git2::Error> {
    of("tree", content)
}

fn of(kind: &str, content: &[u8]) -> Result<Oid, git2::Error> {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", content.len()));
    hash.update(content);
    Oid::from_bytes(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use git2::ObjectType;

    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        for text in ["", "text\n", &"long ".repeat(10_000)] {
            assert_eq!(of_text(text).unwrap(), Oid::hash_object(ObjectType::Blob, text.as_bytes()).unwrap());
        }
        assert_eq!(of_tree(b"").unwrap(), Oid::hash_object(ObjectType::Tree, b"").unwrap());
    }
}
