//! The journal: every call that the runtime made to the world, in order.
//!
//! Calls are handed on to a writer thread, so that serialising and the disk never stand in an answer's way; the newest
//! ones also stay in memory, within a bound, for whoever judges.

use std::{
    collections::VecDeque,
    io::{BufWriter, Write},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Instant,
};

use serde::Serialize;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use crate::{Answer, Inquiry, Prompt, PromptFile, ToolCall};

/// Most calls kept in memory, and most bytes of request bodies among them.
const KEPT_CALLS: usize = 10_000;
const KEPT_BYTES: usize = 64 << 20;
/// Calls that wait for the writer; whoever calls faster than the disk takes it has to wait for his answer.
const WAITING: usize = 256;
/// Most bytes that are written down: a runtime may call for ever.
const FILE_BYTES: u64 = 1 << 30;

/// One call.
#[derive(Debug, Serialize)]
pub struct Call {
    /// Position among all calls, from 0.
    pub seq: u64,
    /// Milliseconds since the world began.
    pub at_ms: u64,
    /// What was called.
    pub kind: Kind,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Length of the request body in bytes.
    pub bytes: usize,
    /// What was said, as far as it was understood.
    #[serde(flatten)]
    pub said: Said,
}

impl Call {
    /// The bytes that a call holds in memory: those of its body, and of files that were uploaded or unpacked.
    fn weight(&self) -> usize {
        let files = self.said.prompt.iter().flat_map(|prompt| &prompt.messages).flat_map(|m| &m.files);
        self.bytes + files.map(PromptFile::beyond_body).sum::<usize>()
    }
}

/// Which part of the world was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The model provider.
    Model,
    /// The control plane.
    Control,
    /// A peer agent, or its card.
    Peer,
    /// A path that nothing serves.
    Unknown,
}

impl Kind {
    /// The name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Control => "control",
            Self::Peer => "peer",
            Self::Unknown => "unknown",
        }
    }
}

/// The content of a call.
#[derive(Debug, Default, Serialize)]
pub struct Said {
    /// The provider's dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<&'static str>,
    /// What reached the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// What the model answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// What a peer was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Inquiry>,
    /// What a control-plane call carried, or why a call was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What a real provider would have refused, where the world is lenient.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lenient: Vec<String>,
}

impl Said {
    /// The tools that the model called, as such or in code.
    pub fn tool_calls(&self) -> Vec<ToolCall> {
        match (&self.prompt, &self.answer) {
            (Some(prompt), Some(answer)) => prompt.calls_in(answer),
            (None, Some(answer)) => answer.calls.clone(),
            (_, None) => vec![],
        }
    }
}

/// The journal could not be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write the journal")]
pub struct JournalError(#[from] std::io::Error);

/// A place in the journal: what comes after it is new. The default is the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark(u64);

/// Takes calls in; writes them down; keeps the newest.
#[derive(Debug)]
pub struct Journal {
    began: Instant,
    kept: Mutex<Kept>,
    /// Held while a call is numbered and handed on, so that the file has the order of `seq`.
    writer: AsyncMutex<Option<Writer>>,
}

#[derive(Debug, Default)]
struct Kept {
    calls: VecDeque<Arc<Call>>,
    bytes: usize,
    next: u64,
}

#[derive(Debug)]
struct Writer {
    lines: mpsc::Sender<Arc<Call>>,
    thread: JoinHandle<std::io::Result<()>>,
}

impl Journal {
    /// A journal that writes NDJSON to `out`, one call a line; lines are complete whenever the writer is idle.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        let (lines, mut incoming) = mpsc::channel::<Arc<Call>>(WAITING);
        let thread = std::thread::spawn(move || {
            let mut out = BufWriter::new(out);
            let mut written = 0;
            while let Some(call) = incoming.blocking_recv() {
                let mut line = serde_json::to_vec(&*call)?;
                line.push(b'\n');
                written += line.len() as u64;
                if written > FILE_BYTES {
                    return Err(std::io::Error::other("the journal is full: the runtime called too often"));
                }
                out.write_all(&line)?;
                if incoming.is_empty() {
                    out.flush()?;
                }
            }
            out.flush()
        });
        Self {
            began: Instant::now(),
            kept: Mutex::default(),
            writer: AsyncMutex::new(Some(Writer { lines, thread })),
        }
    }

    pub(crate) async fn record(&self, kind: Kind, request: &Request<'_>, status: u16, said: Said) {
        let writer = self.writer.lock().await;
        let call = self.keep(kind, request, status, said);
        if let Some(writer) = &*writer {
            // a writer that failed tells why when the journal is closed
            let _ = writer.lines.send(call).await;
        }
    }

    fn keep(&self, kind: Kind, request: &Request<'_>, status: u16, said: Said) -> Arc<Call> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let call = Arc::new(Call {
            seq: kept.next,
            at_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            kind,
            method: request.method.to_owned(),
            path: request.path.chars().take(500).collect(),
            status,
            bytes: request.bytes,
            said,
        });
        kept.next += 1;
        kept.bytes += call.weight();
        kept.calls.push_back(Arc::clone(&call));
        while kept.calls.len() > KEPT_CALLS || (kept.bytes > KEPT_BYTES && kept.calls.len() > 1) {
            let gone = kept.calls.pop_front().map_or(0, |call| call.weight());
            kept.bytes -= gone;
        }
        call
    }

    /// The place after the newest call.
    pub fn mark(&self) -> Mark {
        Mark(self.kept.lock().unwrap_or_else(PoisonError::into_inner).next)
    }

    /// The calls since a mark that are still in memory, in order.
    pub fn since(&self, mark: Mark) -> Vec<Arc<Call>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.calls.iter().filter(|call| call.seq >= mark.0).cloned().collect()
    }

    /// Writes what is left and ends the writer.
    ///
    /// # Errors
    /// The first error of writing, whenever it happened.
    pub async fn close(&self) -> Result<(), JournalError> {
        let writer = self.writer.lock().await.take();
        let Some(Writer { lines, thread }) = writer else { return Ok(()) };
        drop(lines);
        match tokio::task::spawn_blocking(|| thread.join()).await {
            Ok(Ok(outcome)) => Ok(outcome?),
            _ => Err(std::io::Error::other("the writer stopped").into()),
        }
    }
}

/// What is said of a request in the journal.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) bytes: usize,
}
