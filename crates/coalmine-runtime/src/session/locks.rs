//! One lock per session, so that turns of one conversation follow each other while others go on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

#[derive(Debug, Default)]
pub(super) struct Locks {
    by_key: Mutex<HashMap<String, Weak<AsyncMutex<()>>>>,
}

impl Locks {
    /// Waits for its turn with this key; first come, first served.
    pub(super) async fn lock(&self, key: &str) -> OwnedMutexGuard<()> {
        self.of(key).lock_owned().await
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
