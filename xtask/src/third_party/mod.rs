//! `cargo xtask third-party`: third-party servers, whose behavior is known by construction, are judged, and each verdict is
//! compared with what is true.
//!
//! Each folder of `third-party/` has servers, the packages that they need, a `profile.toml`, and an `expected.toml` that
//! says what the servers do in each `MODE`.

mod expected;
mod server;

use clap::Args;

use self::{expected::Modes, server::Server};
use crate::{failure::Failure, packages::Packages, parallel, printer::Printer, tool};

/// The folder with the servers' folders.
pub(crate) const FOLDER: &str = "third-party";
/// How many servers are judged in parallel unless `--jobs` says otherwise.
const DEFAULT_JOBS: usize = 2;

#[derive(Debug, Args)]
pub(crate) struct ThirdPartyArguments {
    /// Only these modes: `<folder>`, or `<folder>/<mode>`
    only: Vec<String>,
    /// How many servers are judged in parallel
    #[arg(long, default_value_t = DEFAULT_JOBS, value_name = "N")]
    jobs: usize,
}

/// Judges the chosen modes with the locked packages.
pub(crate) fn judge(arguments: &ThirdPartyArguments, printer: &mut Printer) -> Result<(), Failure> {
    let folders = Packages::all(FOLDER)?;
    printer.note("installing the packages that are missing into target/third-party");
    let Judged { count, wrong } = judge_folders(&folders, arguments, printer)?;
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{} of {count} third-party servers were judged wrongly", wrong.len()))
        .because(wrong.join(", ")))
}

/// Judges all modes of the folders and returns the names of those that were judged wrongly.
pub(crate) fn judge_all(folders: &[Packages], printer: &mut Printer) -> Result<Vec<String>, Failure> {
    let all = ThirdPartyArguments { only: vec![], jobs: DEFAULT_JOBS };
    Ok(judge_folders(folders, &all, printer)?.wrong)
}

/// How many servers were judged, and which of them wrongly.
struct Judged {
    count: usize,
    wrong: Vec<String>,
}

fn judge_folders(
    folders: &[Packages],
    arguments: &ThirdPartyArguments,
    printer: &mut Printer,
) -> Result<Judged, Failure> {
    let mut with_modes = vec![];
    for packages in folders {
        with_modes.push((packages, Modes::read(&packages.folder().join("expected.toml"))?));
    }
    let mut servers = vec![];
    for (packages, modes) in &with_modes {
        for (name, mode) in modes.iter() {
            let full_name = format!("{}/{name}", packages.name());
            let chosen = |only: &String| *only == full_name || only == packages.name();
            if arguments.only.is_empty() || arguments.only.iter().any(chosen) {
                servers.push(Server { full_name, name, mode, packages, modes });
            }
        }
    }
    if servers.is_empty() {
        let names: Vec<&str> = folders.iter().map(Packages::name).collect();
        return Err(Failure::new(format!("no mode matches {}", arguments.only.join(", ")))
            .hint(format!("name a folder ({}) or one of its modes", names.join(", "))));
    }
    tool::run(
        tool::cargo().args(["build", "--quiet", "--release", "--package", "coalmine-cli"]),
        "could not build coalmine",
    )?;
    for packages in folders {
        packages.install()?;
    }
    let count = servers.len();
    Ok(Judged { count, wrong: judge_servers(servers, arguments.jobs, printer) })
}

/// Judges the servers, prints the outcomes and returns the names of those that were judged wrongly.
fn judge_servers(servers: Vec<Server<'_>>, jobs: usize, printer: &mut Printer) -> Vec<String> {
    let mut wrong = vec![];
    parallel::each(servers, jobs, Server::judge, |server, outcome| match outcome {
        Ok(()) => printer.result(format_args!("{}: ok", server.full_name)),
        Err(failure) => {
            printer.note(format_args!("{}: {}", server.full_name, server.mode.about));
            printer.failure(&failure);
            wrong.push(server.full_name);
        }
    });
    wrong.sort();
    wrong
}
