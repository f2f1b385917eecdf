//! The reporter.

use camino::Utf8PathBuf;
use coalmine::event::Envelope;

use super::page;
use crate::{Record, ReportError, Reporter, write_atomically};

const FILE: &str = "report.html";

/// Writes `report.html` at the end of the stream.
#[derive(Debug)]
pub struct Html {
    folder: Utf8PathBuf,
    record: Record,
}

impl Html {
    /// Returns a reporter that writes into `folder`, which exists, and reads the evidence there.
    pub fn new(folder: impl Into<Utf8PathBuf>) -> Self {
        Self { folder: folder.into(), record: Record::default() }
    }
}

impl Reporter for Html {
    fn name(&self) -> &str {
        FILE
    }

    fn files(&self) -> &[&str] {
        &[FILE]
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        Ok(self.record.push(envelope)?)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let html = page(&self.record, &self.folder)?;
        write_atomically(&self.folder, FILE, html.as_bytes())
            .map_err(|source| ReportError::File { path: self.folder.join(FILE), source })
    }
}
