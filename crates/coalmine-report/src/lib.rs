//! Consumers of the event stream. They see events only, so every report of a finished run can be written
//! again from its `events.ndjson`, byte for byte.
//!
//! In the order of the flow:
//!
//! 1. A [`Fanout`] hands every event to several [`Reporter`]s.
//! 2. [`Ndjson`] comes first and writes the stream itself.
//! 3. The [`standard_reports()`] keep a [`Record`] of the events and write their files at the end:
//!    [`SummaryFile`] for programs, [`Junit`] for CI systems.
//! 4. [`Terminal`] shows the run to a person.
//! 5. [`rebuild()`] does all of that again from the folder of a run.
//! 6. [`compare()`] puts two finished runs beside each other, and [`merge()`] makes the parts of a run one again.
//!
//! Reports for people share the blocks of `text`, which hold the text of a runtime as it came. That text is
//! hostile, so each report escapes what it shows: [`escape()`] does it for terminals, CI logs and XML.

mod error;
mod reporter;

mod fanout;
mod ndjson;

mod record;
mod file;
mod summary;

mod text;
mod escape;
mod plain;
mod junit;
mod view;
mod html;
mod format;
mod ci;
mod terminal;

mod standard;
mod rebuild;

mod compare;
mod merge;

#[cfg(test)]
mod tests;

pub use ci::{Ci, CiLog};
pub use compare::{
    COMPARISON_SCHEMA, CanaryChange, CauseChange, Change, ChangeCounts, ComparedCanary, ComparedRun,
    Comparison, ComparisonFormat, FindingChange, ReadError, compare, read_summary,
};
pub use error::{RebuildError, ReportError, StreamError};
pub use escape::{escape, escape_bounded, mask};
pub use fanout::{Broken, Fanout};
pub use file::write_atomically;
pub use format::{CODE_QUALITY_FILE, Destination, Format, Formatted};
pub use html::Html;
pub use junit::Junit;
pub use merge::{MergeProblem, Part, merge, read_parts};
pub use ndjson::{EVENTS_FILE, Ndjson};
pub use rebuild::{Rebuilt, rebuild};
pub use record::Record;
pub use reporter::{BoxedReporter, Reporter};
pub use standard::standard_reports;
pub use summary::{SUMMARY_SCHEMA, Summary, SummaryBaseline, SummaryFile, SummaryRun, fold};
pub use terminal::{Terminal, TerminalOptions};
pub use text::command_line;
pub use view::what as target_in_words;
