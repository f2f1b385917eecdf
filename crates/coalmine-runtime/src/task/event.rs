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
