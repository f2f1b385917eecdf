//! The runtime's own output: written down, bounded, with the last lines kept at hand.

use std::{
    collections::VecDeque,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

/// The most lines that are kept at hand.
const MAX_LINES: usize = 200;
/// The longest line that is kept, in bytes.
const MAX_LINE_BYTES: usize = 4 << 10;
/// The most bytes that are written down.
const MAX_FILE_BYTES: usize = 64 << 20;

/// The log of a runtime's output. Cheap to clone.
#[derive(Clone)]
pub struct LogTail {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    out: Box<dyn Write + Send>,
    written: usize,
    lines: VecDeque<String>,
    open: Vec<u8>,
}

impl std::fmt::Debug for LogTail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogTail").finish_non_exhaustive()
    }
}

impl LogTail {
    /// Returns a log that writes everything to `out`, up to a bound.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        let inner = Inner { out, written: 0, lines: VecDeque::new(), open: vec![] };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Adds a piece of output.
    pub fn push(&self, bytes: &[u8]) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_FILE_BYTES.saturating_sub(inner.written);
        let fits = &bytes[..bytes.len().min(room)];
        // a full disk must not stop the runtime's output, and with it the run
        if inner.out.write_all(fits).and_then(|()| inner.out.flush()).is_ok() {
            inner.written += fits.len();
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = MAX_LINE_BYTES.saturating_sub(inner.open.len());
            let fits = &piece[..piece.len().min(room)];
            inner.open.extend_from_slice(fits);
            if piece.ends_with(b"\n") {
                inner.close_line();
            }
        }
    }

    /// Returns the last lines, oldest first, at most 200.
    pub fn lines(&self) -> Vec<String> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.open.is_empty() {
            inner.close_line();
        }
        inner.lines.iter().cloned().collect()
    }
}

impl Inner {
    fn close_line(&mut self) {
        let line = String::from_utf8_lossy(&self.open).trim_end().to_owned();
        self.open.clear();
        self.lines.push_back(line);
        if self.lines.len() > MAX_LINES {
            self.lines.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_lines_are_kept_however_they_are_split() {
        let log = LogTail::new(Box::new(std::io::sink()));
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
        let log = LogTail::new(Box::new(std::io::sink()));
        for _ in 0..100 {
            log.push(&[b'x'; 1000]);
        }
        assert_eq!(log.lines()[0].len(), MAX_LINE_BYTES);
    }
}
