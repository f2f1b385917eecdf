//! `coalmine baseline`

use camino::Utf8Path;
use coalmine::{
    baseline::{Baseline, BaselineRun},
    event::{Severity, Verdict},
};
use coalmine_report::{Summary, target_in_words, write_atomically};

use super::compare::read;
use crate::{failure::Failure, printer::Printer};

pub(crate) fn baseline(run: &Utf8Path, output: &Utf8Path, printer: &mut Printer) -> Result<u8, Failure> {
    let summary = read(run)?;
    refuse(run, &summary)?;
    let baseline = Baseline::new(
        BaselineRun {
            id: summary.run.id.clone(),
            started_at: summary.run.started_at.clone(),
            version: summary.run.version.clone(),
            target: target_in_words(&summary.target),
            image_digest: summary.target.image_digest.clone(),
        },
        &summary.canaries,
    );
    let text =
        baseline.to_json().map_err(|error| Failure::new("could not encode the baseline").because(error))?;
    // a baseline that could not be read again would excuse nothing, and say so too late
    Baseline::parse(text.as_bytes())
        .map_err(|error| Failure::new("the run cannot be written as a baseline").because(error))?;
    if output == "-" {
        printer
            .print(text.trim_end())
            .map_err(|error| Failure::new("could not print the baseline").because(error))?;
    } else {
        write(output, &text)?;
    }
    let known =
        baseline.canaries.iter().filter(|canary| canary.verdict == Verdict::Fail && canary.code.is_some());
    let (all, known) = (baseline.canaries.len(), known.count());
    printer.note(format_args!("baseline: {all} canaries, of which {known} are known to be broken"));
    warn(&summary, printer);
    Ok(0)
}

/// Refuses a run that did not come to its end, because it says nothing about what it did not come to.
fn refuse(run: &Utf8Path, summary: &Summary) -> Result<(), Failure> {
    let hint = "make the baseline from a run that came to its end";
    if !summary.run.complete || summary.run.interrupted {
        return Err(Failure::new(format!("the run in `{run}` did not come to its end")).hint(hint));
    }
    let judged =
        summary.canaries.iter().any(|canary| !matches!(canary.verdict, Verdict::Error | Verdict::Skip));
    if !judged {
        return Err(Failure::new(format!("the run in `{run}` judged nothing")).hint(hint));
    }
    Ok(())
}

/// Says what the baseline does not excuse.
fn warn(summary: &Summary, printer: &mut Printer) {
    let of = |verdict| summary.canaries.iter().filter(|canary| canary.verdict == verdict).count();
    let errors = of(Verdict::Error);
    if errors > 0 {
        printer.warning(format_args!(
            "{errors} of the canaries could not be judged; that is never excused (exit code 2)"
        ));
    }
    if summary.findings.iter().any(|finding| finding.severity == Severity::Fail) {
        printer.warning("a finding failed the run; findings are never excused");
    }
    if let Some(shard) = &summary.run.shard {
        printer.warning(format_args!(
            "this is shard {} of {}: make the baseline from the folder that `coalmine merge` writes",
            shard.number, shard.of
        ));
    }
}

fn write(output: &Utf8Path, text: &str) -> Result<(), Failure> {
    let name =
        output.file_name().ok_or_else(|| Failure::new(format!("`{output}` is not the name of a file")))?;
    let folder = output.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(".".into());
    write_atomically(folder, name, text.as_bytes())
        .map_err(|error| Failure::new(format!("could not write `{output}`")).because(error))
}
