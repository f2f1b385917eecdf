//! One turn, from the session to the answer.

use super::{
    Agent,
    deliver::Reply,
    input::{message_identity, user_text},
    outcome::{TurnAnswer, TurnError, hide_failure},
};
use crate::{
    session::{OpenSession, Ticket, Turn, UserInput, View},
    task::{Incoming, LiveTask},
};

impl Agent {
    /// Runs a turn and leaves the task in a state that says how it went.
    pub(super) async fn run(&self, task: &LiveTask, incoming: &Incoming, ticket: Ticket, streaming: bool) {
        if let Some(platform) = &self.platform {
            platform.turn_started(task.id());
        }
        let error = self.turn(task, incoming, ticket, streaming).await.err();
        if let Some(error) = &error {
            // This changes nothing if the task was canceled.
            task.fail(error.to_string());
        }
        if let Some(platform) = &self.platform {
            let failure = error.filter(|error| !matches!(error, TurnError::Stopped));
            platform.turn_ended(failure.map(|error| error.to_string()));
        }
    }

    /// Opens the session, answers and releases the session.
    ///
    /// The steps that may take long can be stopped. The steps that write to the session cannot, so two turns
    /// never write to it at the same time.
    async fn turn(
        &self,
        task: &LiveTask,
        incoming: &Incoming,
        ticket: Ticket,
        streaming: bool,
    ) -> Result<(), TurnError> {
        let stop = task.stop();
        let mut session =
            stop.run_until_cancelled(self.sessions.open(ticket)).await.ok_or(TurnError::Stopped)??;
        let reply = Reply::new(task, self.faults, streaming);
        let result = self.answer(task, incoming, &mut session, reply).await;
        self.release(session, task, streaming);
        result
    }

    async fn answer(
        &self,
        task: &LiveTask,
        incoming: &Incoming,
        session: &mut OpenSession,
        mut reply: Reply<'_>,
    ) -> Result<(), TurnError> {
        let stop = task.stop();

        // After a restart, the task of a repeated message is gone, but the session still holds its answer.
        let message_id = message_identity(incoming, self.faults);
        let known = session.session().answer_to(task.context_id(), &message_id).map(str::to_owned);
        if let Some(text) = known {
            return self.finish(task, reply, TurnAnswer::without_prompt(text)).await;
        }

        let files = stop.run_until_cancelled(self.read_files(incoming)).await.ok_or(TurnError::Stopped)?;
        let (files, file_error) = match files {
            Ok(files) => (files, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let input = UserInput { text: user_text(incoming, self.faults), files };
        session.begin(unanswered_turn(task, message_id, &input)).await?;

        let answering = async {
            match file_error {
                Some(error) => Err(error),
                None => self.think(task, session, &input, &mut reply).await,
            }
        };
        let outcome = stop.run_until_cancelled(answering).await.unwrap_or(Err(TurnError::Stopped));
        match hide_failure(outcome, self.faults) {
            Ok(answer) if task.seal() => {
                session.answer(&answer.text).await?;
                self.finish(task, reply, answer).await
            }
            unanswered => {
                let error = unanswered.err().unwrap_or(TurnError::Stopped);
                session.abandon(matches!(error, TurnError::Model(_))).await?;
                Err(error)
            }
        }
    }

    async fn think(
        &self,
        task: &LiveTask,
        session: &OpenSession,
        input: &UserInput,
        reply: &mut Reply<'_>,
    ) -> Result<TurnAnswer, TurnError> {
        let earlier = session.session().turns.split_last().map_or(&[][..], |(_, earlier)| earlier);
        let view = View::new(earlier, input, self.faults);
        if let Some(text) = view.refusal() {
            return Ok(TurnAnswer::without_prompt(text));
        }
        if self.canary_mode {
            return self.answer_in_canary_mode(view).await;
        }
        self.answer_with_model(task.context_id(), view, reply).await
    }

    /// Delivers the answer and ends the turn.
    async fn finish(&self, task: &LiveTask, reply: Reply<'_>, answer: TurnAnswer) -> Result<(), TurnError> {
        reply.deliver(answer, &self.sessions).await?;
        task.complete();
        Ok(())
    }
}

fn unanswered_turn(task: &LiveTask, message_id: String, input: &UserInput) -> Turn {
    Turn {
        context_id: task.context_id().to_owned(),
        task_id: task.id().to_owned(),
        message_id,
        user: input.clone(),
        agent: None,
    }
}
