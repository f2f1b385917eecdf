//! One turn, from the session to the answer.

use super::{
    Agent,
    deliver::{Reply, outcome},
    error::TurnError,
    input::{identity, words},
};
use crate::{
    session::{OpenSession, Place, Turn, UserInput, View},
    task::{Cell, Incoming},
};

impl Agent {
    /// Takes a turn and leaves the task in a state that says how it went.
    pub(super) async fn run(&self, cell: &Cell, incoming: &Incoming, place: Place, streaming: bool) {
        if let Some(platform) = &self.platform {
            platform.turn_started(cell.id());
        }
        let error = self.turn(cell, incoming, place, streaming).await.err();
        if let Some(error) = &error {
            // Changes nothing where the task was canceled.
            cell.fail(error.to_string());
        }
        if let Some(platform) = &self.platform {
            let failure = error.filter(|error| !matches!(error, TurnError::Stopped));
            platform.turn_ended(failure.map(|error| error.to_string()));
        }
    }

    /// What may take long can be stopped; what writes to the session cannot, so that it is never written by
    /// two turns at once.
    async fn turn(
        &self,
        cell: &Cell,
        incoming: &Incoming,
        place: Place,
        streaming: bool,
    ) -> Result<(), TurnError> {
        let stop = cell.stop();
        let mut session =
            stop.run_until_cancelled(self.sessions.open(place)).await.ok_or(TurnError::Stopped)??;
        let reply = Reply::new(cell, self.faults, streaming);
        let answered = self.answer(cell, incoming, &mut session, reply).await;
        self.release(session, cell, streaming);
        answered
    }

    async fn answer(
        &self,
        cell: &Cell,
        incoming: &Incoming,
        session: &mut OpenSession,
        mut reply: Reply<'_>,
    ) -> Result<(), TurnError> {
        let stop = cell.stop();

        // After a restart the task of a message that comes again is gone, but its answer is not.
        let message_id = identity(incoming, self.faults);
        let known = session.session().answer_to(cell.context_id(), &message_id).map(str::to_owned);
        if let Some(answer) = known {
            return self.settle(cell, reply, Thought { answer, prompt: Vec::new() }).await;
        }

        let files = stop.run_until_cancelled(self.read_files(incoming)).await.ok_or(TurnError::Stopped)?;
        let (files, missing) = match files {
            Ok(files) => (files, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let input = UserInput { text: words(incoming, self.faults), files };
        session.begin(open_turn(cell, message_id, &input)).await?;

        let thinking = async {
            match missing {
                Some(error) => Err(error),
                None => self.think(cell, session, &input, &mut reply).await,
            }
        };
        let thought = stop.run_until_cancelled(thinking).await.unwrap_or(Err(TurnError::Stopped));
        match outcome(thought, self.faults) {
            Ok(thought) if cell.seal() => {
                session.answer(&thought.answer).await?;
                self.settle(cell, reply, thought).await
            }
            unanswered => {
                let error = unanswered.err().unwrap_or(TurnError::Stopped);
                session.give_up(matches!(error, TurnError::Model(_))).await?;
                Err(error)
            }
        }
    }

    async fn think(
        &self,
        cell: &Cell,
        session: &OpenSession,
        input: &UserInput,
        reply: &mut Reply<'_>,
    ) -> Result<Thought, TurnError> {
        let earlier = session.session().turns.split_last().map_or(&[][..], |(_, earlier)| earlier);
        let view = View::new(earlier, input, self.faults);
        if let Some(answer) = view.refusal() {
            return Ok(Thought { answer: answer.to_owned(), prompt: Vec::new() });
        }
        if self.canary_mode {
            return self.answer_canary(view).await;
        }
        self.answer_with_model(cell.context_id(), view, reply).await
    }

    /// Delivers the answer and ends the turn.
    async fn settle(&self, cell: &Cell, reply: Reply<'_>, thought: Thought) -> Result<(), TurnError> {
        reply.deliver(thought, &self.sessions).await?;
        cell.complete();
        Ok(())
    }
}

/// An answer, and every text the model was shown for it.
pub(super) struct Thought {
    pub(super) answer: String,
    pub(super) prompt: Vec<String>,
}

fn open_turn(cell: &Cell, message_id: String, input: &UserInput) -> Turn {
    Turn {
        context_id: cell.context_id().to_owned(),
        task_id: cell.id().to_owned(),
        message_id,
        user: input.clone(),
        agent: None,
    }
}
