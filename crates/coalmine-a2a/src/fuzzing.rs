//! Entrances for the fuzz targets in `fuzz/`: readers that are otherwise behind a connection. Nothing else may
//! use them.

use bytes::Bytes;
use futures_util::stream;

use crate::{
    Flow, View, WireCall, WireError,
    events::{Listener, read_events},
};

/// Reads the body of an event stream that comes in these chunks.
///
/// # Errors
/// The reason why the stream is not the answer to the call.
pub async fn read_event_stream(
    call: WireCall<'_>,
    chunks: Vec<Bytes>,
    view: &mut View,
) -> Result<Flow, WireError> {
    let body = stream::iter(chunks.into_iter().map(Ok));
    read_events(body, Listener { call, view, watch: &mut |_| Flow::GoOn }).await
}
