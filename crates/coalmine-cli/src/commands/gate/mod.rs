//! `coalmine gate`: from a verdict to a required check.

mod comment;
mod doctor;
mod exercise;
mod lint;
mod onboard;
mod operator;
mod require;
mod status;

pub(crate) use self::lint::LintArguments;
use super::block_on;
use crate::{arguments::GateCommand, context::Context, failure::Failure, printer::Printer};

pub(crate) fn gate(command: GateCommand, context: &Context, printer: &mut Printer) -> Result<u8, Failure> {
    match command {
        GateCommand::Lint(arguments) => lint::lint(&arguments, printer),
        GateCommand::Doctor { fleet, repositories, pulls, json } => {
            block_on(doctor::doctor(&fleet, &repositories, pulls, json, context, printer))?
        }
        GateCommand::Onboard { fleet, repositories, dry_run, evidence } => {
            block_on(onboard::onboard(&fleet, &repositories, dry_run, &evidence, context, printer))?
        }
        GateCommand::Status { fleet, json, evidence } => {
            block_on(status::status(&fleet, json, &evidence, context, printer))?
        }
        GateCommand::Require { fleet, repository, yes, proof, evidence } => {
            let what = require::Require { repository: &repository, yes, proof: &proof, evidence: &evidence };
            block_on(require::require(&fleet, what, context, printer))?
        }
        GateCommand::Unrequire { fleet, repository, reason, yes } => {
            block_on(require::unrequire(&fleet, &repository, &reason, yes, context, printer))?
        }
        GateCommand::Exercise { fleet, repository, wait } => {
            block_on(exercise::exercise(&fleet, &repository, wait, context, printer))?
        }
        GateCommand::Comment { fleet, repository, pull, author, folder } => {
            let what =
                comment::What { repository: &repository, pull, author: author.as_deref(), folder: &folder };
            block_on(comment::comment(&fleet, what, context, printer))?
        }
    }
}
