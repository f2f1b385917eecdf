//! Writes calls down in a thread of its own, so that no response waits for serialization or the disk.

use std::{
    io::{self, BufWriter, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    sync::{
        mpsc::{self, Receiver, Sender},
        oneshot,
    },
    time::timeout,
};

use super::Call;

/// Maximum number of calls that wait for the writer; beyond it, responses wait too.
const MAX_WAITING: usize = 256;
/// How long the writer lets calls accumulate: one wake-up and one write for many calls cost a fraction of one
/// for each.
const BATCH_DELAY: Duration = Duration::from_millis(2);
/// Number of bytes that are written at once, and that the line buffer may keep allocated.
const BUFFER_BYTES: usize = 256 << 10;
/// Maximum length of the file: a runtime may never stop calling.
const MAX_FILE_BYTES: u64 = 512 << 20;
/// How long a writer that is given up may take to stop, so that a line which it has begun can be cut off.
const STOPS_WITHIN: Duration = Duration::from_millis(500);
/// The error of writing the journal.
#[derive(Debug, thiserror::Error)]
#[error("could not write the journal")]
pub struct JournalError(#[from] pub(super) io::Error);

/// Sends calls to the writer, in order; `None` ends it.
pub(super) type Lines = Sender<Option<Arc<Call>>>;

/// The thread that writes.
#[derive(Debug)]
pub(super) struct Writer {
    progress: Arc<Progress>,
    outcome: oneshot::Receiver<io::Result<()>>,
}

/// How far the thread has come.
#[derive(Debug, Default)]
struct Progress {
    written: AtomicU64,
    /// Whether nobody waits for the rest any more.
    given_up: AtomicBool,
}

impl Writer {
    /// Starts a thread that writes NDJSON, one call a line; lines are complete whenever it is idle. If it is given up, it
    /// stops within a line.
    pub(super) fn start(out: Box<dyn Write + Send>) -> (Lines, Self) {
        let (lines, incoming) = mpsc::channel(MAX_WAITING);
        let (sender, outcome) = oneshot::channel();
        let progress = Arc::new(Progress::default());
        let shared = Arc::clone(&progress);
        // nobody joins the thread: a disk that hangs must not hold up the end of the process
        thread::spawn(move || {
            let _ = sender.send(write(incoming, BufWriter::with_capacity(BUFFER_BYTES, out), &shared));
        });
        (lines, Self { progress, outcome })
    }

    /// Waits until all recorded calls are written, but no longer than the time given.
    pub(super) async fn finish(
        mut self,
        lines: &Lines,
        recorded: u64,
        within: Duration,
    ) -> Result<(), JournalError> {
        let rest = async {
            // fails if the writer has failed, which the outcome says
            let _ = lines.send(None).await;
            (&mut self.outcome).await.unwrap_or_else(|_| Err(io::Error::other("the writer panicked")))
        };
        let outcome = timeout(within, rest).await;
        self.progress.given_up.store(true, Ordering::Relaxed);
        if outcome.is_err() {
            // a disk that hangs does not stop it
            let _ = timeout(STOPS_WITHIN, &mut self.outcome).await;
        }
        let written = self.progress.written.load(Ordering::Relaxed);
        let lost = recorded.saturating_sub(written);
        let message = match outcome {
            Ok(Ok(())) if lost == 0 => return Ok(()),
            Ok(Err(error)) => return Err(error.into()),
            Ok(Ok(())) => format!("{lost} of {recorded} calls came faster than they could be written"),
            Err(_) => {
                format!("up to {lost} of {recorded} calls were not written within {within:?} after the end")
            }
        };
        Err(io::Error::other(message).into())
    }
}

fn write(
    mut incoming: Receiver<Option<Arc<Call>>>,
    mut out: BufWriter<Box<dyn Write + Send>>,
    progress: &Progress,
) -> io::Result<()> {
    let (mut calls, mut line) = (Vec::with_capacity(MAX_WAITING), vec![]);
    let (mut length, mut lines, mut has_ended) = (0_u64, 0_u64, false);
    while !has_ended && incoming.blocking_recv_many(&mut calls, MAX_WAITING) > 0 {
        for call in calls.drain(..) {
            let Some(call) = call else {
                has_ended = true;
                break;
            };
            line.clear();
            serde_json::to_writer(&mut line, &*call)?;
            line.push(b'\n');
            length = length.saturating_add(line.len() as u64);
            if length > MAX_FILE_BYTES {
                return Err(io::Error::other("the journal reached its maximum length"));
            }
            for piece in line.chunks(BUFFER_BYTES) {
                if progress.given_up.load(Ordering::Relaxed) {
                    return Ok(());
                }
                out.write_all(piece)?;
            }
            line.shrink_to(BUFFER_BYTES);
            lines = lines.saturating_add(1);
            if out.buffer().is_empty() {
                progress.written.store(lines, Ordering::Relaxed);
            }
        }
        if has_ended || incoming.is_empty() {
            out.flush()?;
            progress.written.store(lines, Ordering::Relaxed);
            if !has_ended {
                thread::sleep(BATCH_DELAY);
            }
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use std::{error::Error, sync::mpsc as blocking};

    use super::*;
    use crate::{CallContent, CallKind};

    /// A disk that hangs until the other end of a channel is gone.
    struct Hanging(blocking::Receiver<()>);

    impl Write for Hanging {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn call(seq: u64) -> Arc<Call> {
        let (method, path, content) = ("GET".into(), "/".into(), CallContent::default());
        Arc::new(Call {
            seq,
            at_ms: 0,
            answered_at: std::time::Instant::now(),
            kind: CallKind::Unknown,
            method,
            path,
            status: 404,
            bytes: 0,
            content,
        })
    }

    /// Closes a journal of three calls, one of which never came to the writer if `recorded` is 4.
    async fn close(out: Box<dyn Write + Send>, recorded: u64, within: Duration) -> Result<(), String> {
        let (lines, writer) = Writer::start(out);
        for seq in 0..3 {
            lines.send(Some(call(seq))).await.unwrap();
        }
        let closed = writer.finish(&lines, recorded, within).await;
        closed.map_err(|error| error.source().unwrap().to_string())
    }

    #[tokio::test]
    async fn closing_ends_even_if_the_disk_hangs() {
        let (hangs, wait) = blocking::channel();
        let closed = close(Box::new(Hanging(wait)), 3, Duration::from_millis(20)).await;
        assert_eq!(closed, Err("up to 3 of 3 calls were not written within 20ms after the end".into()));
        drop(hangs);
    }

    /// A slow disk, whose other end takes what is written.
    struct Slow(blocking::SyncSender<usize>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(BUFFER_BYTES);
            self.0.send(taken).map_err(io::Error::other)?;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn writer_that_is_given_up_stops_within_a_line() {
        let (sender, written) = blocking::sync_channel(0);
        let (lines, writer) = Writer::start(Box::new(Slow(sender)));
        let mut long = Arc::into_inner(call(0)).unwrap();
        long.path = "x".repeat(BUFFER_BYTES * 100);
        lines.send(Some(Arc::new(long))).await.unwrap();
        assert!(writer.finish(&lines, 1, Duration::from_millis(20)).await.is_err());
        let pieces = written.iter().count();
        assert!(pieces < 10, "{pieces}");
    }

    #[tokio::test]
    async fn calls_that_never_came_to_the_writer_are_lost() {
        let within = Duration::from_secs(60);
        assert_eq!(close(Box::new(io::sink()), 3, within).await, Ok(()));
        let lost = "1 of 4 calls came faster than they could be written";
        assert_eq!(close(Box::new(io::sink()), 4, within).await, Err(lost.into()));
    }
}
