//! A body that is read no further than its bounds, and kept as evidence.

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::http::chain;
use crate::{Limits, WireError};

/// The answer's body. Dropping it drops the connection, unless the body has ended.
pub(super) struct Bounded<S> {
    inner: S,
    limits: Limits,
    deadline: Instant,
    received: usize,
    kept: BytesMut,
    /// How many bytes are kept at most.
    keep: usize,
}

/// A body of this length, in bytes, may well become as long as it may.
const LARGE: usize = 1 << 20;

/// What is kept of a stream of events, in bytes: evidence; whoever follows it has read the rest.
const EVIDENCE: usize = 1 << 20;

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Bounded<S> {
    pub(super) fn new(inner: S, limits: Limits, deadline: Instant) -> Self {
        Self { inner, limits, deadline, received: 0, kept: BytesMut::new(), keep: limits.bytes }
    }

    /// What was received; of a body that was read as a stream the beginning.
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

    /// The chunks, as they come.
    pub(super) fn stream(&mut self) -> impl Stream<Item = Result<Bytes, WireError>> + '_ {
        self.keep = EVIDENCE;
        futures_util::stream::unfold(self, |this| async move { Some((this.chunk().await?, this)) })
    }

    async fn chunk(&mut self) -> Option<Result<Bytes, WireError>> {
        let next = timeout_at(self.deadline, self.inner.next()).await;
        Some(match next {
            Err(_) => Err(WireError::Timeout { within: self.limits.time, received: self.received }),
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(WireError::Lost(chain(&error))),
            Ok(Some(Ok(bytes))) if self.received + bytes.len() > self.limits.bytes => {
                Err(WireError::TooLarge { limit: self.limits.bytes })
            }
            Ok(Some(Ok(bytes))) => {
                self.received += bytes.len();
                let room = self.keep.saturating_sub(self.kept.len()).min(bytes.len());
                if self.kept.len() >= LARGE && self.kept.len() + room > self.kept.capacity() {
                    // once for all: what grows step by step is held twice at each
                    self.kept.reserve(self.keep - self.kept.len());
                }
                self.kept.extend_from_slice(&bytes[..room]);
                Ok(bytes)
            }
        })
    }
}
