//! `coalmine new`

mod canary;
mod file;
mod from_run;
mod profile;
mod toml_text;

use crate::{arguments::NewCommand, failure::Failure, printer::Printer};

pub(crate) fn new(what: &NewCommand, printer: &mut Printer) -> Result<u8, Failure> {
    match what {
        NewCommand::Canary { id, to } => canary::new(id, to.as_deref(), printer)?,
        NewCommand::Profile { to, from_run } => profile::new(to, from_run.as_deref(), printer)?,
    }
    Ok(0)
}
