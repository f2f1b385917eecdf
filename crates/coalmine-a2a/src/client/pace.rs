//! The pace of a client whose server takes only so many requests in a span of time.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use crate::time::after;

/// The shortest time between the starts of two calls.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, next: Mutex::new(Instant::now()) }
    }

    /// Waits for the next slot and takes it. Returns how long that took.
    pub(super) async fn wait(&self) -> Duration {
        let began = Instant::now();
        let slot = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let slot = (*next).max(began);
            *next = after(slot, self.interval);
            slot
        };
        sleep_until(slot).await;
        began.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slots_are_an_interval_apart() {
        let interval = Duration::from_millis(20);
        let (began, pace) = (Instant::now(), Pace::new(interval));
        for _ in 0..4 {
            pace.wait().await;
        }
        assert!(began.elapsed() >= 3 * interval);
        assert!(*pace.next.lock().unwrap() >= began + 4 * interval);
    }
}
