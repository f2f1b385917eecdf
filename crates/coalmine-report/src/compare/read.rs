//! The summary of a run, from its folder or its file.

use std::{collections::HashSet, io};

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::{event::Counts, untrusted::RegularFile};

use crate::{EVENTS_FILE, RebuildError, Record, SUMMARY_SCHEMA, Summary, rebuild::read_events};

const FILE: &str = "summary.json";
/// The largest `summary.json` that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The reason why a run could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The events in the folder could not be read.
    #[error(transparent)]
    Events(#[from] RebuildError),
    /// The file could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file is not a summary.
    #[error("`{path}` is not the summary of a run")]
    Parse {
        /// The file.
        path: Utf8PathBuf,
        /// The error of the parser.
        source: serde_json::Error,
    },
    /// The file has another format.
    #[error("`{path}` has the format `{found}`: expected `coalmine/summary/1`")]
    Schema {
        /// The file.
        path: Utf8PathBuf,
        /// The format.
        found: String,
    },
    /// A canary is there twice.
    #[error("`{path}` has the canary `{id}` twice")]
    Twice {
        /// The file.
        path: Utf8PathBuf,
        /// The canary.
        id: String,
    },
    /// The counts are not those of the canaries.
    #[error("`{path}` contradicts itself: its counts are not those of its canaries")]
    Counts {
        /// The file.
        path: Utf8PathBuf,
    },
}

/// Returns the summary of a run. `path` is the folder of the run, whose events count, or its `summary.json`.
///
/// # Errors
/// Fails if the file cannot be read, or contradicts itself.
pub fn read_summary(path: &Utf8Path) -> Result<Summary, ReadError> {
    if path.join(EVENTS_FILE).exists() {
        let contradiction = |source| RebuildError::Stream { path: path.join(EVENTS_FILE), source };
        let mut record = Record::default();
        read_events(path, |envelope| record.push(&envelope).map_err(contradiction))?;
        return Ok(record.summary().map_err(contradiction)?);
    }
    let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
    let bytes = RegularFile::open(&path)
        .and_then(|file| file.read_whole(MAX_BYTES))
        .map_err(|source| ReadError::Read { path: path.clone(), source })?;
    let summary: Summary =
        serde_json::from_slice(&bytes).map_err(|source| ReadError::Parse { path: path.clone(), source })?;
    checked(path, summary)
}

fn checked(path: Utf8PathBuf, summary: Summary) -> Result<Summary, ReadError> {
    if summary.schema != SUMMARY_SCHEMA {
        return Err(ReadError::Schema { path, found: summary.schema });
    }
    let (mut ids, mut counts) = (HashSet::new(), Counts::default());
    for canary in &summary.canaries {
        if !ids.insert(canary.id.as_str()) {
            return Err(ReadError::Twice { path, id: canary.id.clone() });
        }
        counts.add(canary.verdict);
    }
    if counts != summary.counts {
        return Err(ReadError::Counts { path });
    }
    Ok(summary)
}
