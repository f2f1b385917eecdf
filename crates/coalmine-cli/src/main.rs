//! The `coalmine` binary: arguments in, exit code out. The only crate that prints, exits and reads the environment, the
//! terminal and the clock.

mod arguments;
mod canaries;
mod commands;
mod context;
mod env_file;
mod failure;
mod files;
mod live;
mod printer;
mod resolve;

use std::process::ExitCode;

use clap::Parser;

use crate::{arguments::Arguments, context::Context, printer::Printer};

/// What the simulated provider takes from memory in one thread goes back in another: the system's allocator is slow at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // two TLS providers in one tree make rustls refuse to choose; installing one twice cannot happen here
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
