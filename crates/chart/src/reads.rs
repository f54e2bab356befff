//! Which values templates read. Templates are followed with symbolic values; where that ends, everything below counts as
//! read.

mod abstracts;
mod follow;

pub(crate) use follow::Follower;

use std::collections::BTreeSet;

/// A place in the values of the outermost chart.
pub(crate) type Place = Vec<String>;

/// What templates read, and what else is seen on the way.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Places that are looked at: a condition, a comparison.
    exact: BTreeSet<Place>,
    /// Places whose value is used as it is, whatever stands below.
    whole: BTreeSet<Place>,
    /// API versions that a template asks the cluster for.
    pub(crate) capabilities: BTreeSet<String>,
    /// Kinds of objects that a template looks up in the cluster.
    pub(crate) lookups: BTreeSet<String>,
    /// Names of functions that are called.
    pub(crate) functions: BTreeSet<String>,
    /// Files that Go would refuse.
    pub(crate) refused: BTreeSet<String>,
}

/// The key of what all charts in a chart share.
const GLOBAL: &str = "global";

impl Reads {
    /// Notes that a place is looked at.
    pub(crate) fn look_at(&mut self, place: &[String]) {
        for place in shared(place) {
            self.exact.insert(place);
        }
    }

    /// Notes that a place is used as it is.
    pub(crate) fn use_whole(&mut self, place: &[String]) {
        for place in shared(place) {
            self.whole.insert(place);
        }
    }

    /// Places that are used as they are, whatever stands below.
    pub(crate) fn whole(&self) -> impl Iterator<Item = &Place> {
        self.whole.iter()
    }

    /// Returns all places.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Place> {
        self.exact.iter().chain(&self.whole)
    }

    /// Returns whether a place is read: it, something above as a whole, or something below.
    pub(crate) fn reads(&self, place: &[String]) -> bool {
        let below = |set: &BTreeSet<Place>| {
            set.range(place.to_vec()..).next().is_some_and(|found| found.starts_with(place))
        };
        (0..=place.len()).filter_map(|end| place.get(..end)).any(|above| self.whole.contains(above))
            || below(&self.exact)
            || below(&self.whole)
    }
}

/// Returns a place, and for one below `global` the same in each chart above: they share it.
fn shared(place: &[String]) -> Vec<Place> {
    let Some(global) = place.iter().position(|key| key == GLOBAL) else { return vec![place.to_vec()] };
    let (of_chart, rest) = place.split_at(global);
    (0..=of_chart.len())
        .filter_map(|end| of_chart.get(..end))
        .map(|above| above.iter().chain(rest).cloned().collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn a_place_is_read_with_what_stands_above_and_below() {
        let mut reads = Reads::default();
        reads.look_at(&place("a.b.c"));
        reads.use_whole(&place("x.y"));
        for read in ["a", "a.b", "a.b.c", "x", "x.y", "x.y.z"] {
            assert!(reads.reads(&place(read)), "{read}");
        }
        for unread in ["a.b.c.d", "a.bb", "x.z", "b"] {
            assert!(!reads.reads(&place(unread)), "{unread}");
        }
    }

    #[test]
    fn what_is_global_is_read_in_every_chart_above() {
        let mut reads = Reads::default();
        reads.look_at(&place("web.db.global.registry"));
        for read in ["global.registry", "web.global.registry", "web.db.global.registry"] {
            assert!(reads.reads(&place(read)), "{read}");
        }
    }
}
