//! Numbers calls, keeps the most recent ones, and passes all of them to the writer.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::time::timeout;

use super::{
    Call, CallContent, CallKind, JournalError, JournalPosition, RequestLine,
    recent::RecentCalls,
    writer::{Lines, Writer},
};
use crate::{lock::lock, text::start_of};

/// Maximum length of a path in bytes; the rest is cut off.
const MAX_PATH: usize = 1_000;
/// How long a response waits for a writer that is too far behind; its call is then not written.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// How long the calls that are left at the end may take to be written.
const MAX_CLOSING: Duration = Duration::from_secs(10);

/// Numbers calls, writes them down and keeps the most recent ones in memory.
#[derive(Debug)]
pub struct Journal {
    began: Instant,
    calls: Mutex<NumberedCalls>,
    lines: Lines,
    writer: Mutex<Option<Writer>>,
}

#[derive(Debug, Default)]
struct NumberedCalls {
    next: u64,
    recent: RecentCalls,
}

impl Journal {
    /// Creates a journal that writes NDJSON to `out`, one call a line. Lines are complete whenever the writer
    /// is idle.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        let (lines, writer) = Writer::start(out);
        Self { began: Instant::now(), calls: Mutex::default(), lines, writer: Mutex::new(Some(writer)) }
    }

    /// Records a call. Waits a moment if the writer is too far behind.
    pub(crate) async fn record(
        &self,
        kind: CallKind,
        request: &RequestLine<'_>,
        status: u16,
        content: CallContent,
    ) {
        let mut call = Call {
            seq: 0,
            at_ms: 0,
            answered_at: self.began,
            kind,
            method: request.method.to_owned(),
            path: start_of(request.path, MAX_PATH).to_owned(),
            status,
            bytes: request.bytes,
            content,
        };
        // fails if the writer has failed or hangs, which `close` reports
        let slot = match self.lines.try_reserve() {
            Ok(slot) => Some(slot),
            Err(_) => timeout(MAX_WAIT, self.lines.reserve()).await.ok().and_then(Result::ok),
        };
        let mut calls = lock(&self.calls);
        call.seq = calls.next;
        call.answered_at = Instant::now();
        call.at_ms =
            u64::try_from(call.answered_at.duration_since(self.began).as_millis()).unwrap_or(u64::MAX);
        let call = Arc::new(call);
        calls.next = calls.next.saturating_add(1);
        // sent while the lock is held, so that the file has the order of the numbers
        if let Some(slot) = slot {
            slot.send(Some(Arc::clone(&call)));
        }
        let dropped = calls.recent.push(call);
        drop(calls);
        drop(dropped);
    }

    /// Returns the position after the newest call.
    pub fn position(&self) -> JournalPosition {
        JournalPosition(lock(&self.calls).next)
    }

    /// Returns the calls since a position that are still in memory, in order.
    pub fn calls_since(&self, position: JournalPosition) -> Vec<Arc<Call>> {
        lock(&self.calls).recent.since(position)
    }

    /// Returns whether all calls since a position are still in memory.
    pub fn has_all_calls_since(&self, position: JournalPosition) -> bool {
        lock(&self.calls).recent.has_all_since(position)
    }

    /// Writes what is left, for as long as that may take, and ends the writer.
    ///
    /// # Errors
    /// Returns the first error of the writer, whenever it occurred, or how many calls were not written.
    pub async fn close(&self) -> Result<(), JournalError> {
        let writer = lock(&self.writer).take();
        let Some(writer) = writer else { return Ok(()) };
        let recorded = self.position().0;
        writer.finish(&self.lines, recorded, MAX_CLOSING).await
    }
}
