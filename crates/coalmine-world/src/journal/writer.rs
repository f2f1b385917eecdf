//! Writes calls down in a thread of its own, so that no response waits for serialization or the disk.

use std::{
    io::{self, BufWriter, Write},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::Call;

/// Maximum number of calls that wait for the writer; beyond it, responses wait too.
const MAX_WAITING: usize = 256;
/// How long the writer lets calls accumulate: one wake-up and one write for many calls cost a fraction of one
/// for each.
const BATCH_DELAY: Duration = Duration::from_millis(2);
/// Number of bytes that are written at once, and that the line buffer may keep allocated.
const BUFFER_BYTES: usize = 256 << 10;
/// Maximum length of the file: a runtime may never stop calling.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// The error of writing the journal.
#[derive(Debug, thiserror::Error)]
#[error("could not write the journal")]
pub struct JournalError(#[from] pub(super) io::Error);

/// Sends calls to the writer, in order; `None` ends it.
pub(super) type Lines = Sender<Option<Arc<Call>>>;

/// Starts a thread that writes NDJSON, one call a line; lines are complete whenever it is idle.
pub(super) fn start(out: Box<dyn Write + Send>) -> (Lines, JoinHandle<io::Result<()>>) {
    let (lines, incoming) = mpsc::channel(MAX_WAITING);
    (lines, thread::spawn(move || write(incoming, BufWriter::with_capacity(BUFFER_BYTES, out))))
}

fn write(
    mut incoming: Receiver<Option<Arc<Call>>>,
    mut out: BufWriter<Box<dyn Write + Send>>,
) -> io::Result<()> {
    let (mut calls, mut line, mut written) = (Vec::with_capacity(MAX_WAITING), vec![], 0);
    while incoming.blocking_recv_many(&mut calls, MAX_WAITING) > 0 {
        for call in calls.drain(..) {
            let Some(call) = call else { return out.flush() };
            line.clear();
            serde_json::to_writer(&mut line, &*call)?;
            line.push(b'\n');
            written += line.len() as u64;
            if written > MAX_FILE_BYTES {
                return Err(io::Error::other("the journal reached its maximum length"));
            }
            out.write_all(&line)?;
            line.shrink_to(BUFFER_BYTES);
        }
        if incoming.is_empty() {
            out.flush()?;
            thread::sleep(BATCH_DELAY);
        }
    }
    out.flush()
}
