//! Sends a message and waits for its answer, by polling if the server does not block.

use std::time::Duration;

use tokio::time::Instant;

use super::{Client, WireOutcome};
use crate::{Ask, Drift, Endpoint, Flow, Limits, Outgoing, State, View, WireCall, WireError, time::after};

/// The first pause before a task is polled; it doubles each time up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The longest pause between two polls.
const MAX_PAUSE: Duration = Duration::from_secs(1);

impl Client {
    /// Sends a message and waits until the turn is settled: the server blocks, or its task is polled. Never
    /// takes longer than the client's limit.
    pub async fn send(&self, endpoint: &Endpoint, message: &Outgoing) -> WireOutcome {
        self.wait_for_slot().await;
        let mut deadline = after(Instant::now(), self.limits.time);
        let mut outcome = WireOutcome::default();
        let call = self.call(endpoint, Ask::Send(message), &message.message_id);
        self.with_retries(call, deadline, &mut until_settled, &mut outcome).await;
        let mut pause = FIRST_PAUSE;
        while outcome.error.is_none() && !outcome.view.is_settled() {
            let state = outcome.view.state.map_or("without a state", State::name).to_owned();
            outcome.view.note(Drift::NotBlocking(state.clone()));
            let Some(task) = outcome.view.task_id.clone() else {
                outcome.error =
                    Some(WireError::malformed("the result is neither a message nor a task with an id", b""));
                break;
            };
            if after(Instant::now(), pause) >= deadline {
                outcome.error = Some(WireError::NotFinished { state, within: self.limits.time });
                break;
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(MAX_PAUSE);
            // waiting for others is not the server's time
            deadline = after(deadline, self.wait_for_slot().await);
            let id = format!("{}-get-{}", message.message_id, outcome.exchanges.len());
            let time = deadline.saturating_duration_since(Instant::now());
            let limits = Limits { time, ..self.limits };
            let poll = WireCall { endpoint, ask: Ask::Task(&task), id: &id, limits };
            self.call_once(poll, &mut until_settled, &mut outcome).await;
        }
        outcome.conclude();
        outcome
    }
}

/// Reads a send that is answered as a stream no further than needed.
fn until_settled(view: &View) -> Flow {
    if view.is_settled() { Flow::HangUp } else { Flow::GoOn }
}
