//! What of a session the agent gets to see when it answers. All faults of the layer `prompt` live here.

use crate::attachment::Attachment;
use crate::fault::{Fault, Faults};

use super::{Turn, UserInput};

/// The earlier turns and this one, as they are shown to the model, or to canary mode in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    earlier: &'a [Turn],
    input: &'a UserInput,
    faults: Faults,
}

impl<'a> View<'a> {
    pub(crate) fn new(earlier: &'a [Turn], input: &'a UserInput, faults: Faults) -> Self {
        let earlier = if faults.is(Fault::PromptHistoryDropped) { &[] } else { earlier };
        Self { earlier, input, faults }
    }

    pub(crate) fn earlier(self) -> &'a [Turn] {
        self.earlier
    }

    /// What the user says in this turn.
    pub(crate) fn input(self) -> &'a UserInput {
        self.input
    }

    /// The files of a message.
    pub(crate) fn files(self, input: &UserInput) -> &[Attachment] {
        let captioned = !input.text.is_empty();
        if captioned && self.faults.is(Fault::PromptFileDropped) { &[] } else { &input.files }
    }

    /// The answer that some runtimes give to a file without a text, instead of looking at it.
    pub(crate) fn refusal(self) -> Option<&'static str> {
        let refused = self.input.text.is_empty() && self.faults.is(Fault::PromptFileOnlyRefused);
        refused.then_some("(empty prompt — nothing to do)")
    }
}
