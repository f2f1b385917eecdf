//! The only place that prints: to stdout for machines, to stderr for people.

use std::io::{self, Write};

use coalmine::plan::SourceError;
use coalmine_report::escape_bounded;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use owo_colors::{OwoColorize, Style};

use crate::{
    context::Context,
    failure::{Failure, Rendered},
};

pub(crate) struct Printer {
    color: bool,
    ascii: bool,
}

impl Printer {
    pub(crate) fn new(context: &Context) -> Self {
        Self { color: context.color, ascii: context.ascii }
    }

    /// Prints the result of a command to stdout. Errors are ignored, because the reader may have gone away.
    pub(crate) fn answer(&mut self, text: impl std::fmt::Display) {
        let _ = self.print(text);
    }

    /// Prints the result of a command to stdout. A reader that has gone away is no error.
    pub(crate) fn print(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            printed => printed,
        }
    }

    /// Prints a line to stderr.
    pub(crate) fn note(&mut self, text: impl std::fmt::Display) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    pub(crate) fn warning(&mut self, text: impl std::fmt::Display) {
        let word = "warning".style(self.paint(Style::new().yellow().bold())).to_string();
        self.note(format_args!("{word}: {text}"));
    }

    pub(crate) fn failure(&mut self, failure: &Failure) {
        match failure {
            Failure::Source(error) => self.source_error(error),
            Failure::Several(all) => all.iter().for_each(|failure| self.failure(failure)),
            Failure::Message { what, cause, hint } => {
                let error = "error".style(self.paint(Style::new().red().bold())).to_string();
                self.note(format_args!("{error}: {}", escape_bounded(what, 1_000)));
                if let Some(cause) = cause {
                    self.note(format_args!("  cause: {}", escape_bounded(cause, 1_000)));
                }
                if let Some(hint) = hint {
                    let word = "hint".style(self.paint(Style::new().bold())).to_string();
                    self.note(format_args!("\n{word}: {}", escape_bounded(hint, 1_000)));
                }
            }
        }
    }

    fn source_error(&mut self, error: &SourceError) {
        self.diagnostic(&Rendered::new(error));
    }

    /// Prints a problem with a file, with its place, to stderr.
    pub(crate) fn diagnostic(&mut self, diagnostic: &dyn Diagnostic) {
        let theme = match (self.ascii, self.color) {
            (false, true) => GraphicalTheme::unicode(),
            (false, false) => GraphicalTheme::unicode_nocolor(),
            (true, true) => GraphicalTheme::ascii(),
            (true, false) => GraphicalTheme::none(),
        };
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(110);
        match handler.render_report(&mut text, diagnostic) {
            Ok(()) => self.note(text.trim_end()),
            Err(_) => self.note(diagnostic),
        }
    }

    fn paint(&self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }
}
