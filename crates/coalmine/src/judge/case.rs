//! What a canary is judged by.

use coalmine_a2a::Dialect;

use crate::{
    event::ModelMode,
    observe::TurnSeen,
    plan::{Promise, Restart, Scope, Script},
};

/// A canary with everything that was seen of its turns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) script: &'a Script,
    /// All turns, in order.
    pub(super) turns: &'a [TurnSeen],
    pub(super) known: &'a Known,
}

/// What is known beside the turns.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Who answers as the model.
    pub model: ModelMode,
    /// Whether the runtime ever called the model in this run.
    pub model_called: bool,
    /// What the profile promises of a memory.
    pub memory: Promise,
    /// What it promises of sessions when the process ends.
    pub restart: Restart,
    /// What it promises of text files; the card's word if the profile says nothing.
    pub text: Promise,
    /// Whether `text` is the card's word.
    pub text_from_card: bool,
    /// What it promises of images and PDFs.
    pub binary: Promise,
    /// What it promises of peer agents.
    pub peers: Promise,
    /// What it promises of redelivered messages.
    pub once: Promise,
    /// What it says a session belongs to.
    pub scope: Scope,
    /// The dialect in use.
    pub dialect: Option<Dialect>,
}

impl<'a> Case<'a> {
    /// Returns the turns of the same conversation as `turn`, itself included.
    pub(super) fn same_context(&self, turn: &'a TurnSeen) -> impl Iterator<Item = &'a TurnSeen> + use<'a> {
        self.turns.iter().filter(|other| other.turn.context == turn.turn.context)
    }

    /// Returns the turns of the same conversation that came before `turn`.
    pub(super) fn earlier(&self, turn: &'a TurnSeen) -> impl Iterator<Item = &'a TurnSeen> + use<'a> {
        self.same_context(turn).filter(|other| other.number < turn.number)
    }

    /// Returns the turns of any conversation that were sent after `turn`.
    pub(super) fn later(&self, turn: &'a TurnSeen) -> impl Iterator<Item = &'a TurnSeen> + use<'a> {
        self.turns.iter().filter(|other| other.number > turn.number && other.skipped.is_none())
    }

    /// Returns whether a text was said by the user in the conversation of `turn`.
    pub(super) fn said_in_context(&self, turn: &'a TurnSeen, text: &str) -> bool {
        self.same_context(turn).any(|other| other.turn.stated().contains(text))
    }
}

impl Known {
    /// Returns whether a turn sent without a `contextId` must come back with one: a task has one in 0.3, while 1.0 §3.4.1
    /// lets agents go without.
    pub(super) fn must_make_context(&self, turn: &TurnSeen) -> bool {
        self.dialect != Some(Dialect::V1_0) && turn.state.is_some()
    }

    /// Returns whether the model calls of a turn count against its limit: a redelivered message may be executed again unless
    /// the profile promises otherwise.
    pub(super) fn must_execute_once(&self, turn: &TurnSeen) -> bool {
        !turn.turn.send.again || self.once == Promise::Kept
    }
}
