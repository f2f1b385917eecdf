//! `cargo xtask bench provider`: the speed and the memory of the simulated provider, beside another one and beside a bare
//! HTTP handler.

mod answer;
mod bare;
mod journal;
mod load;
mod requests;
mod rival;
mod server;
mod speed;
mod steady;

use std::os::unix::process::CommandExt;

pub(super) use bare::{BareArguments, bare};
use camino::Utf8PathBuf;
use clap::Args;

use super::{all_kept, verdict};
use crate::{failure::Failure, printer::Printer, repository, tool};

/// The number of parallel connections.
const CONNECTIONS: usize = 100;
/// The approximate length of a usual request's body.
const BYTES: usize = 3_000;

#[derive(Debug, Args)]
pub(crate) struct ProviderArguments {
    /// How often each provider is measured
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(3..=30))]
    rounds: u16,
    /// Measure what is built and installed already, even if it is stale
    #[arg(long)]
    no_build: bool,
}

/// Builds the subject and the benchmark with optimizations; the optimized benchmark then does the rest.
pub(super) fn run(arguments: &ProviderArguments, printer: &mut Printer) -> Result<(), Failure> {
    if !cfg!(debug_assertions) {
        return measure(arguments.rounds, printer);
    }
    if !arguments.no_build {
        printer.note("building the release binaries");
        let mut build = tool::cargo();
        build
            .args(["build", "--release", "--package", "coalmine-cli", "--package", "xtask"])
            .args(["--target-dir", repository::root().join("target").as_str()]);
        tool::run(&mut build, "could not build the release binaries")?;
        rival::install(printer)?;
    }
    let mut measuring = std::process::Command::new(repository::target("release/xtask"));
    measuring.args(["bench", "provider", "--rounds", &arguments.rounds.to_string()]);
    Err(Failure::new("could not run the release build of xtask").because(measuring.exec()))
}

fn measure(rounds: u16, printer: &mut Printer) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let path = Utf8PathBuf::from_path_buf(folder.path().to_owned())
        .map_err(|_| Failure::new("the path of the temporary folder is not UTF-8"))?;
    let fast = speed::measure(rounds, &path, printer)?;
    let steady = steady::measure(&path, printer)?;
    all_kept(fast && steady)
}

/// Prints the line of a promise and returns whether it is kept.
fn promise(printer: &mut Printer, what: &str, figure: &str, kept: bool) -> bool {
    printer.result(format_args!("  promise: {what:<42} {figure:>12}, {}", verdict(kept)));
    kept
}
