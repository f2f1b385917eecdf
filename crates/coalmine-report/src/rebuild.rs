//! The reports of a finished run, written again from its events.

use std::io::{BufRead, BufReader, Read};

use camino::Utf8Path;
use coalmine::event::Envelope;
use fs_err::File;

use crate::{Broken, EVENTS_FILE, Fanout, RebuildError, Record, StreamError, Summary, standard_reports};

/// The longest line that is read, in bytes. The longest event is far shorter.
const MAX_LINE: u64 = 64 * 1024 * 1024;

/// The outcome of writing the reports again.
#[derive(Debug)]
pub struct Rebuilt {
    /// The run.
    pub summary: Summary,
    /// The number of the last line, from 1, if it was cut off in the middle and left out. The run was killed
    /// while it wrote this line.
    pub torn: Option<u64>,
    /// The reports that could not be written.
    pub broken: Vec<Broken>,
}

/// Reads `events.ndjson` in `folder`, writes the standard reports again and hands every event to `also`, such as the
/// terminal. The files hold the same bytes as those that the run wrote itself.
///
/// # Errors
/// Fails if the events cannot be read or are not those of one run. Nothing is written then.
pub fn rebuild(folder: &Utf8Path, also: Fanout<'_>) -> Result<Rebuilt, RebuildError> {
    let mut record = Record::default();
    read_events(folder, |envelope| record.push(&envelope).map_err(|source| contradiction(folder, source)))?;
    let summary = record.summary().map_err(|source| contradiction(folder, source))?;

    let mut reports = also.with_all(standard_reports(folder));
    let torn = read_events(folder, |envelope| {
        reports.event(&envelope);
        Ok(())
    })?;
    Ok(Rebuilt { summary, torn, broken: reports.finish() })
}

fn contradiction(folder: &Utf8Path, source: StreamError) -> RebuildError {
    RebuildError::Stream { path: folder.join(EVENTS_FILE), source }
}

/// Gives each event to `take` and returns the number of the last line if it was cut off.
pub(crate) fn read_events(
    folder: &Utf8Path,
    mut take: impl FnMut(Envelope) -> Result<(), RebuildError>,
) -> Result<Option<u64>, RebuildError> {
    let path = folder.join(EVENTS_FILE);
    let unreadable = |source| RebuildError::Read { path: path.clone(), source };
    let mut reader = BufReader::new(File::open(&path).map_err(unreadable)?);
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let length = reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut bytes).map_err(unreadable)?;
        if length == 0 {
            break;
        }
        let whole = bytes.last() == Some(&b'\n');
        if !whole && bytes.len() as u64 > MAX_LINE {
            return Err(RebuildError::TooLong { path, line, limit: MAX_LINE });
        }
        match serde_json::from_slice(&bytes) {
            Ok(envelope) => take(envelope)?,
            Err(_) if !whole => return Ok(Some(line)),
            Err(source) => return Err(RebuildError::Line { path, line, source }),
        }
    }
    Ok(None)
}
