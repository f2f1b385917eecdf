//! The reporter.

use camino::Utf8PathBuf;
use coalmine::event::Envelope;

use super::page;
use crate::{Record, ReportError, Reporter, write_atomically};

/// The file that the page is written to.
pub(crate) const HTML_FILE: &str = "report.html";

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
        HTML_FILE
    }

    fn files(&self) -> &[&str] {
        &[HTML_FILE]
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        Ok(self.record.push(envelope)?)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let html = page(&self.record, &self.folder)?;
        write_atomically(&self.folder, HTML_FILE, html.as_bytes())
            .map_err(|source| ReportError::File { path: self.folder.join(HTML_FILE), source })
    }
}
