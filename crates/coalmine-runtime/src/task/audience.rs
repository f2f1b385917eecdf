//! Who listens to the stream of a task. A turn goes on whoever does; only faults ask.

use tokio_util::sync::CancellationToken;

#[derive(Debug, Default)]
pub(crate) struct Audience {
    /// A client hung up before the stream was over.
    pub(crate) hung_up: CancellationToken,
    /// A client heard the stream to its end.
    pub(crate) heard_out: CancellationToken,
}
