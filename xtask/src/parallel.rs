//! Work that is done several at a time.

use std::{
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

/// Does the work for all items, `jobs` at a time, and gives each item with its outcome to `done`, which runs in this
/// thread.
pub(crate) fn each<I: Send, O: Send>(
    items: Vec<I>,
    jobs: usize,
    work: impl Fn(&I) -> O + Sync,
    mut done: impl FnMut(I, O),
) {
    let queue = Mutex::new(items.into_iter());
    thread::scope(|scope| {
        let (sender, outcomes) = mpsc::channel();
        for _ in 0..jobs.max(1) {
            let (sender, queue, work) = (sender.clone(), &queue, &work);
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            scope.spawn(move || {
                while let Some(item) = next() {
                    let outcome = work(&item);
                    // the receiver stays until all senders are gone
                    drop(sender.send((item, outcome)));
                }
            });
        }
        drop(sender);
        for (item, outcome) in outcomes {
            done(item, outcome);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_has_its_outcome() {
        for jobs in [0, 1, 3] {
            let mut all = vec![];
            each((1..=20).collect(), jobs, |item| item * 10, |item, outcome| all.push((item, outcome)));
            all.sort_unstable();
            assert_eq!(all, (1..=20).map(|item| (item, item * 10)).collect::<Vec<_>>(), "{jobs}");
        }
    }
}
