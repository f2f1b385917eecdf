//! The runtime's own output: written down, bounded, the last lines kept at hand.

use std::{
    collections::VecDeque,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

/// Lines kept at hand, the longest line in bytes, and the most bytes that are written down.
const LINES: usize = 200;
const LINE_BYTES: usize = 4 << 10;
const FILE_BYTES: usize = 64 << 20;

/// Takes the runtime's output in. Cheap to clone.
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
    /// Writes everything to `out`, up to a bound.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        let inner = Inner { out, written: 0, lines: VecDeque::new(), open: vec![] };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Takes in a piece of output.
    pub fn push(&self, bytes: &[u8]) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let room = FILE_BYTES.saturating_sub(inner.written);
        let fits = &bytes[..bytes.len().min(room)];
        // a full disk must not take the runtime's output, and with it the run, down
        if inner.out.write_all(fits).and_then(|()| inner.out.flush()).is_ok() {
            inner.written += fits.len();
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = LINE_BYTES.saturating_sub(inner.open.len());
            let fits = &piece[..piece.len().min(room)];
            inner.open.extend_from_slice(fits);
            if piece.ends_with(b"\n") {
                inner.close_line();
            }
        }
    }

    /// The last lines, oldest first, at most 200.
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
        if self.lines.len() > LINES {
            self.lines.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_at_hand_however_they_came() {
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
    fn an_endless_line_is_cut() {
        let log = LogTail::new(Box::new(std::io::sink()));
        for _ in 0..100 {
            log.push(&[b'x'; 1000]);
        }
        assert_eq!(log.lines()[0].len(), LINE_BYTES);
    }
}
