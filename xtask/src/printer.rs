//! The one place that prints: figures on stdout, progress and errors on stderr.

use std::{fmt::Display, io::Write};

use crate::failure::Failure;

pub(crate) struct Printer;

impl Printer {
    /// Prints a line of the result. A closed pipe is no error.
    pub(crate) fn result(&mut self, text: impl Display) {
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// Prints a line about the progress.
    pub(crate) fn note(&mut self, text: impl Display) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    pub(crate) fn failure(&mut self, failure: &Failure) {
        self.note(format_args!("error: {}", failure.what));
        if let Some(cause) = &failure.cause {
            self.note(format_args!("  cause: {cause}"));
        }
        if let Some(hint) = &failure.hint {
            self.note(format_args!("\nhint: {hint}"));
        }
    }
}
