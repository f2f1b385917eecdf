//! Which session a turn belongs to.

use crate::fault::{Fault, Faults};

/// The key of a turn's session: its context, whatever task it is part of.
pub(crate) fn session_key(faults: Faults, context_id: &str, task_id: &str) -> String {
    if faults.is(Fault::SessionKeyedByTask) {
        return task_id.to_owned();
    }
    if faults.is(Fault::SessionGlobal) {
        return "global".to_owned();
    }
    context_id.to_owned()
}
