//! How a caller follows a stream.

use crate::View;

/// Whether to go on following a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Wait for the next event.
    GoOn,
    /// Drop the connection at once.
    HangUp,
}

/// A caller's function that looks at the view after each event.
pub(crate) type Watch<'a> = &'a mut (dyn FnMut(&View) -> Flow + Send);
