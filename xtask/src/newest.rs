//! `cargo xtask newest`: the SDK checks and the third-party servers with the newest versions of their packages.
//!
//! Everything happens in `target/newest`; the lock files of the repository stay as they are.

use clap::{Args, ValueEnum};

use crate::{failure::Failure, packages::Packages, printer::Printer, repository, sdk, third_party};

#[derive(Debug, Args)]
pub(crate) struct NewestArguments {
    /// Only these packages
    #[arg(value_enum)]
    only: Option<Subject>,
}

/// What is tried with newer packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    Sdk,
    ThirdParty,
}

impl Subject {
    /// Returns the folder whose folders name packages.
    fn folder(self) -> &'static str {
        match self {
            Self::Sdk => sdk::FOLDER,
            Self::ThirdParty => third_party::FOLDER,
        }
    }

    /// Runs the checks and returns the names of those that fail.
    fn check(self, folders: &[Packages], printer: &mut Printer) -> Result<Vec<String>, Failure> {
        match self {
            Self::Sdk => sdk::check_all(folders, printer),
            Self::ThirdParty => third_party::judge_all(folders, printer),
        }
    }
}

/// Prints what has newer versions and runs the checks with them.
pub(crate) fn try_out(arguments: &NewestArguments, printer: &mut Printer) -> Result<(), Failure> {
    let mut failed = vec![];
    for subject in Subject::value_variants() {
        if arguments.only.is_none_or(|only| only == *subject) {
            failed.extend(try_subject(*subject, printer)?);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new("some checks fail with the newest packages")
        .because(failed.join(", "))
        .hint("adapt the check if the package is right, or wait for the next version; `.ci/run` uses the locked ones"))
}

fn try_subject(subject: Subject, printer: &mut Printer) -> Result<Vec<String>, Failure> {
    let scratch = repository::target("newest").join(subject.folder());
    let mut changed = vec![];
    for locked in Packages::all(subject.folder())? {
        let name = format!("{}/{}", subject.folder(), locked.name());
        let newest = locked.with_newest(&scratch)?;
        let changes = locked.changes(&newest)?;
        if changes.is_empty() {
            printer.result(format_args!("{name}: the locked packages are the newest"));
            continue;
        }
        for change in changes {
            printer.result(format_args!("{name}: {change}"));
        }
        changed.push((locked, newest));
    }
    if changed.is_empty() {
        return Ok(vec![]);
    }
    let (locked, newest): (Vec<_>, Vec<_>) = changed.into_iter().unzip();
    printer.note(format_args!("installing into {scratch}"));
    let failed = subject.check(&newest, printer)?;
    for (locked, newest) in locked.iter().zip(&newest) {
        printer.note(format_args!("to use these versions: cp {} {}", newest.lock(), locked.lock()));
    }
    Ok(failed)
}
