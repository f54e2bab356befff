//! Shards: which of several sets of Flux's controllers works on which tenants.
//!
//! A bucket of tenants belongs to the shard whose digest with it is the greatest (rendezvous hashing). Nothing but the
//! bucket and the number of shards decides, so nothing moves when Organizations come and go; a further shard takes its
//! share from all others, and nothing moves between these.

use super::tenant::Bucket;
use sovereign_language::manifest::Document;
use sovereign_language::scalar::Shard;
use sovereign_text::digest::Digest;
use sovereign_text::source::{Span, Spanned};

/// The shards of each region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shards(Spanned<i64>);

impl Shards {
    /// Returns all of them, in order.
    pub fn all(self) -> impl Iterator<Item = Spanned<Shard>> {
        (1..=self.0.value).map(move |number| Spanned::new(Shard::new(number), self.0.span))
    }

    /// Returns the shard that works on a bucket.
    pub fn shard(self, bucket: Bucket) -> Spanned<Shard> {
        let rank = |shard: &Spanned<Shard>| Digest::hash(format!("{bucket}/{}", shard.value).as_bytes());
        self.all().max_by_key(rank).unwrap_or(Spanned::new(Shard::new(1), self.0.span))
    }

    /// Returns the line that asks for them.
    pub fn span(self) -> Span {
        self.0.span
    }
}

pub(super) fn resolve(written: &Document) -> Option<Shards> {
    let count = written.flux.as_ref()?.value.shards?;
    Some(Shards(count.map(|count| count.0)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use sovereign_language::manifest::MOST_SHARDS;
    use sovereign_text::source::SourceId;

    fn shards(count: i64) -> Shards {
        Shards(Spanned::new(count, Span::new(SourceId::MANIFEST, 0..0)))
    }

    /// What a further shard changes: it takes about its share, and nothing moves between the others.
    #[test]
    fn a_further_shard_takes_its_share_and_nothing_else_moves() {
        for count in 1..MOST_SHARDS {
            let (before, after) = (shards(count), shards(count + 1));
            let moved: Vec<_> = Bucket::all()
                .filter(|bucket| before.shard(*bucket).value != after.shard(*bucket).value)
                .collect();
            assert!(moved.iter().all(|bucket| after.shard(*bucket).value == Shard::new(count + 1)));
            let share = Bucket::all().count() / usize::try_from(count + 1).expect("a small number");
            assert!((share * 3 / 4..=share * 5 / 4).contains(&moved.len()), "{count}: {}", moved.len());
        }
    }

    #[test]
    fn no_shard_has_much_more_than_its_share() {
        for count in 1..=MOST_SHARDS {
            let mut sizes: BTreeMap<Shard, usize> = BTreeMap::new();
            for bucket in Bucket::all() {
                *sizes.entry(shards(count).shard(bucket).value).or_default() += 1;
            }
            let share = Bucket::all().count() / sizes.len();
            assert_eq!(sizes.len(), usize::try_from(count).expect("a small number"));
            assert!(sizes.values().all(|size| (share / 2..=share * 3 / 2).contains(size)), "{sizes:?}");
        }
    }
}
