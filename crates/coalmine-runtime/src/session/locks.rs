//! One lock per session, so that turns of one conversation follow each other while others go on.

use std::{
    collections::HashMap,
    fmt,
    future::ready,
    sync::{Arc, Mutex, PoisonError, Weak},
    task::{Context, Poll, Waker},
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    task::coop::unconstrained,
};

#[derive(Debug, Default)]
pub(super) struct Locks {
    by_key: Mutex<HashMap<String, Weak<AsyncMutex<()>>>>,
}

/// A place in the queue for a session: taken at once, reached when all who came before have left.
pub(crate) struct Place {
    key: String,
    lock: BoxFuture<'static, OwnedMutexGuard<()>>,
}

impl Locks {
    /// Takes the next place in the queue for this key.
    pub(super) fn queue(&self, key: &str) -> Place {
        let mut lock: BoxFuture<'static, _> = Box::pin(unconstrained(self.of(key).lock_owned()));
        // The queue knows who waits since they were polled first, which must not depend on whose turn happens
        // to be scheduled first.
        if let Poll::Ready(guard) = lock.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            lock = Box::pin(ready(guard));
        }
        Place { key: key.to_owned(), lock }
    }

    fn of(&self, key: &str) -> Arc<AsyncMutex<()>> {
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = by_key.get(key).and_then(Weak::upgrade) {
            return lock;
        }
        // Locks that nobody holds or waits for are let go of, so that old conversations cost nothing.
        by_key.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        by_key.insert(key.to_owned(), Arc::downgrade(&lock));
        lock
    }
}

impl Place {
    /// A place in a queue of its own, where nobody waits for anybody.
    pub(super) fn in_no_queue(key: &str) -> Self {
        Locks::default().queue(key)
    }

    /// Waits until all who came before have left.
    pub(super) async fn reached(self) -> (String, OwnedMutexGuard<()>) {
        (self.key, self.lock.await)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn places_are_reached_in_the_order_in_which_they_were_taken() {
        let locks = Locks::default();
        let [first, second, third, fourth] = [(); 4].map(|()| locks.queue("c").reached().boxed());
        let now = |place: &mut BoxFuture<'static, (String, OwnedMutexGuard<()>)>| place.now_or_never();
        let (mut third, mut fourth) = (third, fourth);
        assert!(now(&mut fourth).is_none() && now(&mut third).is_none());
        // Who gives up a place holds nobody up, nor lets anybody pass.
        drop(second);
        let guard = first.now_or_never().unwrap();
        assert!(now(&mut fourth).is_none() && now(&mut third).is_none());
        drop(guard);
        assert!(now(&mut fourth).is_none());
        drop(now(&mut third).unwrap());
        assert!(now(&mut fourth).is_some());
        assert!(locks.queue("other").reached().now_or_never().is_some());
    }
}
