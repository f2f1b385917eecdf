//! One stream, several reports.

use coalmine::event::Envelope;

use crate::{ReportError, Reporter};

/// Hands every event to each reporter, in the order in which they were added. A reporter that fails is dropped; the
/// others go on.
#[derive(Default)]
pub struct Fanout<'a> {
    reporters: Vec<Box<dyn Reporter + Send + 'a>>,
    broken: Vec<Broken>,
}

/// A reporter that gave up.
#[derive(Debug, thiserror::Error)]
#[error("the report `{name}` is incomplete")]
pub struct Broken {
    /// Its name.
    pub name: String,
    /// Why.
    #[source]
    pub error: ReportError,
}

impl<'a> Fanout<'a> {
    /// Without any reporter.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reporter behind those already there. The one that writes `events.ndjson` comes first.
    #[must_use]
    pub fn with(mut self, reporter: impl Reporter + Send + 'a) -> Self {
        self.reporters.push(Box::new(reporter));
        self
    }

    /// Hands on the next event.
    pub fn event(&mut self, envelope: &Envelope) {
        self.each(|reporter| reporter.event(envelope));
    }

    /// Completes all reports and tells which of them are incomplete, in the order in which they broke.
    pub fn finish(mut self) -> Vec<Broken> {
        self.each(|reporter| reporter.finish());
        self.broken
    }

    fn each(&mut self, mut step: impl FnMut(&mut dyn Reporter) -> Result<(), ReportError>) {
        self.reporters.retain_mut(|reporter| match step(&mut **reporter) {
            Ok(()) => true,
            Err(error) => {
                self.broken.push(Broken { name: reporter.name().to_owned(), error });
                false
            }
        });
    }
}
