//! The bytes that a runtime can make the world hold.
//!
//! Whatever is kept takes its share before it is kept and carries it as a [`Held`], which returns the share when it is
//! dropped. There is one budget for everything: bodies on their way in, prompts in the journal, memories, files,
//! responses on their way out.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::{BoxError, body::Body, http::Response};
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::http::Refusal;

/// Maximum number of bytes of bodies that are parsed at the same time: a body takes several times its length while
/// it becomes a prompt and an answer. Parsing takes moments, so that others wait for it.
const MAX_PARSED: u32 = 32 << 20;
/// The length from which a body waits for its turn to be parsed, and from which a response takes a share.
const LARGE: usize = 64 << 10;

/// How much a runtime can make the world hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of everything that is kept on behalf of the runtime.
    pub bytes: usize,
    /// Open connections.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 96 << 20, connections: 2_048 }
    }
}

/// The budget of one world. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Budget(Arc<Shares>);

#[derive(Debug)]
struct Shares {
    max: usize,
    taken: AtomicUsize,
    refused: AtomicU64,
    parsing: Semaphore,
}

/// A share of the budget, returned when it is dropped. The default holds nothing.
#[derive(Debug, Default)]
pub struct Held {
    bytes: usize,
    budget: Option<Budget>,
}

/// There is no room for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverBudget;

impl From<OverBudget> for Refusal {
    fn from(_: OverBudget) -> Self {
        let message = "The server holds as much of what you sent as it can. Send less at once.".into();
        Self { status: 503, message }
    }
}

impl Budget {
    /// Creates a budget of which nothing is taken yet.
    pub(crate) fn new(max: usize) -> Self {
        let (taken, refused) = (AtomicUsize::new(0), AtomicU64::new(0));
        Self(Arc::new(Shares { max, taken, refused, parsing: Semaphore::new(MAX_PARSED as usize) }))
    }

    /// Takes a share.
    pub(crate) fn take(&self, bytes: usize) -> Result<Held, OverBudget> {
        let mut held = Held { bytes: 0, budget: Some(self.clone()) };
        held.grow(bytes)?;
        Ok(held)
    }

    /// Counts something that was refused because it is too much.
    pub(crate) fn count_refusal(&self) {
        self.0.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how often something was refused because it is too much.
    pub(crate) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Waits until a body may be parsed. Only large ones have to wait.
    pub(crate) async fn turn_to_parse(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        if bytes < LARGE {
            return None;
        }
        let bytes = u32::try_from(bytes).unwrap_or(MAX_PARSED).min(MAX_PARSED);
        self.0.parsing.acquire_many(bytes).await.ok()
    }

    /// Lets a response take its share until it is sent.
    pub(crate) fn hold_response(&self, response: Response<Body>) -> Result<Response<Body>, OverBudget> {
        let length = response.body().size_hint().exact().and_then(|length| usize::try_from(length).ok());
        match length.filter(|length| *length >= LARGE) {
            None => Ok(response),
            Some(length) => {
                let held = Arc::new(self.take(length)?);
                Ok(response.map(|body| Body::new(HeldBody { body, held })))
            }
        }
    }
}

impl Held {
    /// Takes a larger share.
    pub(crate) fn grow(&mut self, more: usize) -> Result<(), OverBudget> {
        let Some(Budget(shares)) = &self.budget else { return Err(OverBudget) };
        let grown = |taken: usize| taken.checked_add(more).filter(|taken| *taken <= shares.max);
        match shares.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown) {
            Ok(_) => {
                self.bytes = self.bytes.saturating_add(more);
                Ok(())
            }
            Err(_) => {
                shares.refused.fetch_add(1, Ordering::Relaxed);
                Err(OverBudget)
            }
        }
    }

    /// Counts something that was refused because it is too much.
    pub(crate) fn count_refusal(&self) {
        if let Some(budget) = &self.budget {
            budget.count_refusal();
        }
    }

    /// Returns how many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns a share of no budget.
    #[cfg(test)]
    pub(crate) fn of_no_budget(bytes: usize) -> Self {
        Self { bytes, budget: None }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(Budget(shares)) = &self.budget {
            shares.taken.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

/// A body whose pieces hold a share until the last of them is sent.
struct HeldBody {
    body: Body,
    held: Arc<Held>,
}

struct HeldBytes {
    bytes: Bytes,
    _held: Arc<Held>,
}

impl AsRef<[u8]> for HeldBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl HttpBody for HeldBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let held = Arc::clone(&self.held);
        let hold =
            |frame: Frame<Bytes>| frame.map_data(|bytes| Bytes::from_owner(HeldBytes { bytes, _held: held }));
        Pin::new(&mut self.body).poll_frame(context).map(|frame| frame.map(|frame| Ok(frame.map(hold)?)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::http::respond;

    #[test]
    fn shares_return_when_dropped() {
        let budget = Budget::new(100);
        let mut first = budget.take(60).unwrap();
        assert_eq!(budget.take(41).unwrap_err(), OverBudget);
        assert_eq!(
            (first.grow(41), first.grow(usize::MAX), first.grow(40)),
            (Err(OverBudget), Err(OverBudget), Ok(()))
        );
        assert_eq!((first.bytes(), budget.refused()), (100, 3));
        drop(first);
        assert!(budget.take(100).is_ok());
    }

    #[tokio::test]
    async fn response_holds_its_share_until_it_is_sent() {
        let budget = Budget::new(2 * LARGE);
        let large = || respond(200, "text/plain", vec![b'x'; LARGE].into());
        let first = budget.hold_response(large()).unwrap();
        assert_eq!(first.body().size_hint().exact(), Some(LARGE as u64));
        let second = budget.hold_response(large()).unwrap();
        assert!(budget.hold_response(large()).is_err());
        let sent = first.into_body().collect().await.unwrap().to_bytes();
        assert!(budget.hold_response(large()).is_err(), "its bytes are still there");
        drop(sent);
        assert!(budget.hold_response(large()).is_ok());
        drop(second);
        assert!(budget.take(2 * LARGE).is_ok());
    }
}
