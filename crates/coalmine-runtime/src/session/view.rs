//! What of a session the agent gets to see when it answers.

use std::borrow::Cow;

use super::{
    Turn, UserInput,
    distort::{distort, refusal},
};
use crate::{attachment::Attachment, fault::Faults};

/// The earlier turns and this one, as they are shown to the model, or to canary mode in its place.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    pub(super) earlier: Vec<Shown<'a>>,
    pub(super) now: Shown<'a>,
    faults: Faults,
}

/// One message of the user's, and what was answered, where it was.
#[derive(Clone, Debug)]
pub(crate) struct Shown<'a> {
    pub(crate) text: &'a str,
    pub(crate) files: Vec<Cow<'a, Attachment>>,
    pub(crate) answer: Option<&'a str>,
}

impl<'a> View<'a> {
    pub(crate) fn new(earlier: &'a [Turn], input: &'a UserInput, faults: Faults) -> Self {
        let earlier = earlier.iter().map(|turn| Shown::new(&turn.user, turn.agent.as_deref()));
        let mut view = Self { earlier: earlier.collect(), now: Shown::new(input, None), faults };
        distort(&mut view, faults);
        view
    }

    /// The earlier turns, the oldest first.
    pub(crate) fn earlier(&self) -> &[Shown<'a>] {
        &self.earlier
    }

    /// What the user says in this turn.
    pub(crate) fn now(&self) -> &Shown<'a> {
        &self.now
    }

    /// The answer that some runtimes give to a message, instead of looking at it.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        refusal(&self.now, self.faults)
    }
}

impl<'a> Shown<'a> {
    fn new(input: &'a UserInput, answer: Option<&'a str>) -> Self {
        Self { text: &input.text, files: input.files.iter().map(Cow::Borrowed).collect(), answer }
    }
}
