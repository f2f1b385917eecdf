//! `coalmine run`

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::{event::Emitter, run::Interrupt};
use coalmine_report::{
    BoxedReporter, EVENTS_FILE, Fanout, Ndjson, Terminal, TerminalOptions, standard_reports,
};
use fs_err as fs;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

use crate::{
    arguments::RunArguments, context::Context, failure::Failure, printer::Printer, progress, resolve,
};

pub(crate) fn run(arguments: &RunArguments, context: &Context, printer: &mut Printer) -> Result<u8, Failure> {
    super::block_on(async {
        // before anything is created that a signal would leave behind
        let signals =
            Signals::listen().map_err(|error| Failure::new("could not listen for signals").because(error))?;
        judge(arguments, context, printer, signals).await
    })?
}

async fn judge(
    arguments: &RunArguments,
    context: &Context,
    printer: &mut Printer,
    signals: Signals,
) -> Result<u8, Failure> {
    let raw: Vec<String> = std::env::args().skip_while(|word| word != "run").skip(1).collect();
    let options = resolve::options(arguments, &raw, context)?;
    let folder = Utf8PathBuf::from(&options.out_shown);
    let standard = standard_reports(&folder);
    prepare(&folder, &standard, arguments.out.is_none())?;
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
    let watched = context.terminal && !context.ci && !arguments.quiet;
    let (out, incoming) = mpsc::unbounded_channel();
    let consumer = tokio::task::spawn_blocking(move || progress::consume(incoming, reports, watched));
    let interrupt = Interrupt::new();
    let listening = tokio::spawn(signals.cancel(interrupt.clone()));
    let events = Emitter::new(out, options.redacted());
    let ended = coalmine::run::run(&options, &folder, &events, &interrupt).await;
    listening.abort();
    // the stream ends when its last sender is dropped
    drop(events);
    for report in consumer.await.unwrap_or_default() {
        printer.warning(format_args!("{report}: {}", report.error));
    }
    let ended = ended.map_err(|error| unwritable(&error))?;
    if arguments.json {
        let summary = fs::read_to_string(folder.join("summary.json")).map_err(|error| unwritable(&error))?;
        printer.answer(summary.trim_end());
    }
    Ok(ended.exit_code())
}

fn screen(arguments: &RunArguments, context: &Context) -> TerminalOptions {
    TerminalOptions {
        color: context.color,
        quiet: arguments.quiet,
        counted: false,
        ascii: false,
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

/// What the engine leaves in the run's folder besides the reports.
const EVIDENCE_FOLDERS: [&str; 2] = ["wire", "session-store"];
const EVIDENCE_FILES: [&str; 2] = ["runtime-tail.log", "inspect.json"];

/// Creates the folder of the run, and removes the reports and evidence of an earlier run from it. If coalmine
/// chose the name of the folder, `latest` is linked to it.
fn prepare(folder: &Utf8Path, reports: &[BoxedReporter<'_>], chosen: bool) -> Result<(), Failure> {
    let unwritable = |error| Failure::new(format!("could not prepare `{folder}`")).because(error);
    fs::create_dir_all(folder).map_err(unwritable)?;
    if folder.join(EVENTS_FILE).exists() {
        for name in EVIDENCE_FOLDERS {
            match fs::remove_dir_all(folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unwritable(error)),
                _ => {}
            }
        }
        let reports = reports.iter().flat_map(|report| report.files());
        for name in reports.chain(&EVIDENCE_FILES) {
            match fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unwritable(error)),
                _ => {}
            }
        }
    }
    if let (true, Some(base), Some(name)) = (chosen, folder.parent(), folder.file_name()) {
        // created under another name and renamed, so that `latest` always exists
        let fresh = base.join(format!(".latest-{name}"));
        let linked = std::os::unix::fs::symlink(name, &fresh)
            .and_then(|()| std::fs::rename(&fresh, base.join("latest")));
        // ignore disks without links, and a folder with that name
        let _ = linked.or_else(|_| std::fs::remove_file(&fresh));
    }
    Ok(())
}
