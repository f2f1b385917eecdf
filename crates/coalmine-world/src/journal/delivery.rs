//! What became of an answer that takes its time.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// What became of an answer that takes its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is being sent.
    Sending,
    /// It was sent to its end.
    Complete,
    /// Its reader went away before the end.
    Abandoned,
}

/// The progress of sending one answer, shared between the response and the journal.
#[derive(Debug, Default)]
pub struct Delivery(AtomicU8);

const COMPLETE: u8 = 1;
const ABANDONED: u8 = 2;

impl Delivery {
    /// Returns what became of the answer so far.
    pub fn state(&self) -> DeliveryState {
        match self.0.load(Ordering::Relaxed) {
            COMPLETE => DeliveryState::Complete,
            ABANDONED => DeliveryState::Abandoned,
            _ => DeliveryState::Sending,
        }
    }

    /// Returns the guard that travels with the body: dropped before it is completed, the answer was abandoned.
    pub(crate) fn begin(self: &Arc<Self>) -> Sending {
        Sending(Arc::clone(self))
    }
}

/// An answer that is being sent.
#[derive(Debug)]
pub(crate) struct Sending(Arc<Delivery>);

impl Sending {
    pub(crate) fn complete(&self) {
        self.0.0.store(COMPLETE, Ordering::Relaxed);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        let _ = self.0.0.compare_exchange(0, ABANDONED, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_or_abandoned() {
        let delivery = Arc::new(Delivery::default());
        let sending = delivery.begin();
        assert_eq!(delivery.state(), DeliveryState::Sending);
        drop(sending);
        assert_eq!(delivery.state(), DeliveryState::Abandoned);
        let delivery = Arc::new(Delivery::default());
        let sending = delivery.begin();
        sending.complete();
        drop(sending);
        assert_eq!(delivery.state(), DeliveryState::Complete);
    }
}
