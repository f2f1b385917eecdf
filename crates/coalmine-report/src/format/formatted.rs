//! A format as a reporter.

use std::{fmt, io::Write};

use camino::Utf8PathBuf;
use coalmine::event::Envelope;
use fs_err::{self as fs, OpenOptions};

use super::Format;
use crate::{Record, ReportError, Reporter};

/// Where a report goes.
pub enum Destination {
    /// Something that is open, such as stdout.
    Writer(Box<dyn Write + Send>),
    /// A file, which is replaced.
    File(Utf8PathBuf),
    /// The end of a file that others write to as well, such as the summary of a CI job.
    EndOf(Utf8PathBuf),
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Writer(_) => f.write_str("Writer"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::EndOf(path) => f.debug_tuple("EndOf").field(path).finish(),
        }
    }
}

/// Writes a report in a format at the end of the stream.
#[derive(Debug)]
pub struct Formatted {
    format: Format,
    folder: Utf8PathBuf,
    destination: Destination,
    record: Record,
}

impl Formatted {
    /// Returns a reporter of the run whose evidence is in `folder`.
    pub fn new(format: Format, folder: impl Into<Utf8PathBuf>, destination: Destination) -> Self {
        Self { format, folder: folder.into(), destination, record: Record::default() }
    }
}

impl Reporter for Formatted {
    fn name(&self) -> &str {
        self.format.name()
    }

    /// Who asks for a report must not miss that it is incomplete. What is added to a file of others is for people.
    fn is_for_machines(&self) -> bool {
        !matches!(self.destination, Destination::EndOf(_))
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        Ok(self.record.push(envelope)?)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let bytes = self.format.render(&self.record, &self.folder)?;
        match &mut self.destination {
            Destination::Writer(writer) => {
                writer.write_all(&bytes)?;
                Ok(writer.flush()?)
            }
            Destination::File(path) => fs::write(path.as_std_path(), &bytes)
                .map_err(|source| ReportError::File { path: path.clone(), source }),
            Destination::EndOf(path) => OpenOptions::new()
                .append(true)
                .create(true)
                .open(path.as_std_path())
                .and_then(|mut file| file.write_all(&bytes))
                .map_err(|source| ReportError::File { path: path.clone(), source }),
        }
    }
}
