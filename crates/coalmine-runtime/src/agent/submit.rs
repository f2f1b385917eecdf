//! From a message to its turn.

use std::sync::Arc;

use super::Agent;
use crate::{
    session::{Origin, session_key},
    task::{Admission, Follower, Incoming, LiveTask},
    wire::RpcError,
};

impl Agent {
    /// Admits a message and begins its turn, which continues whether or not anyone follows it. A message that
    /// was delivered before begins no turn; the follower then gets its task.
    ///
    /// # Errors
    /// Returns what is wrong with the message; then no turn begins.
    pub(crate) fn submit(
        self: &Arc<Self>,
        incoming: Incoming,
        streaming: bool,
    ) -> Result<Follower, RpcError> {
        for file in incoming.files() {
            self.files.check(file)?;
        }
        match self.tasks.admit(&incoming, self.faults)? {
            Admission::Repeated(task) => Ok(task.follow()),
            Admission::Turn(task) => {
                // Following before the start lets a stream show the task from its first state.
                let follower = task.follow();
                self.begin(task, incoming, streaming);
                Ok(follower)
            }
        }
    }

    fn begin(self: &Arc<Self>, task: Arc<LiveTask>, incoming: Incoming, streaming: bool) {
        task.start();
        // Queueing here keeps the turns of a conversation in the order of their messages.
        let origin = Origin {
            context_id: task.context_id(),
            task_id: task.id(),
            message_id: &incoming.message_id,
            follows_up: incoming.follows_up(),
            streamed: streaming,
            version: incoming.version,
        };
        let ticket = self.sessions.queue(&session_key(origin, self.faults));
        let agent = Arc::clone(self);
        self.turns.spawn(async move { agent.run(&task, &incoming, ticket, streaming).await });
    }
}
