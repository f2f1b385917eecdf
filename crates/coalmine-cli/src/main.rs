//! The `coalmine` binary, which turns arguments into an exit code. It is the only crate that prints, exits,
//! and reads the environment, the terminal and the clock.

mod arguments;
mod baselines;
mod canaries;
mod commands;
mod context;
mod env_file;
mod failure;
mod files;
mod panics;
mod printer;
mod progress;
mod project;
mod resolve;
mod runs;
mod shards;
mod signals;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use clap::Parser;
use coalmine::run::Crash;

use crate::{
    arguments::{Arguments, Command},
    context::Context,
    printer::Printer,
};

/// The simulated provider frees memory in another thread than the one that allocated it, which is slow with
/// the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // two TLS providers are compiled in, so rustls needs one to be installed; this fails only if one is installed already
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let context = Context::read(arguments.color);
    let mut printer = Printer::new(&context);
    // what serves until it is stopped shows a panic at once
    let serves = matches!(arguments.command, Command::Serve(_));
    let crash = if serves { Crash::default() } else { panics::note() };
    let dispatch = || commands::dispatch(arguments.command, &context, &mut printer, &crash);
    match catch_unwind(AssertUnwindSafe(dispatch)) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(failure)) => {
            printer.failure(&failure);
            ExitCode::from(2)
        }
        Err(_) => {
            printer.failure(&panics::failure(&crash));
            ExitCode::from(2)
        }
    }
}
