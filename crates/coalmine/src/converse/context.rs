//! What a client remembers of one conversation, and how it names it to the runtime.

use coalmine_a2a::{ArtifactText, HistoryEntry, Outgoing, State, WireOutcome};
use uuid::Uuid;

use super::UserTurn;
use crate::plan::{SendContext, SendTask};

/// One conversation, as the client knows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    /// The `contextId`.
    id: String,
    /// The task that waits for the user's next words: those continue it.
    waiting: Option<String>,
    pub(super) last_task: Option<String>,
    /// Whether the last task is over.
    pub(super) over: bool,
    /// The text of the last task's artifacts so far.
    artifacts: Vec<ArtifactText>,
    pub(super) last_message: Option<Outgoing>,
    pub(super) history: Vec<HistoryEntry>,
}

impl Context {
    /// Returns a conversation in which nothing was said yet.
    pub(super) fn fresh() -> Self {
        // a UUID: some servers refuse anything else
        Self { id: fresh_id(), ..Self::default() }
    }

    /// Returns the same with a `contextId` that is not a UUID.
    pub(super) fn fresh_with_plain_id() -> Self {
        Self { id: format!("canary-chat-{}", &fresh_id()[..8]), ..Self::default() }
    }

    /// Returns whether nothing was said yet.
    pub(super) fn is_new(&self) -> bool {
        self.history.is_empty()
    }

    /// Returns the `contextId` to send.
    pub(super) fn context_id(&self, send: SendContext) -> Option<String> {
        match send {
            SendContext::Own => Some(self.id.clone()),
            SendContext::None => None,
            SendContext::Foreign => Some(fresh_id()),
        }
    }

    /// Returns the task to name.
    pub(super) fn task_id(&self, send: SendTask) -> Option<String> {
        match send {
            SendTask::Waiting => self.waiting.clone(),
            SendTask::Last | SendTask::FollowUp => self.last_task.clone(),
        }
    }

    /// Remembers a message and its answer, and leaves out of the answer what its task had said before.
    /// Returns the `contextId` that counts for the turn.
    pub(super) fn take_in(
        &mut self,
        turn: UserTurn<'_>,
        message: &Outgoing,
        sent: &mut WireOutcome,
    ) -> String {
        match (&message.context_id, turn.send.context) {
            (Some(id), SendContext::Own) => self.id.clone_from(id),
            (None, _) if self.is_new() => {
                self.id = sent.view.context_ids.first().cloned().unwrap_or_default();
            }
            _ => {}
        }
        // a message that was refused changes nothing
        if let Some(task) = sent.view.task_id.clone() {
            self.take_in_task(task, sent);
        } else if message.task_id.is_none() && sent.error.is_none() {
            self.waiting = None;
        }
        self.last_message = Some(message.clone());
        self.history.push(HistoryEntry { by_agent: false, text: said(turn) });
        self.history.push(HistoryEntry { by_agent: true, text: sent.view.text() });
        message.context_id.clone().unwrap_or_else(|| self.id.clone())
    }

    /// Remembers that the waiting task was answered, and what came of it; leaves out of that what the task had
    /// said before.
    pub(super) fn take_in_approval(&mut self, said: &str, sent: &mut WireOutcome) {
        if let Some(task) = sent.view.task_id.clone() {
            self.take_in_task(task, sent);
        } else if sent.error.is_none() {
            self.waiting = None;
        }
        self.history.push(HistoryEntry { by_agent: false, text: said.to_owned() });
        self.history.push(HistoryEntry { by_agent: true, text: sent.view.text() });
    }

    fn take_in_task(&mut self, task: String, sent: &mut WireOutcome) {
        let mut artifacts = sent.view.artifacts();
        if self.last_task.as_ref() == Some(&task) {
            sent.view.leave_out(&self.artifacts);
            // a stream holds only what is new
            let mut earlier = std::mem::take(&mut self.artifacts);
            earlier.retain(|old| !artifacts.iter().any(|known| known.id == old.id));
            artifacts.extend(earlier);
        }
        self.over = sent.view.state.is_some_and(State::is_terminal);
        self.waiting = (sent.view.state == Some(State::InputRequired)).then(|| task.clone());
        (self.last_task, self.artifacts) = (Some(task), artifacts);
    }
}

/// Returns everything that the user said in a turn, files included.
fn said(turn: UserTurn<'_>) -> String {
    let mut said = turn.say.to_owned();
    for file in turn.files {
        said.push('\n');
        said.push_str(&file.content);
    }
    said.trim().to_owned()
}

pub(super) fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Send;

    const TURN: UserTurn<'_> = UserTurn {
        context: "a",
        say: "Hello.",
        files: &[],
        send: Send {
            context: SendContext::Own,
            task: SendTask::Waiting,
            again: false,
            stream: false,
            other_dialect: false,
        },
        plain_id: false,
        during: None,
        patient: false,
    };

    fn message() -> Outgoing {
        Outgoing {
            message_id: "m".into(),
            context_id: None,
            task_id: None,
            reference_task_ids: vec![],
            parts: vec![],
            history: vec![],
        }
    }

    fn answer(task: &str, state: State) -> WireOutcome {
        let mut sent = WireOutcome::default();
        sent.view.task_id = Some(task.to_owned());
        sent.view.state = Some(state);
        sent.view.context_ids = vec!["from-runtime".into()];
        sent
    }

    #[test]
    fn waiting_task_is_continued() {
        let mut context = Context::fresh();
        context.take_in(TURN, &message(), &mut answer("t", State::InputRequired));
        assert_eq!(context.task_id(SendTask::Waiting).as_deref(), Some("t"));
        context.take_in(TURN, &message(), &mut answer("t", State::Completed));
        assert_eq!(context.task_id(SendTask::Waiting), None);
        assert_eq!((context.task_id(SendTask::Last).as_deref(), context.over), (Some("t"), true));
    }

    #[test]
    fn approval_continues_the_conversation() {
        let mut context = Context::fresh();
        context.take_in(TURN, &message(), &mut answer("t", State::InputRequired));
        context.take_in_approval("Yes.", &mut answer("t", State::Completed));
        assert_eq!((context.task_id(SendTask::Waiting), context.over), (None, true));
        let said: Vec<_> = context.history.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(said, ["Hello.", "", "Yes.", ""]);
        assert_eq!(context.last_message, Some(message()), "the message of the turn may be repeated");
    }

    #[test]
    fn runtime_names_a_context_that_the_client_left_open() {
        let mut context = Context::fresh();
        assert_eq!(context.take_in(TURN, &message(), &mut answer("t", State::Completed)), "from-runtime");
        assert_eq!(context.context_id(SendContext::Own).as_deref(), Some("from-runtime"));
    }

    #[test]
    fn foreign_context_is_another_one() {
        let context = Context::fresh();
        assert_ne!(context.context_id(SendContext::Foreign), context.context_id(SendContext::Own));
        assert_eq!(context.context_id(SendContext::None), None);
    }
}
