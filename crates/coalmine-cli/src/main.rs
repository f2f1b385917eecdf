//! The `coalmine` binary, which turns arguments into an exit code. It is the only crate that prints, exits,
//! and reads the environment, the terminal and the clock.

mod arguments;
mod canaries;
mod commands;
mod context;
mod env_file;
mod failure;
mod files;
mod printer;
mod progress;
mod resolve;
mod runs;

use std::process::ExitCode;

use clap::Parser;

use crate::{arguments::Arguments, context::Context, printer::Printer};

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
    match commands::dispatch(arguments.command, &context, &mut printer) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            printer.failure(&failure);
            ExitCode::from(2)
        }
    }
}
