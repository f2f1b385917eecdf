//! The stream itself, one event a line.

use std::io::{self, Write};

use camino::Utf8Path;
use coalmine::event::Envelope;
use fs_err::{self as fs, File, OpenOptions};

use crate::{ReportError, Reporter};

/// The name of the file in a run's folder.
pub const EVENTS_FILE: &str = "events.ndjson";

/// Writes each event as one line as it comes, so that a killed run leaves everything up to its end.
#[derive(Debug)]
pub struct Ndjson<W> {
    writer: W,
}

impl<W: Write> Ndjson<W> {
    /// Writes to `writer`, with one call and one flush for each event.
    pub fn new(writer: W) -> Self {
        Self { writer }
    }
}

impl Ndjson<File> {
    /// Starts `events.ndjson` in `folder` anew. What was there under that name is removed, never written through.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(folder: &Utf8Path) -> Result<Self, ReportError> {
        let path = folder.join(EVENTS_FILE);
        create_anew(&path).map(Self::new).map_err(|source| ReportError::File { path, source })
    }
}

fn create_anew(path: &Utf8Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path.as_std_path())
}

impl<W: Write> Reporter for Ndjson<W> {
    fn name(&self) -> &str {
        EVENTS_FILE
    }

    fn files(&self) -> &[&str] {
        &[EVENTS_FILE]
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        let mut line = serde_json::to_vec(envelope)?;
        line.push(b'\n');
        self.writer.write_all(&line)?;
        Ok(self.writer.flush()?)
    }
}
