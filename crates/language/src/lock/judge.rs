//! Whether a chart reads a value at a path, and which one it reads that was meant instead.

use super::{Kind, LockedValues, Mark, ValueFact};
use sovereign_text::diag::suggest;
use sovereign_text::node::{Step, path_text};

/// What a lock says of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement<'t> {
    /// The chart knows this very value.
    Known(ValueFact<'t>),
    /// The chart knows values below it.
    Table,
    /// It stands below something that is used as it is.
    Open,
    /// It stands in a part of the chart of which nothing certain is known.
    Uncertain,
    /// Nothing reads it.
    Unread,
}

impl<'t> LockedValues<'t> {
    /// Says what is known of a path of keys.
    pub fn judge(self, keys: &[&str]) -> Judgement<'t> {
        let path = text_of(keys);
        if let Some(fact) = self.get(&path) {
            return Judgement::Known(fact);
        }
        if self.has_below(&path) {
            return Judgement::Table;
        }
        for end in (0..keys.len()).rev() {
            let above = keys.get(..end).unwrap_or_default();
            let Some(fact) = self.get(&if end == 0 { ".".to_owned() } else { text_of(above) }) else {
                continue;
            };
            if fact.is(Mark::Open) {
                return Judgement::Open;
            }
            if fact.is(Mark::Whole) || fact.is(Mark::Unopened) || fact.is(Mark::Other) {
                return Judgement::Uncertain;
            }
        }
        Judgement::Unread
    }
}

/// Returns a path of keys as a lock has it.
fn text_of(keys: &[&str]) -> String {
    let steps: Vec<_> = keys.iter().map(|key| Step::Key(key)).collect();
    ValueFact::new(path_text(&steps)).path().to_owned()
}

/// How much may be wrong with a key that somebody meant.
const SLIPS: usize = 2;

/// Returns the path that was most likely meant by one that nothing reads: with a key misspelt, a level too
/// high or too low, below the key of a subchart, or of the same meaning in another place. What stands below
/// moves with it.
pub fn nearest(values: LockedValues<'_>, keys: &[&str]) -> Option<String> {
    (1..=keys.len()).rev().find_map(|end| {
        let (moved, below) = keys.split_at_checked(end)?;
        // A table on the way that the chart knows is where it should be.
        if !below.is_empty() && values.judge(moved) != Judgement::Unread {
            return None;
        }
        let near = near(values, moved)?;
        Some(below.iter().fold(near, |path, key| format!("{path}.{}", text_of(&[key]))))
    })
}

fn near(values: LockedValues<'_>, keys: &[&str]) -> Option<String> {
    misspelt(values, keys)
        // Everything of it, a level or two deeper: below the key of a subchart, or of a table.
        .or_else(|| {
            let is_deeper = |path: &[String]| path.len() > keys.len() && path.len() <= keys.len() + 2;
            nearest_of(values, keys, &|path| is_deeper(path) && ends_with(path, keys))
        })
        // Everything of it but a key on the way.
        .or_else(|| {
            nearest_of(values, keys, &|path| path.len() + 1 == keys.len() && is_without_one(path, keys))
        })
        // A key of the same meaning, there or a level deeper.
        .or_else(|| nearest_of(values, keys, &|path| same_meaning(path, keys)))
}

/// Returns the path that a template reads and that is wanted; of several, the one that moves least.
fn nearest_of(
    values: LockedValues<'_>,
    keys: &[&str],
    is_wanted: &dyn Fn(&[String]) -> bool,
) -> Option<String> {
    let read = values.lines().filter(|fact| !fact.is(Mark::Unread));
    let wanted = read.map(|fact| fact.path().to_owned()).filter(|path| is_wanted(&split(path)));
    wanted.min_by_key(|path| (split(path).len().abs_diff(keys.len()), path.len(), path.clone()))
}

/// Returns a path that differs in one key, and there by a slip.
pub fn misspelt(values: LockedValues<'_>, keys: &[&str]) -> Option<String> {
    let near = |path: &Vec<String>| {
        let differing: Vec<_> =
            path.iter().zip(keys).filter(|(one, other)| one.as_str() != **other).collect();
        match differing.as_slice() {
            [(one, other)] if other.len() > SLIPS + 1 => suggest::misspelt(other, [one.as_str()]).is_some(),
            _ => false,
        }
    };
    let cut = |fact: ValueFact<'_>| {
        let mut path = split(fact.path());
        path.truncate(keys.len());
        Some(path).filter(|path| path.len() == keys.len())
    };
    let found = values.lines().filter_map(cut).find(near)?;
    Some(text_of(&found.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn ends_with(path: &[String], keys: &[&str]) -> bool {
    path.iter().rev().zip(keys.iter().rev()).all(|(one, other)| one == other)
}

fn is_without_one(path: &[String], keys: &[&str]) -> bool {
    (0..keys.len()).any(|left_out| {
        let rest = keys.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, key)| *key);
        rest.eq(path.iter().map(String::as_str))
    })
}

/// Returns whether the last key of a path means what that of another one means: `replicas` is `replicaCount`.
fn same_meaning(path: &[String], keys: &[&str]) -> bool {
    let (Some((one, above)), Some((other, wanted))) = (path.split_last(), keys.split_last()) else {
        return false;
    };
    let is_near = path.len() == keys.len() || path.len() == keys.len() + 1;
    is_near && stem(one) == stem(other) && wanted.iter().all(|key| above.iter().any(|known| known == key))
}

/// Returns a key without what people add to it.
fn stem(key: &str) -> String {
    let key = key.to_lowercase();
    let key = key.strip_suffix("count").unwrap_or(&key);
    key.strip_suffix('s').unwrap_or(key).to_owned()
}

/// Returns the keys of a path as a lock has it.
fn split(path: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (key, after) = if rest.starts_with('"') {
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let key = stream.next().and_then(Result::ok).unwrap_or_default();
            (key, rest.get(stream.byte_offset()..).unwrap_or_default())
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            (rest.get(..end).unwrap_or_default().to_owned(), rest.get(end..).unwrap_or_default())
        };
        keys.push(key);
        rest = after.strip_prefix('.').unwrap_or_default();
    }
    keys
}

impl ValueFact<'_> {
    /// Returns whether it has no other kind than this one, but for nothing at all.
    pub(crate) fn is_only(&self, kind: Kind) -> bool {
        !self.kinds().is_empty()
            && self.kinds().iter().all(|known| *known == kind || *known == Kind::Null)
            && self.kinds() != [Kind::Null]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: &str = "\
coraza.replicas int 1
coraza.resources map,open
db map,unopened
db.size string \"1Gi\"
grafana.\"grafana.ini\".server.root_url any
loki.loki.rulerConfig map,open
persistence.enabled bool true
";

    fn packed() -> Vec<u8> {
        super::super::pack::pack(VALUES).expect("packed")
    }

    #[test]
    fn a_path_is_known_open_uncertain_or_unread() {
        let packed = packed();
        let values = LockedValues::of_packed(&packed);
        let judge = |path: &str| values.judge(&path.split('.').collect::<Vec<_>>());
        assert!(matches!(judge("coraza.replicas"), Judgement::Known(fact) if fact.is_only(Kind::Integer)));
        assert_eq!(judge("coraza"), Judgement::Table);
        assert_eq!(judge("coraza.resources.limits.cpu"), Judgement::Open);
        assert_eq!(judge("db.user.name"), Judgement::Uncertain);
        assert_eq!(judge("coraza.replica"), Judgement::Unread);
        assert_eq!(judge("persistence.enabled.x"), Judgement::Unread);
        assert!(matches!(
            values.judge(&["grafana", "grafana.ini", "server", "root_url"]),
            Judgement::Known(_)
        ));
    }

    #[test]
    fn what_was_meant_is_near() {
        let packed = packed();
        let values = LockedValues::of_packed(&packed);
        for (given, meant) in [
            ("replicaCount", "coraza.replicas"),
            ("coraza.replcas", "coraza.replicas"),
            ("loki.rulerConfig", "loki.loki.rulerConfig"),
            ("loki.rulerConfig.storage.type", "loki.loki.rulerConfig.storage.type"),
            ("persistance.enabled", "persistence.enabled"),
            ("coraza.coraza.replicas", "coraza.replicas"),
        ] {
            let keys: Vec<_> = given.split('.').collect();
            assert_eq!(nearest(values, &keys).as_deref(), Some(meant), "{given}");
        }
        assert_eq!(nearest(values, &["ingress", "hosts"]), None);
    }
}
