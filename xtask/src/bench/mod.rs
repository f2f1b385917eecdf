//! `cargo xtask bench`: the promises about time and memory, measured side by side in one run.

mod container;
mod embedded;
mod figures;
mod floor;
mod memory;
mod provider;
mod reports;

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Subcommand};

use self::figures::Figures;
use crate::{failure::Failure, image, printer::Printer, repository, tool};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchArguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// How often each thing is measured
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(3..))]
    runs: u16,
    /// Leave the containers out
    #[arg(long)]
    no_docker: bool,
    /// Measure what is built already, even if it is stale
    #[arg(long)]
    no_build: bool,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Measure the simulated provider beside another one and beside a bare handler
    Provider(provider::ProviderArguments),
    /// Serve the bare handler
    #[command(hide = true)]
    Bare(provider::BareArguments),
}

/// Measures what was asked for; fails if a promise is missed.
pub(crate) fn run(arguments: &BenchArguments, printer: &mut Printer) -> Result<(), Failure> {
    match &arguments.part {
        Some(Part::Provider(arguments)) => return provider::run(arguments, printer),
        Some(Part::Bare(arguments)) => return provider::bare(arguments, printer),
        None => {}
    }
    let target = repository::root().join("target");
    if !arguments.no_build {
        build(&target, arguments.no_docker, printer)?;
    }
    let out = tempfile::tempdir()?;
    let out = Utf8PathBuf::from_path_buf(out.path().to_owned()).unwrap_or_else(|_| "coalmine-out".into());
    let subject = Subject { binary: target.join("release/coalmine"), out };
    let mut kept = embedded::measure(&subject, arguments.runs, printer)?;
    kept &= reports::measure(&subject, arguments.runs, printer)?;
    if !arguments.no_docker {
        kept &= container::measure(&subject, arguments.runs, printer)?;
    }
    all_kept(kept)
}

/// Fails unless all promises were kept.
fn all_kept(kept: bool) -> Result<(), Failure> {
    if kept {
        return Ok(());
    }
    Err(Failure::new("a promise was missed")
        .hint("if the machine was busy with something else, measure again"))
}

fn build(target: &Utf8Path, no_docker: bool, printer: &mut Printer) -> Result<(), Failure> {
    printer.note("building the release binary");
    let mut build = tool::cargo();
    build
        .args(["build", "--release", "--package", "coalmine-cli", "--bin", "coalmine"])
        .args(["--target-dir", target.as_str()]);
    tool::run(&mut build, "could not build the release binary")?;
    if no_docker { Ok(()) } else { image::build(printer) }
}

/// The canaries that the promises are about, the same as in the tests: the four first ones and the diagnostics.
const CLASSICAL: &str =
    include_str!("../../../crates/coalmine-cli/tests/classical-canaries.txt").trim_ascii();

/// The program that is measured.
struct Subject {
    binary: Utf8PathBuf,
    out: Utf8PathBuf,
}

impl Subject {
    /// Returns the command `coalmine run`; its reports go to a temporary folder, which is emptied.
    fn run(&self) -> Command {
        // the first run finds no folder
        let _ = fs_err::remove_dir_all(&self.out);
        let mut command = Command::new(&self.binary);
        command.args(["run", "--quiet", "--out", self.out.as_str()]).stdin(Stdio::null());
        command
    }

    /// Returns the command that runs the classical canaries, with more arguments.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.run();
        command.args(["--canary", CLASSICAL]).args(arguments);
        command
    }

    /// Returns the wall time of a whole run, which must be green.
    fn time(&self, arguments: &[&str]) -> Result<Duration, Failure> {
        let mut command = self.command(arguments);
        let began = Instant::now();
        tool::run(&mut command, "the measured run was not green")?;
        Ok(began.elapsed())
    }
}

/// Returns `ok` or `MISSED`, which ends the line of a promise.
fn verdict(kept: bool) -> &'static str {
    if kept { "ok" } else { "MISSED" }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// Prints one line of the table.
fn line(printer: &mut Printer, name: &str, figures: &Figures) {
    printer.result(format_args!(
        "{name:<44} median {:>9}  min {:>9}  max {:>9}  n={}",
        milliseconds(figures.median()),
        milliseconds(figures.min()),
        milliseconds(figures.max()),
        figures.count(),
    ));
}
