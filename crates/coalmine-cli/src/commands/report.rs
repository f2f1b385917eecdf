//! `coalmine report`

use camino::Utf8Path;
use coalmine_report::{Destination, Fanout, Format, Formatted, Terminal, TerminalOptions, rebuild};

use crate::{arguments::FormatTo, context::Context, failure::Failure, printer::Printer};

pub(crate) fn report(
    folder: &Utf8Path,
    verbose: bool,
    formats: Vec<FormatTo<Format>>,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let options = shown(verbose, Some(folder.to_string()), context);
    let mut reports = Fanout::new();
    // who asks for a format wants nothing else
    if formats.is_empty() {
        reports = reports.with(Terminal::new(std::io::stderr(), options));
    }
    for to in formats {
        reports = reports.with(formatted(to, folder));
    }
    let rebuilt = rebuild(folder, reports).map_err(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let failure =
            Failure::new(error.to_string()).hint("give the folder of a run, such as `coalmine-out/latest`");
        match source {
            Some(source) => failure.because(source),
            None => failure,
        }
    })?;
    if let Some(line) = rebuilt.torn {
        printer.warning(format_args!(
            "line {line} of the events is incomplete and was ignored: the run was killed"
        ));
    }
    let mut is_complete = true;
    for broken in rebuilt.broken {
        printer.warning(format_args!("{broken}: {}", broken.error));
        is_complete &= !broken.is_for_machines;
    }
    match rebuilt.summary.exit_code() {
        0 if !is_complete => Ok(2),
        code => Ok(code),
    }
}

/// Returns the reporter of a format that was asked for. The evidence is in `folder`.
pub(crate) fn formatted(to: FormatTo<Format>, folder: &Utf8Path) -> Formatted {
    let destination = match to.file {
        Some(file) => Destination::File(file),
        None => Destination::Writer(Box::new(std::io::stdout())),
    };
    Formatted::new(to.format, folder, destination)
}

/// Returns how a finished run is shown.
pub(super) fn shown(verbose: bool, folder: Option<String>, context: &Context) -> TerminalOptions {
    TerminalOptions {
        color: context.color,
        quiet: false,
        counted: !verbose && !context.is_watched(),
        ascii: context.ascii,
        width: context.width,
        ci: true,
        folder,
    }
}
