//! One piece of work over many items on all processors. Results stand in the order of the items, so nobody can tell how
//! many processors there were.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread::{self, Builder};

/// Fewer items than this are done here: a thread costs as much as a small tree, and far more on a busy machine.
const WORTH_A_THREAD: usize = 1024;
/// How many items are taken at a time.
const AT_ONCE: usize = 64;
/// How many results of [`each`] may wait for one before them, for each processor.
const AHEAD: usize = 4;

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

/// Does work on each item, and hands over the results in the order of the items as soon as it can. An item is much work: a
/// whole manifest. However many items there are, only a few results are held at a time.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync, mut take: impl FnMut(&T, R)) {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let gate = Gate {
        next: AtomicUsize::new(0),
        taken: Mutex::new(0),
        moved: Condvar::new(),
        room: threads * AHEAD,
    };
    let worker = |sender: mpsc::Sender<(usize, thread::Result<R>)>| {
        loop {
            let at = gate.begin();
            let Some(item) = items.get(at) else { return };
            if sender.send((at, catch_unwind(AssertUnwindSafe(|| work(item))))).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        let _opens = Opens(&gate);
        let (sender, results) = mpsc::channel();
        let started = (0..threads).filter(|_| {
            let (worker, sender) = (&worker, sender.clone());
            Builder::new().spawn_scoped(scope, move || worker(sender)).is_ok()
        });
        if threads <= 1 || started.count() == 0 {
            // A system that gives no thread gets the work done by this one.
            for item in items {
                take(item, work(item));
            }
            return;
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut expected = items.iter().enumerate().peekable();
        for (at, result) in results {
            waiting.insert(at, result);
            while let Some((place, item)) = expected.peek() {
                let Some(result) = waiting.remove(place) else { break };
                take(item, result.unwrap_or_else(|panic| resume_unwind(panic)));
                gate.step();
                expected.next();
            }
        }
    });
}

/// Gives out items, and keeps workers from running far ahead of whoever takes their results.
struct Gate {
    next: AtomicUsize,
    taken: Mutex<usize>,
    moved: Condvar,
    room: usize,
}

impl Gate {
    /// Returns the place of the next item, once it may be begun.
    fn begin(&self) -> usize {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_far = |taken: &mut usize| at >= taken.saturating_add(self.room);
        drop(self.moved.wait_while(taken, is_far).unwrap_or_else(PoisonError::into_inner));
        at
    }

    /// Says that one more result was taken.
    fn step(&self) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.moved.notify_all();
    }
}

/// When nobody takes results any more, be it for a panic, nobody waits and nothing is begun.
struct Opens<'a>(&'a Gate);

impl Drop for Opens<'_> {
    fn drop(&mut self) {
        self.0.next.store(usize::MAX / 2, Ordering::Relaxed);
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) = usize::MAX;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::{each, map, map_heavy};

    #[test]
    fn each_hands_over_in_order_and_runs_not_far_ahead() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let items: Vec<usize> = (0..500).collect();
        let (begun, mut taken) = (AtomicUsize::new(0), Vec::new());
        let mut furthest = 0;
        each(
            &items,
            |item| {
                begun.fetch_add(1, Ordering::SeqCst);
                item * 2
            },
            |item, result| {
                assert_eq!(result, item * 2);
                taken.push(*item);
                furthest = furthest.max(begun.load(Ordering::SeqCst) - item);
            },
        );
        assert_eq!(taken, items);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        assert!(furthest <= processors * (super::AHEAD + 1), "{furthest} at once");
    }

    #[test]
    #[should_panic(expected = "item 40")]
    fn a_panic_in_each_ends_it() {
        each(&(0..1000).collect::<Vec<_>>(), |item| assert!(*item != 40, "item {item}"), |_, ()| ());
    }

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
