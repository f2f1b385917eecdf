//! Waiting until the runtime is done with a turn: it asks the model nothing, and nothing new comes.

use std::time::Duration;

use coalmine_world::{Call, JournalPosition, World};
use tokio::time::{Instant, sleep};

/// How long nothing must come before a runtime counts as quiet.
const SILENCE: Duration = Duration::from_millis(200);
/// The longest wait.
const WITHIN: Duration = Duration::from_secs(3);
/// The time between two checks.
const INTERVAL: Duration = Duration::from_millis(5);

/// Waits until the model's answers to the relevant calls since a mark are out and no such call has come for a
/// moment. Returns whether that happened in time.
pub(super) async fn wait_until_quiet(
    world: &World,
    mark: JournalPosition,
    is_relevant: impl Fn(&Call) -> bool,
) -> bool {
    let began = Instant::now();
    let (mut heard, mut since) = (0, Instant::now());
    while began.elapsed() < WITHIN {
        let mut calls = world.calls_since(mark);
        calls.retain(|call| is_relevant(call));
        if calls.len() != heard || calls.iter().any(|call| call.is_in_flight()) {
            (heard, since) = (calls.len(), Instant::now());
        } else if since.elapsed() >= SILENCE {
            return true;
        }
        sleep(INTERVAL).await;
    }
    false
}
