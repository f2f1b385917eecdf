//! `events.ndjson`: the stream itself, one event a line.

use std::io::{self, Write};

use camino::Utf8Path;
use coalmine::event::{Envelope, escape_json};
use fs_err::{self as fs, File, OpenOptions};

use crate::{ReportError, Reporter};

/// The name of the file with the events in a run's folder.
pub const EVENTS_FILE: &str = "events.ndjson";

/// Writes each event as one line as soon as it comes, so that a killed run leaves everything up to its end.
#[derive(Debug)]
pub struct Ndjson<W> {
    writer: W,
}

impl<W: Write> Ndjson<W> {
    /// Returns a reporter that writes to `writer`, with one call and one flush for each event.
    pub fn new(writer: W) -> Self {
        Self { writer }
    }
}

impl Ndjson<File> {
    /// Creates an empty `events.ndjson` in `folder`. A file or link that has this name is removed first, so
    /// nothing is written through a link.
    ///
    /// # Errors
    /// Fails if the file cannot be created.
    pub fn create(folder: &Utf8Path) -> Result<Self, ReportError> {
        let path = folder.join(EVENTS_FILE);
        replace(&path).map(Self::new).map_err(|source| ReportError::File { path, source })
    }
}

fn replace(path: &Utf8Path) -> io::Result<File> {
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

    fn is_for_machines(&self) -> bool {
        true
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        let line = escape_json(&serde_json::to_string(envelope)?) + "\n";
        self.writer.write_all(line.as_bytes())?;
        Ok(self.writer.flush()?)
    }
}
