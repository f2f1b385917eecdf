//! `cargo xtask sdk`: the vendors' own SDKs, and frameworks on top of them, against the simulated world.
//!
//! Each folder of `sdk-checks/` is an environment. Its checks are programs that take the address of a world of their own
//! and fail if it differs from the vendor. Some check the reports of finished runs instead, with the readers that others made.

mod reports;
mod world;

use std::{
    sync::mpsc::{self, Sender},
    thread,
};

use camino::Utf8Path;

use self::world::World;
use crate::{failure::Failure, packages::Packages, printer::Printer, tool};

/// The folder with the environments.
pub(crate) const FOLDER: &str = "sdk-checks";

/// The outcome of one check, or of the installation of what it needs.
struct Outcome {
    name: String,
    result: Result<(), Failure>,
}

/// Runs all checks with the locked packages.
pub(crate) fn check(printer: &mut Printer) -> Result<(), Failure> {
    let environments = Packages::all(FOLDER)?;
    printer.note("installing the SDKs that are missing into target/sdk-checks");
    let failed = check_all(&environments, printer)?;
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{} of the SDK checks failed", failed.len())).because(failed.join(", ")))
}

/// Runs the checks of all environments, prints the outcomes and returns the names of those that failed.
pub(crate) fn check_all(environments: &[Packages], printer: &mut Printer) -> Result<Vec<String>, Failure> {
    tool::run(
        tool::cargo().args(["build", "--quiet", "--package", "coalmine-cli"]),
        "could not build coalmine",
    )?;
    let reports = reports::make()?;
    let mut failed = vec![];
    thread::scope(|scope| {
        // the checks wait more than they work, so they wait beside each other
        let (sender, outcomes) = mpsc::channel();
        for environment in environments {
            let sender = sender.clone();
            let reports = &reports;
            scope.spawn(move || check_one(environment, reports, &sender));
        }
        drop(sender);
        for Outcome { name, result } in outcomes {
            match result {
                Ok(()) => printer.result(format_args!("{name}: ok")),
                Err(failure) => {
                    printer.failure(&failure);
                    failed.push(name);
                }
            }
        }
    });
    failed.sort();
    Ok(failed)
}

/// Installs what an environment needs and runs its checks, each against a world of its own.
fn check_one(environment: &Packages, reports: &Utf8Path, outcomes: &Sender<Outcome>) {
    let send = |check: &str, result| {
        let name = format!("{FOLDER}/{}{check}", environment.name());
        // the receiver stays until all senders are gone
        drop(outcomes.send(Outcome { name, result }));
    };
    match environment.install().and_then(|()| checks(environment)) {
        Ok(checks) => {
            checks.iter().for_each(|check| send(&format!("/{check}"), run(environment, check, reports)))
        }
        Err(failure) => send("", Err(failure)),
    }
}

fn checks(environment: &Packages) -> Result<Vec<String>, Failure> {
    let mut checks = environment.programs()?;
    checks.retain(|name| name.ends_with("_check.py") || name.ends_with("_check.mjs"));
    if checks.is_empty() {
        return Err(Failure::new(format!("no check in `{FOLDER}/{}`", environment.name())));
    }
    Ok(checks)
}

fn run(environment: &Packages, check: &str, reports: &Utf8Path) -> Result<(), Failure> {
    let world = World::start()?;
    let mut command = environment.command(check);
    command.arg(world.url()).env("COALMINE_REPORTS", reports);
    tool::run_silently(&mut command, &format!("{check} failed"))
}
