//! `coalmine run`

use std::time::Duration;

use camino::Utf8PathBuf;
use coalmine::{
    deploy::adopt_orphans,
    event::{Emitter, Severity},
    run::Interrupt,
};
use coalmine_report::{Fanout, Ndjson, Terminal, TerminalOptions, standard_reports};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

use crate::{
    arguments::RunArguments,
    context::Context,
    failure::Failure,
    printer::Printer,
    progress::{self, Display},
    resolve, runs,
};

/// How often to say what a run waits for if nobody watches it.
const PROGRESS_EVERY: Duration = Duration::from_secs(30);

pub(crate) fn run(arguments: &RunArguments, context: &Context, printer: &mut Printer) -> Result<u8, Failure> {
    // without it, the runtime could read more and do more, but is judged as well
    let _ = protect();
    super::block_on(async {
        // before anything is created that a signal would leave behind
        let signals =
            Signals::listen().map_err(|error| Failure::new("could not listen for signals").because(error))?;
        judge(arguments, context, printer, signals).await
    })?
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
    signals: Signals,
) -> Result<u8, Failure> {
    let raw: Vec<String> = std::env::args().skip_while(|word| word != "run").skip(1).collect();
    let mut options = resolve::options(arguments, &raw, context)?;
    // nothing was started yet: what is below this process from now on, the run has started
    options.host = options.host.adopting(adopt_orphans());
    let folder = Utf8PathBuf::from(&options.out_shown);
    let standard = standard_reports(&folder);
    if arguments.out.is_some() {
        runs::create_named(&folder)?;
    } else {
        runs::create_chosen(&folder)?;
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
    let display = display(arguments, context);
    let (out, incoming) = mpsc::unbounded_channel();
    let consumer = tokio::task::spawn_blocking(move || progress::consume(incoming, reports, display));
    let interrupt = Interrupt::new();
    let listening = tokio::spawn(signals.cancel(interrupt.clone()));
    let findings = if arguments.strict { Severity::Fail } else { arguments.findings };
    let events = Emitter::new(out, options.redacted(), findings);
    let ended = coalmine::run::run(&options, &folder, &events, &interrupt).await;
    listening.abort();
    // the stream ends when its last sender is dropped
    drop(events);
    for report in consumer.await.unwrap_or_default() {
        printer.warning(format_args!("{report}: {}", report.error));
    }
    let ended = ended.map_err(|error| unwritable(&error))?;
    if arguments.json {
        let summary = runs::summary(&folder).map_err(|error| unwritable(&error))?;
        printer.answer(String::from_utf8_lossy(&summary).trim_end());
    }
    if ended.exit_code() == 0 && arguments.out.is_none() && !arguments.keep {
        runs::keep_reports(&folder);
    }
    Ok(ended.exit_code())
}

fn display(arguments: &RunArguments, context: &Context) -> Display {
    let mut printer = Printer::new(context);
    if arguments.quiet {
        Display::Nothing
    } else if context.is_watched() {
        Display::Bar { ascii: context.ascii }
    } else {
        Display::Lines { every: PROGRESS_EVERY, print: Box::new(move |line| printer.note(line)) }
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

/// The signals that interrupt a run.
struct Signals {
    all: [Signal; 3],
}

impl Signals {
    /// Starts to listen. From now on, none of the signals ends the process by itself.
    fn listen() -> std::io::Result<Self> {
        let [interrupt, terminate, hangup] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        Ok(Self { all: [interrupt?, terminate?, hangup?] })
    }

    async fn cancel(mut self, interrupt: Interrupt) {
        let [a, b, c] = &mut self.all;
        tokio::select! {
            _ = a.recv() => {}
            _ = b.recv() => {}
            _ = c.recv() => {}
        }
        interrupt.cancel();
    }
}
