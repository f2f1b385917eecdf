//! Waiting until the runtime has done with a turn: nothing is asked of the model, and nothing new comes.

use std::time::Duration;

use coalmine_world::{Call, JournalPosition};
use tokio::time::{Instant, sleep};

use super::state::Running;

/// How long nothing must come for a runtime to count as quiet.
const SILENCE: Duration = Duration::from_millis(200);
/// The longest wait.
const WITHIN: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(5);

impl Running<'_> {
    /// Waits until the model's answers to some calls since a mark are out and none has come for a moment; whether that
    /// happened in time.
    pub(super) async fn quiet(&self, mark: JournalPosition, meant: impl Fn(&Call) -> bool) -> bool {
        let began = Instant::now();
        let (mut heard, mut since) = (0, Instant::now());
        while began.elapsed() < WITHIN {
            let mut calls = self.world.calls_since(mark);
            calls.retain(|call| meant(call));
            if calls.len() != heard || calls.iter().any(|call| call.is_in_flight()) {
                (heard, since) = (calls.len(), Instant::now());
            } else if since.elapsed() >= SILENCE {
                return true;
            }
            sleep(LOOK).await;
        }
        false
    }
}
