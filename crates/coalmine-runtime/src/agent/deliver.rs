//! How an answer reaches the task, and through it the client. All faults of the layer `reply` except
//! `reply.failure-hidden` are here.

use std::sync::Arc;

use uuid::Uuid;

use super::outcome::{TurnAnswer, TurnError};
use crate::{
    fault::{Fault, Faults},
    session::{Session, SessionStore},
    task::{LiveTask, StreamSignals},
};

const CONSTANT: &str = "Thank you, your message was received.";

/// The artifact that holds the answer of one turn.
pub(super) struct Reply<'a> {
    task: &'a LiveTask,
    artifact_id: String,
    faults: Faults,
    streaming: bool,
    /// Whether the next piece is appended to the last one.
    begun: bool,
    /// The piece that a fault holds back.
    held: Option<String>,
}

impl<'a> Reply<'a> {
    pub(super) fn new(task: &'a LiveTask, faults: Faults, streaming: bool) -> Self {
        let artifact_id = Uuid::new_v4().to_string();
        Self { task, artifact_id, faults, streaming, begun: false, held: None }
    }

    /// Returns whether the client wants the answer in pieces.
    pub(super) fn is_streamed(&self) -> bool {
        self.streaming
    }

    pub(super) fn signals(&self) -> Arc<StreamSignals> {
        self.task.signals()
    }

    /// Begins the answer again, because the model is asked again: its text before a tool call was not the
    /// answer.
    pub(super) fn begin_round(&mut self) {
        self.begun = false;
        self.held = None;
    }

    /// Passes on a piece of the answer.
    pub(super) fn piece(&mut self, text: &str) {
        match self.faults.active() {
            // These faults deliver something else than the model's text.
            Some(Fault::ReplyDropped | Fault::ReplyConstant | Fault::ReplyEchoEverything) => {}
            Some(Fault::ReplyStreamTruncated) => {
                if let Some(before) = self.held.replace(text.to_owned()) {
                    self.write(&before);
                }
            }
            _ => self.write(text),
        }
    }

    fn write(&mut self, text: &str) {
        self.task.write(&self.artifact_id, text, self.begun, false);
        self.begun = true;
    }

    /// Makes sure that the artifact holds the whole answer and nothing else.
    pub(super) async fn deliver(self, answer: TurnAnswer, sessions: &SessionStore) -> Result<(), TurnError> {
        let text = match self.faults.active() {
            Some(Fault::ReplyDropped) => return Ok(()),
            Some(Fault::ReplyConstant) => CONSTANT.to_owned(),
            Some(Fault::ReplyEchoEverything) => all_texts(sessions.all().await?, answer),
            _ => answer.text,
        };
        if self.streaming && self.faults.is(Fault::ReplyStreamTruncated) {
            self.task.write_silently(&self.artifact_id, &text);
        } else if self.task.artifact_text(&self.artifact_id).as_ref() != Some(&text) {
            self.task.write(&self.artifact_id, &text, false, true);
        }
        Ok(())
    }
}

/// Returns every text of every session, followed by the prompt and the answer.
fn all_texts(sessions: Vec<Session>, answer: TurnAnswer) -> String {
    let mut texts = Vec::new();
    for turn in sessions.into_iter().flat_map(|session| session.turns) {
        texts.extend(turn.user.files.iter().filter_map(|file| file.text().map(str::to_owned)));
        texts.push(turn.user.text);
        texts.extend(turn.agent);
    }
    texts.extend(answer.prompt);
    texts.push(answer.text);
    texts.retain(|text| !text.is_empty());
    texts.join("\n")
}
