//! A message that is answered in one piece, or looked after until it is.

use std::time::Duration;

use tokio::time::Instant;

use super::{Client, Endpoint, Flow, Sent};
use crate::{Drift, Outgoing, State, View, WireError, ask::Ask};

/// The first wait before a task is asked for again; doubled each time up to a second.
const FIRST_POLL: Duration = Duration::from_millis(20);

impl Client {
    /// Sends a message and waits until the turn is settled: blocking where the server blocks, by polling where it does
    /// not, never longer than the bound.
    pub async fn send(&self, endpoint: &Endpoint, message: &Outgoing) -> Sent {
        let deadline = Instant::now() + self.limits.time;
        let mut sent = Sent::default();
        let ask = (Ask::Send(message), message.message_id.as_str());
        self.patiently(endpoint, ask, deadline, &mut until_settled, &mut sent).await;
        let mut pause = FIRST_POLL;
        while sent.error.is_none() && !sent.view.is_settled() {
            let state = sent.view.state.map_or("without a state", State::name).to_owned();
            sent.view.note(Drift::NotBlocking(state.clone()));
            let Some(task) = sent.view.task_id.clone() else {
                sent.error = Some(WireError::Malformed {
                    reason: "the result is neither a message nor a task with an id".into(),
                    body: String::new(),
                });
                break;
            };
            if Instant::now() + pause >= deadline {
                sent.error = Some(WireError::NotFinished { state, within: self.limits.time });
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
            let id = format!("{}-get-{}", message.message_id, sent.exchanges.len());
            let left = deadline.saturating_duration_since(Instant::now());
            self.rpc(endpoint, (Ask::Task(&task), &id), left, &mut until_settled, &mut sent).await;
        }
        sent.conclude();
        sent
    }
}

/// A send that is answered as a stream is read no further than it needs.
fn until_settled(view: &View) -> Flow {
    if view.is_settled() { Flow::HangUp } else { Flow::GoOn }
}
