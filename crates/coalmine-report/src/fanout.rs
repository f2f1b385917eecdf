//! One stream, several reports.

use coalmine::event::Envelope;

use crate::{BoxedReporter, ReportError, Reporter};

/// Hands every event to each reporter, in the order in which they were added. A reporter that fails is
/// dropped, and the others go on.
#[derive(Default)]
pub struct Fanout<'a> {
    reporters: Vec<BoxedReporter<'a>>,
    broken: Vec<Broken>,
}

/// A reporter that failed.
#[derive(Debug, thiserror::Error)]
#[error("the report `{name}` is incomplete")]
pub struct Broken {
    /// Its name.
    pub name: String,
    /// Whether programs read it, so that a run without it must not count as passed.
    pub is_for_machines: bool,
    /// Why it failed.
    #[source]
    pub error: ReportError,
}

impl<'a> Fanout<'a> {
    /// Returns a fanout without any reporter.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reporter after those already added. The one that writes `events.ndjson` comes first.
    #[must_use]
    pub fn with(mut self, reporter: impl Reporter + Send + 'a) -> Self {
        self.reporters.push(Box::new(reporter));
        self
    }

    /// Adds several reporters, such as the [`standard_reports()`](crate::standard_reports()).
    #[must_use]
    pub fn with_all(mut self, reporters: impl IntoIterator<Item = BoxedReporter<'a>>) -> Self {
        self.reporters.extend(reporters);
        self
    }

    /// Hands on the next event.
    pub fn event(&mut self, envelope: &Envelope) {
        self.each(|reporter| reporter.event(envelope));
    }

    /// Completes all reports and returns those that failed, in the order in which they failed.
    pub fn finish(mut self) -> Vec<Broken> {
        self.each(|reporter| reporter.finish());
        self.broken
    }

    fn each(&mut self, mut step: impl FnMut(&mut dyn Reporter) -> Result<(), ReportError>) {
        self.reporters.retain_mut(|reporter| match step(&mut **reporter) {
            Ok(()) => true,
            Err(error) => {
                let (name, is_for_machines) = (reporter.name().to_owned(), reporter.is_for_machines());
                self.broken.push(Broken { name, is_for_machines, error });
                false
            }
        });
    }
}
