//! The runtime's own output: written down, bounded, with the last lines kept at hand.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use crate::redact::{Redacting, Redactor};

/// The most lines that are kept at hand.
const MAX_LINES: usize = 200;
/// The longest line that is kept, in bytes.
const MAX_LINE_BYTES: usize = 4 << 10;
/// The most bytes that are written down.
const MAX_FILE_BYTES: usize = 64 << 20;

/// The log of a runtime's output. Cheap to clone.
#[derive(Clone)]
pub struct LogTail {
    tail: Arc<Mutex<Redacting<Tail>>>,
}

impl std::fmt::Debug for LogTail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogTail").finish_non_exhaustive()
    }
}

impl LogTail {
    /// Returns a log that writes everything to `out`, up to a bound. There are no secrets.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self::redacted(out, &Redactor::new(&[]))
    }

    /// Returns a log that writes everything to `out`, up to a bound, without secrets. A secret is found in
    /// whatever pieces it is printed.
    pub(crate) fn redacted(out: Box<dyn Write + Send>, redactor: &Redactor) -> Self {
        let tail = Tail { out, written: 0, lost: None, lines: VecDeque::new(), open: vec![] };
        Self { tail: Arc::new(Mutex::new(Redacting::new(tail, redactor))) }
    }

    /// Adds a piece of output.
    pub fn push(&self, bytes: &[u8]) {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        // a full disk must not stop the runtime's output, and with it the run
        let _ = tail.write_all(bytes);
    }

    /// Returns why a part of the output could not be written, if that is so.
    pub(crate) fn lost(&self) -> Option<String> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).inner().lost.clone()
    }

    /// Returns the last lines, oldest first, at most 200.
    pub fn lines(&self) -> Vec<String> {
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let Tail { lines, open, .. } = tail.inner();
        let open = [open.as_slice(), &tail.held()].concat();
        let last = (!open.is_empty()).then(|| line(&open));
        let lines = lines.iter().cloned().chain(last);
        let skipped = lines.clone().count().saturating_sub(MAX_LINES);
        lines.skip(skipped).collect()
    }
}

/// The output without secrets.
struct Tail {
    out: Box<dyn Write + Send>,
    written: usize,
    /// Why a part of the output was not written.
    lost: Option<String>,
    lines: VecDeque<String>,
    /// The beginning of the line that has not ended.
    open: Vec<u8>,
}

impl Write for Tail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MAX_FILE_BYTES.saturating_sub(self.written);
        let fits = &bytes[..bytes.len().min(room)];
        match self.out.write_all(fits).and_then(|()| self.out.flush()) {
            Ok(()) => self.written += fits.len(),
            Err(error) => self.lost = Some(error.to_string()),
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = MAX_LINE_BYTES.saturating_sub(self.open.len());
            self.open.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                self.lines.push_back(line(&self.open));
                self.open.clear();
            }
            if self.lines.len() > MAX_LINES {
                self.lines.pop_front();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_lines_are_kept_however_they_are_split() {
        let log = LogTail::new(Box::new(io::sink()));
        for number in 0..300 {
            log.push(b"li");
            log.push(format!("ne {number}\n").as_bytes());
        }
        log.push(b"open end");
        let lines = log.lines();
        assert_eq!((lines.len(), lines[0].as_str(), lines[199].as_str()), (200, "line 101", "open end"));
    }

    #[test]
    fn endless_line_is_cut() {
        let log = LogTail::new(Box::new(io::sink()));
        for _ in 0..100 {
            log.push(&[b'x'; 1000]);
        }
        assert_eq!(log.lines()[0].len(), MAX_LINE_BYTES);
    }
    #[test]
    fn secret_in_two_pieces_is_redacted() {
        let written = Arc::new(Mutex::new(vec![]));
        let secret = ["s3cr3t-0123456789".to_owned()];
        let log = LogTail::redacted(Box::new(Shared(Arc::clone(&written))), &Redactor::new(&secret));
        log.push(b"key: s3cr3t-0");
        assert_eq!(log.lines(), ["key: [redacted]"]);
        log.push(b"123456789\nnext ");
        assert_eq!(log.lines(), ["key: [redacted]", "next"]);
        assert_eq!(*written.lock().unwrap(), b"key: [redacted]\nnext ");
    }

    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
