//! What Git leaves of a merge that it could not make. A lock follows from the manifest, so nobody has to resolve it by hand: both
//! of its sides say which files are ours.

use std::collections::BTreeMap;

use crate::checked_out::as_git_has;
use sovereign_compile::tree::{Lock, TreePath};
use sovereign_text::digest::Digest;

/// On which side a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Ours,
    /// What both sides have changed, which Git shows if it is told to.
    Base,
    Theirs,
}

/// Returns both sides of a text with the markers of an unresolved merge; `None` if it has none, or they do not fit together.
pub(crate) fn sides(bytes: &[u8]) -> Option<[String; 2]> {
    let text = String::from_utf8(as_git_has(bytes).into_owned()).ok()?;
    let (mut ours, mut theirs) = (String::new(), String::new());
    let (mut side, mut conflicts) = (Side::Both, 0);
    for line in text.split_inclusive('\n') {
        side = match side {
            Side::Both if line.starts_with("<<<<<<< ") => Side::Ours,
            Side::Ours if line.starts_with("||||||| ") => Side::Base,
            Side::Ours | Side::Base if line.trim_end() == "=======" => Side::Theirs,
            Side::Theirs if line.starts_with(">>>>>>> ") => {
                conflicts += 1;
                Side::Both
            }
            Side::Both => {
                ours.push_str(line);
                theirs.push_str(line);
                continue;
            }
            Side::Ours => {
                ours.push_str(line);
                continue;
            }
            Side::Theirs => {
                theirs.push_str(line);
                continue;
            }
            Side::Base => continue,
        };
    }
    (side == Side::Both && conflicts > 0).then_some([ours, theirs])
}

/// Returns both sides of a lock with the markers of an unresolved merge.
pub(crate) fn sides_of_lock(bytes: &[u8]) -> Option<[Lock; 2]> {
    let [ours, theirs] = sides(bytes)?;
    Some([Lock::parse(&ours).ok()?, Lock::parse(&theirs).ok()?])
}

/// Returns a lock of all files that one of two locks names. Where they say two things of a file, it says what holds of the one that
/// `standing` gives; a file with markers is ours if both of its sides are.
pub(crate) fn reconcile([ours, theirs]: [Lock; 2], standing: impl Fn(&TreePath) -> Option<Vec<u8>>) -> Lock {
    let mut files: BTreeMap<TreePath, Digest> = ours.files().clone();
    for (path, digest) in theirs.files() {
        let written = [ours.files().get(path).copied(), Some(*digest)];
        if written[0] == written[1] {
            continue;
        }
        let found = standing(path).map(|bytes| as_git_has(&bytes).into_owned());
        let holds = found.as_ref().map(|bytes| Digest::hash(bytes));
        let is_ours = |text: &String| written.contains(&Some(Digest::hash(text.as_bytes())));
        let is_merge_of_ours =
            found.and_then(|bytes| sides(&bytes)).is_some_and(|sides| sides.iter().all(is_ours));
        let settled = holds.filter(|_| written.contains(&holds) || is_merge_of_ours);
        files.insert(path.clone(), settled.or(written[0]).unwrap_or(*digest));
    }
    Lock::naming(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> TreePath {
        TreePath::new(path).unwrap()
    }

    fn lock(files: &[(&str, &str)]) -> Lock {
        Lock::naming(files.iter().map(|(name, text)| (path(name), Digest::hash(text.as_bytes()))).collect())
    }

    #[test]
    fn both_sides_of_a_merge() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| 1234\nx\n=======\nc\n>>>>>>> side\nd\n";
        assert_eq!(sides(text.as_bytes()).unwrap(), ["a\nb\nd\n", "a\nc\nd\n"]);
        assert_eq!(sides(text.replace('\n', "\r\n").as_bytes()).unwrap(), ["a\nb\nd\n", "a\nc\nd\n"]);
        for bad in ["a\n", "<<<<<<< HEAD\na\n", "<<<<<<< HEAD\na\n>>>>>>> side\n", ">>>>>>> side\n"] {
            assert_eq!(sides(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn what_one_of_both_has_written_is_ours() {
        let merged = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> side\n";
        let edited = "<<<<<<< HEAD\na\n=======\nby hand\n>>>>>>> side\n";
        let ours = lock(&[
            ("same", "s\n"),
            ("theirs", "a\n"),
            ("merged", "a\n"),
            ("edited", "a\n"),
            ("gone", "a\n"),
        ]);
        let theirs =
            lock(&[("same", "s\n"), ("theirs", "b\n"), ("merged", "b\n"), ("edited", "b\n"), ("new", "n\n")]);
        let standing = |path: &TreePath| match path.as_str() {
            "theirs" => Some(b"b\n".to_vec()),
            "merged" => Some(merged.as_bytes().to_vec()),
            "edited" => Some(edited.as_bytes().to_vec()),
            "new" => Some(b"n\n".to_vec()),
            _ => None,
        };
        let expected = [
            ("same", "s\n"),
            ("theirs", "b\n"),
            ("merged", merged),
            ("edited", "a\n"),
            ("gone", "a\n"),
            ("new", "n\n"),
        ];
        assert_eq!(reconcile([ours, theirs], standing), lock(&expected));
    }
}
