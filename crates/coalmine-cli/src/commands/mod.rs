//! One module for each command.

mod attest;
mod baseline;
mod check;
mod clean;
mod compare;
mod explain;
mod gate;
mod generate;
mod init;
mod list;
mod merge;
mod new;
mod project;
mod report;
mod run;
mod selftest;
mod serve;
mod verify;

use coalmine::run::Crash;

pub(crate) use self::{gate::LintArguments, init::InitArguments};
use crate::{
    arguments::{Command, ProjectCommand},
    context::Context,
    failure::Failure,
    printer::Printer,
};

/// Runs a command, and returns the exit code.
pub(crate) fn dispatch(
    command: Command,
    context: &Context,
    printer: &mut Printer,
    crash: &Crash,
) -> Result<u8, Failure> {
    match command {
        Command::Run(arguments) => run::run(&arguments, context, printer, crash),
        Command::Init(arguments) => init::init(&arguments, printer),
        Command::List(what) => list::list(&what, printer),
        Command::Explain { code } => explain::explain(code.as_deref(), printer),
        Command::New(what) => new::new(&what, printer),
        Command::Check { files } => check::check(&files, printer),
        Command::Project(ProjectCommand::Builds { base, tag }) => {
            project::print_builds(base.as_deref(), &tag)
        }
        Command::Selftest(arguments) => selftest::selftest(&arguments, context, printer),
        Command::Serve(what) => serve::serve(what, printer),
        Command::Report { folder, verbose, format } => {
            report::report(&folder, verbose, format, context, printer)
        }
        Command::Gate(what) => gate::gate(what, context, printer),
        Command::Verify(arguments) => verify::verify(&arguments, context, printer),
        Command::Baseline { run, output } => baseline::baseline(&run, &output, printer),
        Command::Compare { old, new, strict, format } => {
            compare::compare(&old, &new, strict, format, printer)
        }
        Command::Merge { folders, out, verbose, format } => {
            merge::merge(&folders, out.as_deref(), verbose, format, context, printer)
        }
        Command::Clean { runs } => clean::clean(runs, context, printer),
        Command::Schema { name } => generate::schema(name, printer),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man => generate::man(),
    }
}

/// Runs asynchronous work to its end.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new("could not start the async runtime").because(error))?;
    let done = runtime.block_on(work);
    // a hanging DNS lookup or read must not delay the exit
    runtime.shutdown_background();
    Ok(done)
}
