//! Writes calls down in a thread of its own, so that serialising and the disk never stand in an answer's way.

use std::{
    io::{self, BufWriter, Write},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::Call;

/// Calls that wait for the writer; whoever calls faster than the disk takes it has to wait for his answer.
const WAITING: usize = 256;
/// How long the writer lets calls gather: to be woken and to write once for many costs a fraction of once for each.
const GATHER: Duration = Duration::from_millis(2);
/// Bytes that are written at once, and that a line may keep allocated.
const BUFFER: usize = 256 << 10;
/// Most bytes that are written down: a runtime may call for ever.
const FILE_BYTES: u64 = 1 << 30;

/// The journal could not be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write the journal")]
pub struct JournalError(#[from] pub(super) io::Error);

/// What comes to the writer: calls in order, and then nothing, which ends it.
pub(super) type Lines = Sender<Option<Arc<Call>>>;

/// Starts a writer of NDJSON, one call a line; lines are complete whenever it is idle.
pub(super) fn start(out: Box<dyn Write + Send>) -> (Lines, JoinHandle<io::Result<()>>) {
    let (lines, incoming) = mpsc::channel(WAITING);
    (lines, thread::spawn(move || write(incoming, BufWriter::with_capacity(BUFFER, out))))
}

fn write(
    mut incoming: Receiver<Option<Arc<Call>>>,
    mut out: BufWriter<Box<dyn Write + Send>>,
) -> io::Result<()> {
    let (mut calls, mut line, mut written) = (Vec::with_capacity(WAITING), vec![], 0);
    while incoming.blocking_recv_many(&mut calls, WAITING) > 0 {
        for call in calls.drain(..) {
            let Some(call) = call else { return out.flush() };
            line.clear();
            serde_json::to_writer(&mut line, &*call)?;
            line.push(b'\n');
            written += line.len() as u64;
            if written > FILE_BYTES {
                return Err(io::Error::other("the journal is full: the runtime called too often"));
            }
            out.write_all(&line)?;
            line.shrink_to(BUFFER);
        }
        if incoming.is_empty() {
            out.flush()?;
            thread::sleep(GATHER);
        }
    }
    out.flush()
}
