//! Waiting until the runtime has done with a turn: nothing is asked of the model, and nothing new comes.

use std::time::Duration;

use coalmine_world::Mark;
use tokio::time::{Instant, sleep};

use super::state::Running;

/// How long nothing must come for a runtime to count as quiet.
const SILENCE: Duration = Duration::from_millis(120);
/// The longest wait.
const WITHIN: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(5);

impl Running<'_> {
    /// Waits until the model's answers are out and no new call has come for a moment; whether that happened in time.
    pub(super) async fn quiet(&self) -> bool {
        let began = Instant::now();
        let (mut mark, mut since): (Mark, Instant) = (self.world.mark(), Instant::now());
        while began.elapsed() < WITHIN {
            let now = self.world.mark();
            if now != mark || self.world.open_answers() > 0 {
                (mark, since) = (now, Instant::now());
            } else if since.elapsed() >= SILENCE {
                return true;
            }
            sleep(LOOK).await;
        }
        false
    }
}
