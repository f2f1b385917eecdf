//! `coalmine run`

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::{
    deploy::adopt_orphans,
    event::{Emitter, Severity, Verdict},
    run::{Crash, Interrupt},
};
use coalmine_report::{
    CODE_QUALITY_FILE, Ci, CiLog, Destination, Fanout, Format, Formatted, Ndjson, Terminal, TerminalOptions,
    standard_reports,
};
use tokio::sync::mpsc;

use super::{attest, report::formatted};
use crate::{
    arguments::{CiChoice, RunArguments},
    context::Context,
    failure::Failure,
    panics,
    printer::Printer,
    progress::{self, Display},
    project::Plan,
    resolve, runs, signals,
};

pub(crate) fn run(
    arguments: &RunArguments,
    context: &Context,
    printer: &mut Printer,
    crash: &Crash,
) -> Result<u8, Failure> {
    // without it, the runtime could read more and do more, but is judged as well
    let _ = protect();
    // before anything is created that a signal would leave behind
    let interrupt = Interrupt::new();
    signals::listen(interrupt.clone())
        .map_err(|error| Failure::new("could not listen for signals").because(error))?;
    let judged = |arguments: &RunArguments, printer: &mut Printer| {
        super::block_on(judge(arguments, context, printer, &interrupt, crash))?
    };
    match Plan::read(arguments.base.as_deref())? {
        Some(plan) => super::project::run(plan, arguments, context, printer, judged),
        None => judged(arguments, printer),
    }
}

/// Keeps processes of the same user from tracing this one and from reading its memory and environment. Root can do so
/// all the same.
#[cfg(target_os = "linux")]
fn protect() -> nix::Result<()> {
    nix::sys::prctl::set_dumpable(false)
}

#[cfg(not(target_os = "linux"))]
fn protect() -> Result<(), std::convert::Infallible> {
    Ok(())
}

async fn judge(
    arguments: &RunArguments,
    context: &Context,
    printer: &mut Printer,
    interrupt: &Interrupt,
    crash: &Crash,
) -> Result<u8, Failure> {
    let raw: Vec<String> = std::env::args().skip_while(|word| word != "run").skip(1).collect();
    let mut options = resolve::options(arguments, &raw, context)?;
    let attestation = attest::prepare(arguments, &raw, &options, context, printer).await?;
    // nothing was started yet: what is below this process from now on, the run has started
    options.host = options.host.adopting(adopt_orphans());
    let folder = Utf8PathBuf::from(&options.out_shown);
    let standard = standard_reports(&folder);
    if arguments.out.is_some() {
        runs::create_named(&folder)?;
    } else {
        runs::create_chosen(&folder, &[])?;
    }
    let unwritable =
        |error: &dyn std::fmt::Display| Failure::new(format!("could not write to `{folder}`")).because(error);
    if let (Some(world), false) = (&options.world, arguments.quiet) {
        let (bind, address) = (world.bind, &world.advertised);
        printer.note(format_args!(
            "the world listens on {bind}; point the runtime's model provider at {address}/v1"
        ));
    }
    let reports = Fanout::new()
        .with(Ndjson::create(&folder).map_err(|error| unwritable(&error))?)
        .with_all(standard)
        .with(Terminal::new(std::io::stderr(), screen(arguments, context)));
    let formats = arguments.format.iter().cloned();
    let reports = formats.fold(reports, |reports, to| reports.with(formatted(to, &folder)));
    let reports = with_ci(reports, ci(arguments, context), &folder, context);
    let display = display(arguments, context);
    let (out, incoming) = mpsc::unbounded_channel();
    let consumer = tokio::task::spawn_blocking(move || progress::consume(incoming, reports, display));
    let findings = if arguments.strict { Severity::Fail } else { arguments.findings };
    let events = Emitter::new(out, options.redacted(), findings);
    let ended = coalmine::run::run(&options, &folder, &events, interrupt, crash).await;
    // the stream ends when its last sender is dropped
    drop(events);
    let Ok(broken) = consumer.await else { return Err(panics::failure(crash)) };
    let ended = ended.map_err(|error| unwritable(&error))?;
    let mut is_complete = true;
    for report in broken {
        if report.is_for_machines {
            is_complete = false;
            printer.failure(&Failure::new(report.to_string()).because(chain(&report.error)));
        } else {
            printer.warning(format_args!("{report}: {}", chain(&report.error)));
        }
    }
    if arguments.json && is_complete {
        let printed = runs::summary(&folder)
            .and_then(|summary| printer.print(String::from_utf8_lossy(&summary).trim_end()));
        if let Err(error) = printed {
            is_complete = false;
            printer.failure(&Failure::new("could not print `summary.json`").because(error));
        }
    }
    let code = match ended.exit_code() {
        _ if crash.reason().is_some() => 2,
        // without evidence nothing is green
        0 if !is_complete => 2,
        code => code,
    };
    // what is still broken can be looked at
    if code == 0 && ended.verdict == Verdict::Pass && arguments.out.is_none() && !arguments.keep {
        runs::keep_reports(&folder);
    }
    match attestation {
        Some(attestation) => Ok(attestation.finish(code, &folder, &options, printer).await),
        None => Ok(code),
    }
}

fn ci(arguments: &RunArguments, context: &Context) -> Ci {
    match arguments.ci {
        CiChoice::Auto => context.ci_system,
        CiChoice::Github => Ci::Github,
        CiChoice::Gitea => Ci::Gitea,
        CiChoice::Gitlab => Ci::Gitlab,
        CiChoice::None => Ci::None,
    }
}

/// Adds what a CI system shows: annotations, and the summary of the job. They come after the terminal, in whose log they stand.
pub(super) fn with_ci<'a>(reports: Fanout<'a>, ci: Ci, folder: &Utf8Path, context: &Context) -> Fanout<'a> {
    let reports = reports.with(CiLog::new(std::io::stderr(), ci));
    match (ci, &context.step_summary) {
        (Ci::Github | Ci::Gitea, Some(file)) => {
            reports.with(Formatted::new(Format::Markdown, folder, Destination::EndOf(file.clone())))
        }
        (Ci::Gitlab, _) => {
            let file = folder.join(CODE_QUALITY_FILE);
            reports.with(Formatted::new(Format::CodeQuality, folder, Destination::File(file)))
        }
        _ => reports,
    }
}

/// Returns an error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn display(arguments: &RunArguments, context: &Context) -> Display {
    let mut printer = Printer::new(context);
    if arguments.quiet {
        Display::Nothing
    } else if context.is_watched() {
        Display::Bar { ascii: context.ascii }
    } else {
        Display::Lines { every: progress::EVERY, print: Box::new(move |line| printer.note(line)) }
    }
}

fn screen(arguments: &RunArguments, context: &Context) -> TerminalOptions {
    TerminalOptions {
        color: context.color,
        quiet: arguments.quiet,
        counted: !arguments.verbose && !context.is_watched(),
        ascii: context.ascii,
        width: context.width,
        ci: context.ci || !context.terminal,
        folder: None,
    }
}
