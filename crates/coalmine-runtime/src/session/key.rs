//! Which session a turn belongs to. The faults that choose the wrong one are here.

use crate::fault::{Fault, Faults};

/// Where a turn comes from. Only the context decides its session; everything else is for the faults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) context_id: &'a str,
    pub(crate) task_id: &'a str,
    pub(crate) message_id: &'a str,
    /// Whether the message names or references a task.
    pub(crate) follows_up: bool,
    /// Whether the answer is streamed.
    pub(crate) streamed: bool,
    /// The version of the protocol that the message used.
    pub(crate) version: &'static str,
}

/// Returns the key of a turn's session, which is the id of its context.
pub(crate) fn session_key(origin: Origin<'_>, faults: Faults) -> String {
    let Origin { context_id, task_id, message_id, follows_up, streamed, version } = origin;
    match faults.active() {
        Some(Fault::SessionGlobal) => "global".to_owned(),
        Some(Fault::SessionKeyedByTask) => task_id.to_owned(),
        Some(Fault::SessionKeyedByMessage) => message_id.to_owned(),
        Some(Fault::SessionFollowupApart) if follows_up => format!("{context_id} {message_id}"),
        Some(Fault::SessionStreamApart) if streamed => format!("{context_id} streamed"),
        Some(Fault::SessionDialectApart) => format!("{context_id} {version}"),
        // Contexts without an id still must not share a session.
        Some(Fault::WireContextNotGenerated) if context_id.is_empty() => task_id.to_owned(),
        _ => context_id.to_owned(),
    }
}
