//! The body of an answer, read no further than its limits and kept as evidence.

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use crate::{Limits, WireError, error::causes};

/// A body of at least this length, in bytes, is likely to become as long as it may.
const LARGE: usize = 1 << 20;

/// How much of a stream of events is kept as evidence, in bytes. Its listener has read the rest.
const MAX_EVIDENCE: usize = 1 << 20;

/// The body of an answer. Dropping it drops the connection, unless the body has ended.
pub(super) struct BoundedBody<S> {
    inner: S,
    limits: Limits,
    deadline: Instant,
    received: usize,
    kept: BytesMut,
    /// The largest number of bytes to keep.
    keep: usize,
}

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> BoundedBody<S> {
    pub(super) fn new(inner: S, limits: Limits, deadline: Instant) -> Self {
        Self { inner, limits, deadline, received: 0, kept: BytesMut::new(), keep: limits.bytes }
    }

    /// Returns what was received; only its beginning if the body was read as a stream.
    pub(super) fn into_kept(self) -> Bytes {
        self.kept.freeze()
    }

    /// Reads to the end.
    pub(super) async fn drain(&mut self) -> Result<(), WireError> {
        while let Some(chunk) = self.chunk().await {
            chunk?;
        }
        Ok(())
    }

    /// Returns the chunks as they come.
    pub(super) fn stream(&mut self) -> impl Stream<Item = Result<Bytes, WireError>> + '_ {
        self.keep = MAX_EVIDENCE;
        futures_util::stream::unfold(self, |this| async move { Some((this.chunk().await?, this)) })
    }

    async fn chunk(&mut self) -> Option<Result<Bytes, WireError>> {
        let next = timeout_at(self.deadline, self.inner.next()).await;
        Some(match next {
            Err(_) => Err(WireError::Timeout { within: self.limits.time, received: self.received }),
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(WireError::Lost(causes(&error))),
            Ok(Some(Ok(bytes))) if self.received.saturating_add(bytes.len()) > self.limits.bytes => {
                Err(WireError::TooLarge { limit: self.limits.bytes })
            }
            Ok(Some(Ok(bytes))) => {
                self.keep(&bytes);
                Ok(bytes)
            }
        })
    }

    fn keep(&mut self, bytes: &Bytes) {
        self.received = self.received.saturating_add(bytes.len());
        let room = self.keep.saturating_sub(self.kept.len()).min(bytes.len());
        if self.kept.len() >= LARGE && self.kept.len().saturating_add(room) > self.kept.capacity() {
            // all at once: a buffer that grows step by step is held twice at each step
            self.kept.reserve(self.keep.saturating_sub(self.kept.len()));
        }
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }
}
