//! What can go wrong in a report. None of it decides a verdict.

use std::io;

use camino::Utf8PathBuf;

/// The reason why a reporter failed.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The stream or the terminal could not be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
    /// A file of the run's folder could not be written.
    #[error("cannot write `{path}`")]
    File {
        /// The file.
        path: Utf8PathBuf,
        /// The error of the system.
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
    /// The report could not be turned into HTML.
    #[error("cannot encode as HTML")]
    Html(#[from] askama::Error),
}

/// The reason why a stream of events is not the stream of one run. A stream that merely ends too early is not
/// an error: it folds to a summary with the verdict `error`.
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
    #[error("expected event {expected}, found event {found}")]
    Gap {
        /// The position that should have followed.
        expected: u64,
        /// The position that followed.
        found: u64,
    },
    /// Something happened after `run-ended`.
    #[error("event {seq}: the run has already ended")]
    AfterEnd {
        /// Its position.
        seq: u64,
    },
    /// A canary that the plan does not name started or ended.
    #[error("event {seq}: the plan has no canary `{id}`")]
    Unplanned {
        /// Its position.
        seq: u64,
        /// The canary.
        id: String,
    },
    /// The plan names a canary twice.
    #[error("the plan names the canary `{id}` twice")]
    PlannedTwice {
        /// The canary.
        id: String,
    },
    /// A canary ended twice, or started after its end.
    #[error("event {seq}: the canary `{id}` has already ended")]
    EndedTwice {
        /// Its position.
        seq: u64,
        /// The canary.
        id: String,
    },
    /// The counts of `run-ended` are not those of the canaries.
    #[error("event {seq}: the counts of `run-ended` do not match the canaries")]
    Counts {
        /// Its position.
        seq: u64,
    },
    /// The verdict of `run-ended` does not follow from the canaries.
    #[error("event {seq}: the verdict of `run-ended` does not match the canaries")]
    Verdict {
        /// Its position.
        seq: u64,
    },
}

/// The reason why the reports in a run's folder could not be written again.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The events could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A line that is not an event. The last line may be one that was cut off.
    #[error("`{path}` line {line} is not an event")]
    Line {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: u64,
        /// The error of the parser.
        source: serde_json::Error,
    },
    /// A line that is longer than any event.
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
