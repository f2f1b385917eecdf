//! The one interface of a report.

use coalmine::event::Envelope;

use crate::ReportError;

/// Takes the events of one run, in order.
pub trait Reporter {
    /// What to call it in a message about it, such as `junit.xml`.
    fn name(&self) -> &str;

    /// Takes the next event.
    ///
    /// # Errors
    /// When it cannot go on. It is given nothing more after that.
    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError>;

    /// Called once, after the last event; a stream that was cut off has no `run-ended`.
    ///
    /// # Errors
    /// When the report could not be completed.
    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(())
    }
}

impl<R: Reporter + ?Sized> Reporter for &mut R {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        (**self).event(envelope)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        (**self).finish()
    }
}
