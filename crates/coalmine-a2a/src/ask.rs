//! What a client can ask of an agent, before a dialect and a binding give it their shape.

use crate::Outgoing;

/// One operation of A2A (1.0 §3.1). Tasks are named by their ids.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    /// Send a message and return the answer in one piece.
    Send(&'a Outgoing),
    /// Send a message and return the answer as a stream of events.
    Stream(&'a Outgoing),
    /// Return a task as it is now.
    Task(&'a str),
    /// Cancel a task.
    Cancel(&'a str),
    /// Return the events of a task from now on.
    Resubscribe(&'a str),
}

impl Ask<'_> {
    /// Returns whether the answer is a stream of events.
    pub fn streams(self) -> bool {
        matches!(self, Self::Stream(_) | Self::Resubscribe(_))
    }

    /// Returns whether 1.0 wraps the answer in the name of what it is. A task that is read or canceled is
    /// bare (§9.4.3).
    pub(crate) fn is_wrapped(self) -> bool {
        !matches!(self, Self::Task(_) | Self::Cancel(_))
    }
}
