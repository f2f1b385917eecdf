//! Progress messages while the runtime is not ready yet.

use std::time::{Duration, Instant};

use crate::event::{Emitter, Phase};

/// The least time between two messages.
const INTERVAL: Duration = Duration::from_secs(1);

/// Reports what was seen last, now and then.
pub(super) struct ReadyProgress<'a> {
    events: &'a Emitter,
    reported: Instant,
}

impl<'a> ReadyProgress<'a> {
    pub(super) fn new(events: &'a Emitter) -> Self {
        Self { events, reported: Instant::now() }
    }

    /// Reports what was seen last, unless another message was sent a moment ago.
    pub(super) fn report(&mut self, last: &str) {
        if self.reported.elapsed() >= INTERVAL {
            self.reported = Instant::now();
            self.events.progress(Phase::Boot, format!("waiting for the runtime; last seen: {last}"));
        }
    }
}
