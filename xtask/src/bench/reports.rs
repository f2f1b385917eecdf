//! What reports cost: a run of all canaries with all of them, beside one with none.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{Figures, Subject, line, verdict};
use crate::{failure::Failure, printer::Printer, tool};

/// How many times as long a run of all canaries may take with all reports.
const MAX_RATIO: f64 = 1.05;
/// What can be written beside the standard reports.
const FORMATS: [&str; 7] = ["line", "badge", "markdown", "junit", "html", "json", "codequality"];

/// Measures pairs of runs, one after the other; returns whether the promise is kept.
///
/// Every run writes the standard reports. What they cost is measured by writing them again from the events of the same run.
/// That includes the start of a process and the reading of the events, so it is more than the run itself spent on them.
pub(super) fn measure(subject: &Subject, runs: u16, printer: &mut Printer) -> Result<bool, Failure> {
    printer.note("measuring the reports of a run of all canaries");
    let (mut all, mut standard, mut none) = (Figures::default(), Figures::default(), Figures::default());
    for _ in 0..runs {
        let run = time(&mut judge(subject, false))?;
        let again = time(&mut report(subject))?;
        standard.add(again);
        none.add(run.saturating_sub(again));
        all.add(time(&mut judge(subject, true))?);
    }
    line(printer, "all canaries, without reports", &none);
    line(printer, "all canaries, with all reports", &all);
    line(printer, "coalmine report, the standard ones again", &standard);
    let ratio = all.ratio(&none);
    let kept = ratio <= MAX_RATIO;
    printer.result(format_args!(
        "  promise: at most 5 % longer with all reports    {:+.1} %, {}",
        (ratio - 1.0) * 100.0,
        verdict(kept)
    ));
    Ok(kept)
}

/// Returns a run of all canaries, with every format if `with_formats`.
fn judge(subject: &Subject, with_formats: bool) -> Command {
    let mut command = subject.run();
    if with_formats {
        command.args(["--ci", "github"]);
        // the summary of the job is written to the file that this variable names
        command.env("GITHUB_STEP_SUMMARY", subject.out.with_file_name("coalmine-bench-summary.md"));
        for format in FORMATS {
            command.arg("--format").arg(format!("{format}={}", subject.out.join(format!("bench.{format}"))));
        }
    }
    command
}

fn report(subject: &Subject) -> Command {
    let mut command = Command::new(&subject.binary);
    command.args(["report", subject.out.as_str()]).stdin(Stdio::null());
    command
}

fn time(command: &mut Command) -> Result<Duration, Failure> {
    let began = Instant::now();
    tool::run_silently(command, "the measured command was not green")?;
    Ok(began.elapsed())
}
