//! `coalmine gate`: from a verdict to a required check.

mod lint;

use clap::Subcommand;

use crate::{failure::Failure, printer::Printer};

#[derive(Debug, Subcommand)]
pub(crate) enum GateCommand {
    /// Check workflow files for what breaks a gate without anybody noticing
    Lint(lint::LintArguments),
}

/// Runs a command of the gate, and returns the exit code.
pub(crate) fn gate(command: &GateCommand, printer: &mut Printer) -> Result<u8, Failure> {
    match command {
        GateCommand::Lint(arguments) => lint::lint(arguments, printer),
    }
}
