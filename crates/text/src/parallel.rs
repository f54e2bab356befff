//! One piece of work over many items on all processors. Results stand in the order of the items, so nobody can tell how
//! many processors there were.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};

/// Fewer items than this are done here: a thread costs as much as a small tree, and far more on a busy machine.
const WORTH_A_THREAD: usize = 1024;
/// How many items are taken at a time.
const AT_ONCE: usize = 64;

/// Returns what the work makes of each item, in their order. An item is as much work as a small file: some microseconds.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    map_heavy(1, items, work)
}

/// Returns the same for items of which each is as much work as so many small files.
pub fn map_heavy<T: Sync, R: Send>(weight: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let weight = weight.max(1);
    if items.len().saturating_mul(weight) < WORTH_A_THREAD {
        return items.iter().map(work).collect();
    }
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let shares: Vec<&[T]> = items.chunks((AT_ONCE / weight).max(1)).collect();
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(at) else { return done };
            done.push((at, share.iter().map(&work).collect::<Vec<R>>()));
        }
    };
    let mut done = thread::scope(|scope| {
        // A system that gives no further thread gets the work done by this one.
        let others: Vec<_> =
            (1..threads).filter_map(|_| Builder::new().spawn_scoped(scope, worker).ok()).collect();
        let mut done = worker();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::{map, map_heavy};

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for count in [0, 1, 1023, 1024, 1025, 10_000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(map(&items, |item| item * 2), doubled);
            assert_eq!(map_heavy(0, &items, |item| item * 2), doubled);
            assert_eq!(map_heavy(1000, &items, |item| item * 2), doubled);
        }
    }

    #[test]
    #[should_panic(expected = "item 5000")]
    fn a_panic_is_not_swallowed() {
        map(&(0..10_000).collect::<Vec<_>>(), |item| assert!(*item != 5000, "item {item}"));
    }
}
