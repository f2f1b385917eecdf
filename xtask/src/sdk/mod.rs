//! `cargo xtask sdk`: the vendors' own SDKs, and what is built on them, against the simulated world.
//!
//! Each folder of `sdk-checks/` is an environment. Its checks are programs that are given the address of a world of their
//! own, and fail where it differs from the vendor.

mod world;

use std::{
    sync::mpsc::{self, Sender},
    thread,
};

use self::world::World;
use crate::{failure::Failure, packages::Packages, printer::Printer, tool};

/// A check, or what it needs, and what came of it.
type Outcome = (String, Result<(), Failure>);

pub(crate) fn check(printer: &mut Printer) -> Result<(), Failure> {
    let environments = Packages::all("sdk-checks")?;
    tool::run(
        tool::cargo().args(["build", "--quiet", "--package", "coalmine-cli"]),
        "could not build coalmine",
    )?;
    printer.note("the SDKs that are not there yet are installed into target/sdk-checks");
    let mut failed = vec![];
    thread::scope(|scope| {
        // they wait more than they work, so they wait beside each other
        let (outcomes, coming) = mpsc::channel();
        for environment in &environments {
            let outcomes = outcomes.clone();
            scope.spawn(move || check_all(environment, &outcomes));
        }
        drop(outcomes);
        for (name, outcome) in coming {
            match outcome {
                Ok(()) => printer.result(format_args!("{name}: ok")),
                Err(failure) => {
                    printer.failure(&failure);
                    failed.push(name);
                }
            }
        }
    });
    match failed.as_slice() {
        [] => Ok(()),
        names => {
            Err(Failure::new(format!("{} of the SDK checks failed", names.len())).because(names.join(", ")))
        }
    }
}

/// Installs what an environment needs and runs its checks, each against a world of its own.
fn check_all(environment: &Packages, outcomes: &Sender<Outcome>) {
    // whoever takes the outcomes stays to the end
    let tell = |name: &str, outcome| drop(outcomes.send((format!("{}/{name}", environment.name()), outcome)));
    match environment.install().and_then(|()| checks(environment)) {
        Ok(checks) => checks.iter().for_each(|check| tell(check, run(environment, check))),
        Err(failure) => tell("", Err(failure)),
    }
}

fn checks(environment: &Packages) -> Result<Vec<String>, Failure> {
    let mut checks = environment.programs()?;
    checks.retain(|name| name.ends_with("_check.py") || name.ends_with("_check.mjs"));
    match checks.is_empty() {
        true => Err(Failure::new(format!("there is no check in `sdk-checks/{}`", environment.name()))),
        false => Ok(checks),
    }
}

fn run(environment: &Packages, check: &str) -> Result<(), Failure> {
    let world = World::start()?;
    tool::run_silently(environment.command(check).arg(world.url()), &format!("{check} failed"))
}
