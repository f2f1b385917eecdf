//! Consumers of the event stream. They see events only: every report of a finished run can be made again from its
//! `events.ndjson`, byte for byte.
//!
//! In the order of the flow: a [`Fanout`] hands every event to several [`Reporter`]s; [`Ndjson`] comes first and
//! writes the stream itself; [`SummaryFile`] and [`Junit`] [`fold`] it and write one file each at the end;
//! [`Terminal`] shows it to a person; [`rebuild()`] does all of that again from a run's folder.
//!
//! Text that came from a runtime is hostile. Whatever shows it sends it through [`escape()`] first.

mod error;
mod reporter;

mod fanout;
mod ndjson;

mod record;
mod summary;

mod file;
mod junit;
mod rebuild;

mod text;
mod escape;
mod plain;
mod terminal;

#[cfg(test)]
mod tests;

pub use error::{RebuildError, ReportError, StreamError};
pub use escape::{escape, escape_bounded};
pub use fanout::{Broken, Fanout};
pub use file::write_atomically;
pub use junit::Junit;
pub use ndjson::{EVENTS_FILE, Ndjson};
pub use rebuild::{Rebuilt, rebuild};
pub use record::Record;
pub use reporter::Reporter;
pub use summary::{SUMMARY_SCHEMA, Summary, SummaryFile, SummaryRun, fold};
pub use terminal::{Terminal, TerminalOptions};
