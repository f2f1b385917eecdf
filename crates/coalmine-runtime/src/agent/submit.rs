//! From a message to a turn that is under way.

use std::sync::Arc;

use super::Agent;
use crate::{
    session::{Origin, session_key},
    task::{Admission, Cell, Follower, Incoming},
    wire::RpcError,
};

impl Agent {
    /// Takes a message in and begins its turn, which goes on whether or not anyone follows it. A message that
    /// was delivered before begins nothing; its task is followed.
    ///
    /// # Errors
    /// What is wrong with the message; then nothing was begun.
    pub(crate) fn submit(
        self: &Arc<Self>,
        incoming: Incoming,
        streaming: bool,
    ) -> Result<Follower, RpcError> {
        for file in incoming.files() {
            self.files.check(file)?;
        }
        match self.tasks.admit(&incoming, self.faults)? {
            Admission::Repeated(cell) => Ok(cell.follow()),
            Admission::Turn(cell) => {
                // Followed before it starts, so that a stream tells the task's life from the beginning.
                let follower = cell.follow();
                self.begin(cell, incoming, streaming);
                Ok(follower)
            }
        }
    }

    fn begin(self: &Arc<Self>, cell: Arc<Cell>, incoming: Incoming, streaming: bool) {
        cell.start();
        // Queued now, so that turns of one conversation follow each other as their messages came.
        let origin = Origin {
            context_id: cell.context_id(),
            task_id: cell.id(),
            message_id: &incoming.message_id,
            follows_up: incoming.follows_up(),
            streamed: streaming,
            version: incoming.version,
        };
        let place = self.sessions.queue(&session_key(origin, self.faults));
        let agent = Arc::clone(self);
        self.turns.spawn(async move { agent.run(&cell, &incoming, place, streaming).await });
    }
}
