//! `cargo xtask sdk`: the vendors' own SDKs, and what is built on them, against the simulated world.
//!
//! Each folder of `sdk-checks/` is an environment. Its checks are programs that are given the address of a world of their
//! own, and fail where it differs from the vendor.

mod environment;
mod world;

use std::{sync::mpsc, thread};

use self::environment::Environment;
use crate::{failure::Failure, printer::Printer, tool};

/// A check, or what it needs, and what came of it.
type Outcome = (String, Result<(), Failure>);

pub(crate) fn check(printer: &mut Printer) -> Result<(), Failure> {
    let environments = Environment::all()?;
    tool::run(
        tool::cargo().args(["build", "--quiet", "--package", "coalmine-cli"]),
        "could not build coalmine",
    )?;
    printer.note("the SDKs that are not there yet are installed into target/sdk");
    let mut failed = vec![];
    thread::scope(|scope| {
        // they wait more than they work, so they wait beside each other
        let (outcomes, coming) = mpsc::channel();
        for environment in &environments {
            let outcomes = outcomes.clone();
            scope.spawn(move || environment.check(&outcomes));
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
