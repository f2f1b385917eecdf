//! What can go wrong while reporting. None of it decides a verdict.

use std::io;

use camino::Utf8PathBuf;

/// Why one reporter gave up.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The stream or terminal could not be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
    /// A file of the run's folder could not be written.
    #[error("cannot write `{path}`")]
    File {
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The events contradict each other.
    #[error("the events contradict each other")]
    Stream(#[from] StreamError),
    /// An event or summary could not be turned into JSON.
    #[error("cannot encode as JSON")]
    Json(#[from] serde_json::Error),
    /// The report could not be turned into XML.
    #[error("cannot encode as JUnit XML")]
    Xml(#[from] quick_junit::SerializeError),
}

/// Why a stream of events is not the stream of one run. A stream that merely ends too early is none of these: it
/// folds to a summary with the verdict `error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// There are no events at all.
    #[error("there are no events")]
    Empty,
    /// The first event is not `run-started`.
    #[error("the first event is not `run-started`")]
    NotStarted,
    /// A second `run-started`.
    #[error("event {seq}: the run started twice")]
    StartedTwice {
        /// Its position.
        seq: u64,
    },
    /// Events were lost, doubled or swapped.
    #[error("event {found} where event {expected} was due")]
    Gap {
        /// The position that was due.
        expected: u64,
        /// The position that came.
        found: u64,
    },
    /// Something happened after `run-ended`.
    #[error("event {seq}: the run had ended before")]
    AfterEnd {
        /// Its position.
        seq: u64,
    },
    /// A canary started or ended that the plan does not name.
    #[error("event {seq}: the plan has no canary `{id}`")]
    Unplanned {
        /// Its position.
        seq: u64,
        /// The canary.
        id: String,
    },
    /// A canary is named twice by the plan.
    #[error("the plan names the canary `{id}` twice")]
    PlannedTwice {
        /// The canary.
        id: String,
    },
    /// A canary ended twice, or started after its end.
    #[error("event {seq}: the canary `{id}` had ended before")]
    EndedTwice {
        /// Its position.
        seq: u64,
        /// The canary.
        id: String,
    },
    /// `run-ended` counts other verdicts than those of the canaries.
    #[error("event {seq}: the counts of the end are not those of the canaries")]
    Counts {
        /// Its position.
        seq: u64,
    },
    /// `run-ended` has a verdict that its canaries do not bear out.
    #[error("event {seq}: the verdict of the end is not that of the canaries")]
    Verdict {
        /// Its position.
        seq: u64,
    },
}

/// Why the reports of a run's folder could not be made again.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The events could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line that is not an event, and not the last one.
    #[error("`{path}` line {line} is not an event")]
    Line {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line longer than any event.
    #[error("`{path}` line {line} is longer than {limit} bytes")]
    TooLong {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: u64,
        /// The longest line that is read.
        limit: u64,
    },
    /// The events contradict each other.
    #[error("`{path}` is not the stream of one run")]
    Stream {
        /// The file.
        path: Utf8PathBuf,
        /// The contradiction.
        source: StreamError,
    },
}
