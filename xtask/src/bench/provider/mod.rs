//! `cargo xtask bench provider`: how fast and how steady the simulated provider is, beside another one and beside the least
//! that an HTTP handler costs.

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

/// Connections that ask at the same time.
const CONNECTIONS: usize = 100;
/// About how long the body of a usual request is.
const BYTES: usize = 3_000;

#[derive(Debug, Args)]
pub(crate) struct ProviderArguments {
    /// How often each provider is measured
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(3..=30))]
    rounds: u16,
    /// Measure what is built and installed already, however old
    #[arg(long)]
    no_build: bool,
}

/// Builds what is measured and what measures, both optimised; the optimised program then does the rest.
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
        .map_err(|_| Failure::new("the folder for temporary files has a name that is no text"))?;
    let fast = speed::measure(rounds, &path, printer)?;
    let steady = steady::measure(&path, printer)?;
    all_kept(fast && steady)
}

/// One line about a promise; whether it is kept.
fn promise(printer: &mut Printer, what: &str, figure: &str, kept: bool) -> bool {
    printer.result(format_args!("  promise: {what:<42} {figure:>12}, {}", verdict(kept)));
    kept
}
