//! One queue per session, so that the turns of a conversation follow each other while other conversations go
//! on.

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
pub(super) struct Queues {
    by_key: Mutex<HashMap<String, Weak<AsyncMutex<()>>>>,
}

/// A place in the queue for a session. Its turn comes when all earlier tickets are done.
pub(crate) struct Ticket {
    key: String,
    lock: BoxFuture<'static, OwnedMutexGuard<()>>,
}

/// The right to use a session. The next ticket comes up when it is dropped.
#[derive(Debug)]
pub(super) struct SessionLock {
    pub(super) key: String,
    _guard: OwnedMutexGuard<()>,
}

impl Queues {
    /// Joins the queue for this key.
    pub(super) fn join(&self, key: &str) -> Ticket {
        let mut lock: BoxFuture<'static, _> = Box::pin(unconstrained(self.lock_of(key).lock_owned()));
        // A lock is queued when it is first polled. Polling here makes the order of calls count, not the
        // order in which the scheduler polls the turns.
        if let Poll::Ready(guard) = lock.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            lock = Box::pin(ready(guard));
        }
        Ticket { key: key.to_owned(), lock }
    }

    fn lock_of(&self, key: &str) -> Arc<AsyncMutex<()>> {
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = by_key.get(key).and_then(Weak::upgrade) {
            return lock;
        }
        // Dropping the locks that nobody uses keeps old conversations free of cost.
        by_key.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        by_key.insert(key.to_owned(), Arc::downgrade(&lock));
        lock
    }
}

impl Ticket {
    /// Returns a ticket for a queue of its own, which waits for nobody.
    pub(super) fn without_queue(key: &str) -> Self {
        Queues::default().join(key)
    }

    /// Waits until all earlier tickets are done.
    pub(super) async fn wait(self) -> SessionLock {
        SessionLock { key: self.key, _guard: self.lock.await }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    type Waiting = BoxFuture<'static, SessionLock>;

    fn poll(ticket: &mut Waiting) -> Option<SessionLock> {
        ticket.now_or_never()
    }

    #[tokio::test]
    async fn tickets_come_up_in_the_order_of_joining() {
        let queues = Queues::default();
        let [first, second, mut third, mut fourth]: [Waiting; 4] =
            [(); 4].map(|()| queues.join("c").wait().boxed());
        assert!(poll(&mut fourth).is_none() && poll(&mut third).is_none());
        // A dropped ticket neither blocks the queue nor lets another ticket pass.
        drop(second);
        let lock = first.now_or_never().unwrap();
        assert!(poll(&mut fourth).is_none() && poll(&mut third).is_none());
        drop(lock);
        assert!(poll(&mut fourth).is_none());
        drop(poll(&mut third).unwrap());
        assert!(poll(&mut fourth).is_some());
        assert!(queues.join("other").wait().now_or_never().is_some());
    }
}
