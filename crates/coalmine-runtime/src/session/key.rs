//! Which session a turn belongs to. The faults that look for it in the wrong place live here.

use crate::fault::{Fault, Faults};

/// Where a turn comes from. Only its context says which session it belongs to; all else is for the faults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) context_id: &'a str,
    pub(crate) task_id: &'a str,
    pub(crate) message_id: &'a str,
    /// The message goes on from a task.
    pub(crate) follows_up: bool,
    /// The answer is streamed.
    pub(crate) streamed: bool,
    /// The version of the protocol the message was sent in.
    pub(crate) version: &'static str,
}

/// The key of a turn's session: its context, whatever task it is part of and however it came.
pub(crate) fn session_key(origin: Origin<'_>, faults: Faults) -> String {
    let Origin { context_id, task_id, message_id, follows_up, streamed, version } = origin;
    match faults.active() {
        Some(Fault::SessionGlobal) => "global".to_owned(),
        Some(Fault::SessionKeyedByTask) => task_id.to_owned(),
        Some(Fault::SessionKeyedByMessage) => message_id.to_owned(),
        Some(Fault::SessionFollowupApart) if follows_up => format!("{context_id} {message_id}"),
        Some(Fault::SessionStreamApart) if streamed => format!("{context_id} streamed"),
        Some(Fault::SessionDialectApart) => format!("{context_id} {version}"),
        // Without a name, contexts are told apart by their tasks.
        Some(Fault::WireContextNotGenerated) if context_id.is_empty() => task_id.to_owned(),
        _ => context_id.to_owned(),
    }
}
