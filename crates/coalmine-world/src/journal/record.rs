//! Takes calls in, gives each its number, and hands them on.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Instant,
};

use super::{
    Call, JournalError, Kind, Mark, Request, Said,
    kept::Kept,
    writer::{self, Lines},
};

/// Longest path in bytes; what is longer is cut.
const MAX_PATH: usize = 1_000;

/// Takes calls in; writes them down; keeps the newest.
#[derive(Debug)]
pub struct Journal {
    began: Instant,
    numbered: Mutex<Numbered>,
    lines: Lines,
    writer: Mutex<Option<JoinHandle<io::Result<()>>>>,
}

#[derive(Debug, Default)]
struct Numbered {
    next: u64,
    kept: Kept,
}

impl Journal {
    /// A journal that writes NDJSON to `out`, one call a line; lines are complete whenever the writer is idle.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        let (lines, writer) = writer::start(out);
        Self { began: Instant::now(), numbered: Mutex::default(), lines, writer: Mutex::new(Some(writer)) }
    }

    pub(crate) async fn record(&self, kind: Kind, request: &Request<'_>, status: u16, said: Said) {
        let mut call = Call {
            seq: 0,
            at_ms: 0,
            kind,
            method: request.method.to_owned(),
            path: request.path[..request.path.floor_char_boundary(MAX_PATH)].to_owned(),
            status,
            bytes: request.bytes,
            said,
        };
        // there is no place with a writer that failed; it tells why when the journal is closed
        let place = self.lines.reserve().await.ok();
        let mut numbered = self.numbered();
        call.seq = numbered.next;
        call.at_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let call = Arc::new(call);
        numbered.next += 1;
        // handed on while the lock is held, so that the file has the order of the numbers
        if let Some(place) = place {
            place.send(Some(Arc::clone(&call)));
        }
        let gone = numbered.kept.push(call);
        drop(numbered);
        drop(gone);
    }

    fn numbered(&self) -> MutexGuard<'_, Numbered> {
        self.numbered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place after the newest call.
    pub fn mark(&self) -> Mark {
        Mark(self.numbered().next)
    }

    /// The calls since a mark that are still in memory, in order.
    pub fn since(&self, mark: Mark) -> Vec<Arc<Call>> {
        self.numbered().kept.since(mark)
    }

    /// Whether all calls since a mark are still in memory.
    pub fn has_all_since(&self, mark: Mark) -> bool {
        self.numbered().kept.has_all_since(mark)
    }

    /// Writes what is left and ends the writer.
    ///
    /// # Errors
    /// The first error of writing, whenever it happened.
    pub async fn close(&self) -> Result<(), JournalError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(writer) = writer else { return Ok(()) };
        // a writer that failed takes nothing any more
        let _ = self.lines.send(None).await;
        match tokio::task::spawn_blocking(|| writer.join()).await {
            Ok(Ok(outcome)) => Ok(outcome?),
            _ => Err(io::Error::other("the writer stopped").into()),
        }
    }
}
