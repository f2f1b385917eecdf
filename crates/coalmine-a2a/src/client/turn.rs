//! What a caller hands over and gets back.

use url::Url;

use crate::{Dialect, Drift, Exchange, View, WireError};

/// Where and how to talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Address of the JSON-RPC interface.
    pub url: Url,
    /// The dialect to speak.
    pub dialect: Dialect,
    /// From the card's interface.
    pub tenant: Option<String>,
}

/// Whether to go on following a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Wait for the next event.
    GoOn,
    /// Drop the connection at once.
    HangUp,
}

/// Looks at the view after each event.
pub(crate) type Watch<'a> = &'a mut (dyn FnMut(&View) -> Flow + Send);

/// A turn on the wire: every exchange it took, and what came of it.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// The call first, then any repetition and polling.
    pub exchanges: Vec<Exchange>,
    /// What the answers say, also where they end in an error.
    pub view: View,
    /// Why there is no usable answer.
    pub error: Option<WireError>,
    /// Whether the caller's `watch` hung up before the turn was settled. What was answered by then is in the view; that is
    /// no error.
    pub hung_up: bool,
}

impl Sent {
    /// Notes what can be told only when all is there.
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
