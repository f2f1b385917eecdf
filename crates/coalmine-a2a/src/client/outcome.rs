//! What a caller gets back.

use crate::{Drift, Exchange, View, WireError};

/// The outcome of one call on the wire: every exchange it took, and what the answers say.
#[derive(Debug, Clone, Default)]
pub struct WireOutcome {
    /// The first exchange, then those of retries and polling.
    pub exchanges: Vec<Exchange>,
    /// What the answers say, also if they end in an error.
    pub view: View,
    /// The reason why there is no usable answer.
    pub error: Option<WireError>,
    /// Whether the caller's `watch` hung up before the turn was settled. The view has what was answered by
    /// then; that is not an error.
    pub hung_up: bool,
}

impl WireOutcome {
    /// Notes the departures that show only in the whole answer.
    pub(super) fn conclude(&mut self) {
        if self.error.is_some() {
            return;
        }
        if self.view.is_settled() {
            self.view.note_place();
        }
        match self.view.context_ids.as_slice() {
            // it might have come later
            [] if self.hung_up => {}
            [] => self.view.note(Drift::NoContextId),
            [_] => {}
            ids => {
                let ids = ids.iter().take(4).cloned().collect();
                self.view.note(Drift::ContextIdsDiffer(ids));
            }
        }
    }
}
