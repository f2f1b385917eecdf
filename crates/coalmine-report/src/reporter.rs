//! The one interface of a report.

use coalmine::event::Envelope;

use crate::ReportError;

/// A consumer of the events of one run, in order.
pub trait Reporter {
    /// Returns what to call it in a message, such as `junit.xml`.
    fn name(&self) -> &str;

    /// Returns the names of the files that it writes into the run's folder. A new run into the same folder
    /// removes them first.
    fn files(&self) -> &[&str] {
        &[]
    }

    /// Returns whether programs read the report, so that a run without it must not count as passed.
    fn is_for_machines(&self) -> bool {
        false
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// Fails if the report cannot go on. The reporter receives nothing more after that.
    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError>;

    /// Completes the report. This is called once, after the last event; a stream that was cut off has no
    /// `run-ended`.
    ///
    /// # Errors
    /// Fails if the report could not be completed.
    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(())
    }
}

/// A reporter of any kind, for lists of them.
pub type BoxedReporter<'a> = Box<dyn Reporter + Send + 'a>;
