//! Streams, and what is done with a task while it lives.

use uuid::Uuid;

use super::{Client, Endpoint, Flow, Sent, is_streamed_answer};
use crate::{Drift, Outgoing, View, WireError};

impl Client {
    /// Sends a message as a stream (`message/stream`, `SendStreamingMessage`), and follows it until the turn is settled, or
    /// until `watch` hangs up: it is called after each event was taken in, and the connection is dropped then. Dropping the
    /// future hangs up as well.
    pub async fn stream(
        &self,
        endpoint: &Endpoint,
        message: &Outgoing,
        watch: impl FnMut(&View) -> Flow + Send,
    ) -> Sent {
        let dialect = endpoint.dialect;
        let body = dialect.stream(message, endpoint.tenant.as_deref());
        let mut sent =
            self.follow(endpoint, (dialect.stream_method(), &message.message_id, body), watch).await;
        sent.note_ids();
        sent
    }

    /// Follows a task that is under way already (`tasks/resubscribe`, `SubscribeToTask`), in the same way.
    pub async fn resubscribe(
        &self,
        endpoint: &Endpoint,
        task: &str,
        watch: impl FnMut(&View) -> Flow + Send,
    ) -> Sent {
        let (dialect, id) = (endpoint.dialect, fresh_id());
        let body = dialect.of_task(dialect.resubscribe_method(), &id, task, endpoint.tenant.as_deref());
        self.follow(endpoint, (dialect.resubscribe_method(), &id, body), watch).await
    }

    /// Cancels a task (`tasks/cancel`, `CancelTask`). A state other than canceled in the answer is no error here.
    pub async fn cancel(&self, endpoint: &Endpoint, task: &str) -> Sent {
        self.of_task(endpoint, endpoint.dialect.cancel_method(), task).await
    }

    /// Reads a task (`tasks/get`, `GetTask`).
    pub async fn task(&self, endpoint: &Endpoint, task: &str) -> Sent {
        self.of_task(endpoint, endpoint.dialect.get_method(), task).await
    }

    async fn of_task(&self, endpoint: &Endpoint, method: &str, task: &str) -> Sent {
        let id = fresh_id();
        let body = endpoint.dialect.of_task(method, &id, task, endpoint.tenant.as_deref());
        let mut sent = Sent::nothing_yet();
        self.rpc(endpoint, method, body, &id, self.limits.time, &mut sent).await;
        sent
    }

    async fn follow(
        &self,
        endpoint: &Endpoint,
        call: (&str, &str, Vec<u8>),
        mut watch: impl FnMut(&View) -> Flow + Send,
    ) -> Sent {
        let mut sent = Sent::nothing_yet();
        self.rpc_watched(endpoint, call, self.limits.time, &mut sent, &mut watch).await;
        if sent.error.is_none() && !sent.exchanges.last().is_some_and(is_streamed_answer) {
            sent.view.note(Drift::NotStreamed);
        }
        if sent.error.is_none() && !sent.hung_up && !sent.view.is_settled() {
            let state = sent.view.state.map_or("without a state", crate::State::name);
            sent.error = Some(WireError::StreamEnded(state.to_owned()));
        }
        sent
    }
}

fn fresh_id() -> String {
    format!("canary-{}", &Uuid::new_v4().simple().to_string()[..12])
}
