//! `cargo xtask gate`: the workflow of template repositories, in a real runner on this machine.
//!
//! act runs the files for Gitea and for GitHub on small repositories, whose image keeps its conversations, forgets them, or
//! cannot be built. git and a registry are served on loopback; the action for uploads has a stand-in.

mod case;
mod registry;
mod repository;
mod runner;
mod server;

use camino::Utf8Path;
use clap::Args;

use self::{case::CASES, repository::Template, runner::Runner, server::Server};
use crate::{failure::Failure, image, printer::Printer, tool};

#[derive(Debug, Args)]
pub(crate) struct GateArguments {
    /// Only the cases whose names contain one of these words
    only: Vec<String>,
    /// The image of coalmine to judge with, instead of one that is built first
    #[arg(long, value_name = "IMAGE")]
    tool: Option<String>,
    /// The image in which the jobs run, with bash, git, curl and the `docker` command; on this machine by default
    #[arg(long, value_name = "IMAGE")]
    container: Option<String>,
    /// Print what the runner prints
    #[arg(long, short)]
    verbose: bool,
}

pub(crate) fn check(arguments: &GateArguments, printer: &mut Printer) -> Result<(), Failure> {
    tool::need_engine()?;
    let runner = Runner::install(arguments.container.clone(), printer)?;
    runner.lint()?;
    printer.result("actionlint has no finding");
    if arguments.tool.is_none() {
        image::build(printer)?;
    }
    let scratch = tempfile::tempdir()?;
    let scratch = Utf8Path::from_path(scratch.path())
        .ok_or_else(|| Failure::new("the temporary folder has a strange name"))?;
    let server = Server::start(scratch)?;
    let tool_image = registry::push(arguments.tool.as_deref().unwrap_or(image::COALMINE), server.address())?;
    let mut wrong = vec![];
    for case in CASES {
        let is_chosen = |word: &String| case.name.contains(word.as_str());
        if !arguments.only.is_empty() && !arguments.only.iter().any(is_chosen) {
            continue;
        }
        let template = Template::create(scratch, &case, &tool_image)?;
        let seen = runner.run(&case, &template, &server, scratch)?;
        if arguments.verbose {
            printer.note(&seen.log);
        }
        match case.problems(&seen) {
            problems if problems.is_empty() => printer.result(format_args!("✓ {}", case.name)),
            problems => {
                printer.result(format_args!("✗ {}: {}", case.name, problems.join("; ")));
                printer.note(&seen.log);
                wrong.push(case.name);
            }
        }
    }
    registry::forget(&tool_image);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("the gate is wrong in {}", wrong.join(", "))))
    }
}
