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
    kept: BytesMut,
}

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Bounded<S> {
    pub(super) fn new(inner: S, limits: Limits, deadline: Instant) -> Self {
        Self { inner, limits, deadline, kept: BytesMut::new() }
    }

    /// All that was received.
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
        futures_util::stream::unfold(self, |this| async move { Some((this.chunk().await?, this)) })
    }

    async fn chunk(&mut self) -> Option<Result<Bytes, WireError>> {
        let next = timeout_at(self.deadline, self.inner.next()).await;
        Some(match next {
            Err(_) => Err(WireError::Timeout { within: self.limits.time, received: self.kept.len() }),
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(WireError::Lost(chain(&error))),
            Ok(Some(Ok(bytes))) if self.kept.len() + bytes.len() > self.limits.bytes => {
                Err(WireError::TooLarge { limit: self.limits.bytes })
            }
            Ok(Some(Ok(bytes))) => {
                self.kept.extend_from_slice(&bytes);
                Ok(bytes)
            }
        })
    }
}
