//! What the agent sees of a session when it answers.

use std::borrow::Cow;

use super::{
    Turn, UserInput,
    distort::{distort, refusal},
};
use crate::{attachment::Attachment, fault::Faults};

/// The earlier turns and the current one, as the model or canary mode sees them.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    pub(super) earlier: Vec<VisibleTurn<'a>>,
    pub(super) current: VisibleTurn<'a>,
    faults: Faults,
}

/// A message of the user and its answer, if it has one.
#[derive(Clone, Debug)]
pub(crate) struct VisibleTurn<'a> {
    pub(crate) text: &'a str,
    pub(crate) files: Vec<Cow<'a, Attachment>>,
    pub(crate) answer: Option<&'a str>,
}

impl<'a> View<'a> {
    pub(crate) fn new(earlier: &'a [Turn], input: &'a UserInput, faults: Faults) -> Self {
        let earlier = earlier.iter().map(|turn| VisibleTurn::new(&turn.user, turn.agent.as_deref()));
        let mut view = Self { earlier: earlier.collect(), current: VisibleTurn::new(input, None), faults };
        distort(&mut view, faults);
        view
    }

    /// Returns the earlier turns, with the oldest first.
    pub(crate) fn earlier(&self) -> &[VisibleTurn<'a>] {
        &self.earlier
    }

    /// Returns the current turn, which has no answer yet.
    pub(crate) fn current(&self) -> &VisibleTurn<'a> {
        &self.current
    }

    /// Returns the answer that a fault gives instead of asking the model.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        refusal(&self.current, self.faults)
    }
}

impl<'a> VisibleTurn<'a> {
    fn new(input: &'a UserInput, answer: Option<&'a str>) -> Self {
        Self { text: &input.text, files: input.files.iter().map(Cow::Borrowed).collect(), answer }
    }
}
