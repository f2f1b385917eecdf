//! Streams, and tasks that are read, canceled or taken up again by their ids.

use tokio::time::Instant;

use super::{Client, Endpoint, Flow, Sent, turn::Watch};
use crate::{Outgoing, State, View, WireError, ask::Ask};

impl Client {
    /// Sends a message and follows its events (`message/stream`, `SendStreamingMessage`) until the turn is settled and the
    /// stream ends, or until `watch`, which sees the view after each event, hangs up: the connection is dropped then.
    ///
    /// A stream that ends before is [`WireError::StreamEnded`]: nothing is polled here. One that stays open after the turn
    /// was settled is left after a second.
    pub async fn stream(
        &self,
        endpoint: &Endpoint,
        message: &Outgoing,
        mut watch: impl FnMut(&View) -> Flow + Send,
    ) -> Sent {
        self.follow(endpoint, (Ask::Stream(message), &message.message_id), &mut watch).await
    }

    /// Takes up the events of a task again (`tasks/resubscribe`, `SubscribeToTask`) and follows them as
    /// [`stream`](Self::stream) does.
    pub async fn resubscribe(
        &self,
        endpoint: &Endpoint,
        task: &str,
        mut watch: impl FnMut(&View) -> Flow + Send,
    ) -> Sent {
        self.follow(endpoint, (Ask::Resubscribe(task), &self.next_id()), &mut watch).await
    }

    /// Cancels a task (`tasks/cancel`, `CancelTask`). Whether that came about is what the view's state says; a server may
    /// answer with a task that goes on.
    pub async fn cancel(&self, endpoint: &Endpoint, task: &str) -> Sent {
        self.once(endpoint, Ask::Cancel(task)).await
    }

    /// Reads a task as it is now (`tasks/get`, `GetTask`), settled or not.
    pub async fn task(&self, endpoint: &Endpoint, task: &str) -> Sent {
        self.once(endpoint, Ask::Task(task)).await
    }

    async fn once(&self, endpoint: &Endpoint, ask: Ask<'_>) -> Sent {
        let deadline = Instant::now() + self.limits.time;
        let mut sent = Sent::default();
        self.patiently(endpoint, (ask, &self.next_id()), deadline, &mut |_| Flow::GoOn, &mut sent).await;
        sent.conclude();
        sent
    }

    async fn follow(&self, endpoint: &Endpoint, ask: (Ask<'_>, &str), watch: Watch<'_>) -> Sent {
        let deadline = Instant::now() + self.limits.time;
        let mut sent = Sent::default();
        self.patiently(endpoint, ask, deadline, watch, &mut sent).await;
        if sent.error.is_none() && !sent.hung_up && !sent.view.is_settled() {
            let state = sent.view.state.map_or("without a state", State::name);
            sent.error = Some(WireError::StreamEnded(state.to_owned()));
        }
        sent.conclude();
        sent
    }
}
