//! The one place that prints: figures on stdout, progress and errors on stderr.

use std::{fmt::Display, io::Write};

use crate::failure::Failure;

pub(crate) struct Printer;

impl Printer {
    /// A line of the result. A reader that has gone away wants no more.
    pub(crate) fn result(&mut self, text: impl Display) {
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// A line about what goes on.
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
