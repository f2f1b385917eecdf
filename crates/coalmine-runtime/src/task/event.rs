//! What happens to a task while it is worked on.

use super::Status;

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Status(Status),
    /// A piece of an answer; without `append` it replaces what the artifact said before.
    Artifact {
        id: String,
        text: String,
        append: bool,
        last: bool,
    },
}

impl Event {
    /// Whether nothing comes after it.
    pub(crate) fn is_last(&self) -> bool {
        matches!(self, Self::Status(status) if status.state.is_terminal())
    }
}
