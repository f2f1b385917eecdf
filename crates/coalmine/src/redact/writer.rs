//! A writer without secrets.

use std::io::{self, Write};

use super::{Redactor, scan::Scan};

/// How many bytes are searched at once, so that memory does not grow with what is written.
const BLOCK: usize = 64 << 10;

/// A writer that redacts what is written, whatever the pieces in which it comes. What may become a secret is
/// held back until that is certain, or until the writer is dropped.
pub(crate) struct Redacting<W: Write> {
    out: W,
    scan: Scan,
}

impl<W: Write> Redacting<W> {
    pub(crate) fn new(out: W, redactor: &Redactor) -> Self {
        Self { out, scan: Scan::new(redactor) }
    }

    /// Returns the writer below.
    pub(crate) fn inner(&self) -> &W {
        &self.out
    }

    /// Returns what is held back, as far as it can be shown.
    pub(crate) fn held(&self) -> Vec<u8> {
        self.scan.clone().cut()
    }
}

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        for block in buffer.chunks(BLOCK) {
            self.scan.push(block);
            self.out.write_all(&self.scan.release())?;
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Drop for Redacting<W> {
    fn drop(&mut self) {
        let rest = self.scan.finish();
        // whoever needs to know of an error has flushed the writer before
        let _ = self.out.write_all(&rest).and_then(|()| self.out.flush());
    }
}
