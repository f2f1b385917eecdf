//! Follows streams, and reads, cancels or resubscribes to tasks by their ids.

use tokio::time::Instant;

use super::{Client, WireOutcome};
use crate::{Ask, Endpoint, Flow, Outgoing, State, View, WireCall, WireError, time::after, watch::Watch};

impl Client {
    /// Sends a message and follows its events until the turn is settled and the stream ends, or until
    /// `watch`, which sees the view after each event, hangs up: the connection is dropped then.
    ///
    /// A stream that ends before the turn is settled is a [`WireError::StreamEnded`]: nothing is polled here.
    /// A stream that stays open after the turn was settled is left after a second.
    pub async fn stream(
        &self,
        endpoint: &Endpoint,
        message: &Outgoing,
        mut watch: impl FnMut(&View) -> Flow + Send,
    ) -> WireOutcome {
        let call = self.call(endpoint, Ask::Stream(message), &message.message_id);
        self.follow(call, &mut watch).await
    }

    /// Subscribes again to the events of a task and follows them as [`stream`](Self::stream) does.
    pub async fn resubscribe(
        &self,
        endpoint: &Endpoint,
        task: &str,
        mut watch: impl FnMut(&View) -> Flow + Send,
    ) -> WireOutcome {
        let id = self.next_id();
        self.follow(self.call(endpoint, Ask::Resubscribe(task), &id), &mut watch).await
    }

    /// Cancels a task. The view's state says whether that happened; a server may answer with a task that goes
    /// on.
    pub async fn cancel(&self, endpoint: &Endpoint, task: &str) -> WireOutcome {
        self.ask_once(endpoint, Ask::Cancel(task)).await
    }

    /// Reads a task as it is now, settled or not.
    pub async fn task(&self, endpoint: &Endpoint, task: &str) -> WireOutcome {
        self.ask_once(endpoint, Ask::Task(task)).await
    }

    async fn ask_once(&self, endpoint: &Endpoint, ask: Ask<'_>) -> WireOutcome {
        self.wait_for_slot().await;
        let deadline = after(Instant::now(), self.limits.time);
        let id = self.next_id();
        let mut outcome = WireOutcome::default();
        self.with_retries(self.call(endpoint, ask, &id), deadline, &mut |_| Flow::GoOn, &mut outcome).await;
        outcome.conclude();
        outcome
    }

    async fn follow(&self, call: WireCall<'_>, watch: Watch<'_>) -> WireOutcome {
        self.wait_for_slot().await;
        let deadline = after(Instant::now(), self.limits.time);
        let mut outcome = WireOutcome::default();
        self.with_retries(call, deadline, watch, &mut outcome).await;
        if outcome.error.is_none() && !outcome.hung_up && !outcome.view.is_settled() {
            let state = outcome.view.state.map_or("without a state", State::name);
            outcome.error = Some(WireError::StreamEnded(state.to_owned()));
        }
        outcome.conclude();
        outcome
    }
}
