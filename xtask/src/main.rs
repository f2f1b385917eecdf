//! Chores of the repository: `cargo xtask --help`.

mod attack;
mod attest;
mod bench;
mod browser;
mod failure;
mod fuzz;
mod gate;
mod image;
mod kills;
mod newest;
mod packages;
mod parallel;
mod printer;
mod proc;
mod repository;
mod runtime;
mod schemas;
mod sdk;
mod third_party;
mod tool;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::printer::Printer;

/// Chores of the repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Build the images `coalmine/reference:dev` and `coalmine/coalmine:dev`
    Image,
    /// Build the image of a runtime family, `coalmine/<family>:dev`
    Runtime(runtime::RuntimeArguments),
    /// Write the JSON Schemas in `schemas/`
    Schemas(schemas::SchemasArguments),
    /// Drive the simulated world with the vendors' own SDKs
    Sdk,
    /// Judge third-party servers, whose behavior is known, and compare
    ThirdParty(third_party::ThirdPartyArguments),
    /// Judge a hostile runtime in each of its modes, and compare what came of it
    Attack(attack::AttackArguments),
    /// Sign and attach a verdict with the real cosign in a real registry, and verify it
    Attest(attest::AttestArguments),
    /// Try the SDK checks and the third-party servers with the newest packages
    Newest(newest::NewestArguments),
    /// Fuzz every reader of hostile bytes, guided by coverage
    Fuzz(fuzz::FuzzArguments),
    /// Kill runs at random moments, and look for what is left of them
    Kills(kills::KillsArguments),
    /// Run the gate's workflows in a real runner (needs Go and a container engine)
    Gate(gate::GateArguments),
    /// Look at `report.html` in a headless Chromium
    Browser(browser::BrowserArguments),
    /// Measure the embedded run, and the container run beside its floor
    Bench(bench::BenchArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut printer = Printer;
    let done = match arguments.chore {
        Chore::Image => image::build(&mut printer),
        Chore::Runtime(arguments) => runtime::build(&arguments, &mut printer),
        Chore::Schemas(arguments) => schemas::write(&arguments, &mut printer),
        Chore::Sdk => sdk::check(&mut printer),
        Chore::ThirdParty(arguments) => third_party::judge(&arguments, &mut printer),
        Chore::Attack(arguments) => attack::run(&arguments, &mut printer),
        Chore::Attest(arguments) => attest::try_out(&arguments, &mut printer),
        Chore::Newest(arguments) => newest::try_out(&arguments, &mut printer),
        Chore::Fuzz(arguments) => fuzz::run(&arguments, &mut printer),
        Chore::Kills(arguments) => kills::run(&arguments, &mut printer),
        Chore::Gate(arguments) => gate::check(&arguments, &mut printer),
        Chore::Browser(arguments) => browser::look(&arguments, &mut printer),
        Chore::Bench(arguments) => bench::run(&arguments, &mut printer),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            printer.failure(&failure);
            ExitCode::FAILURE
        }
    }
}
