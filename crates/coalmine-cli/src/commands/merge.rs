//! `coalmine merge`

use camino::{Utf8Path, Utf8PathBuf};
use coalmine_report::{
    Fanout, Format, MergeProblem, Ndjson, Terminal, fold, merge as merge_parts, read_parts, standard_reports,
};

use super::{
    report::{formatted, shown},
    run::with_ci,
};
use crate::{
    arguments::FormatTo,
    context::Context,
    failure::Failure,
    printer::Printer,
    runs::{self, RUNS_FOLDER},
};

pub(crate) fn merge(
    folders: &[Utf8PathBuf],
    out: Option<&Utf8Path>,
    verbose: bool,
    formats: Vec<FormatTo<Format>>,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    // `latest` is about to lead elsewhere
    let folders: Vec<Utf8PathBuf> = folders.iter().map(|folder| followed(folder)).collect();
    let parts = read_parts(&folders).map_err(failure)?;
    let id = runs::free_id(RUNS_FOLDER.into(), format!("{}-merged", context.stamp));
    let folder = match out {
        Some(out) => out.to_owned(),
        None => Utf8Path::new(RUNS_FOLDER).join(&id),
    };
    if out.is_some() {
        runs::create_named(&folder)?;
    } else {
        runs::create_chosen(&folder, &folders)?;
    }
    let events = merge_parts(parts, &folder, &id, folder.as_str()).map_err(failure)?;
    let summary =
        fold(&events).map_err(|error| Failure::new("the shards contradict each other").because(error))?;
    let unwritable = |error| Failure::new(format!("could not write to `{folder}`")).because(error);
    let options = shown(verbose, None, context);
    let mut reports = Fanout::new()
        .with(Ndjson::create(&folder).map_err(unwritable)?)
        .with_all(standard_reports(&folder))
        .with(Terminal::new(std::io::stderr(), options));
    for to in formats {
        reports = reports.with(formatted(to, &folder));
    }
    let mut reports = with_ci(reports, context.ci_system, &folder, context);
    events.iter().for_each(|envelope| reports.event(envelope));
    let mut is_complete = true;
    for broken in reports.finish() {
        printer.warning(format_args!("{broken}: {}", broken.error));
        is_complete &= !broken.is_for_machines;
    }
    match summary.exit_code() {
        0 if !is_complete => Ok(2),
        code => Ok(code),
    }
}

/// Returns where a link leads, and any other path as it is.
fn followed(folder: &Utf8Path) -> Utf8PathBuf {
    let leads_to = folder.is_symlink().then(|| folder.canonicalize_utf8().ok()).flatten();
    leads_to.unwrap_or_else(|| folder.to_owned())
}

fn failure(problem: MergeProblem) -> Failure {
    let hint = match &problem {
        MergeProblem::Missing { .. } => {
            "name the folders of all shards, also of those that failed; a shard that did not run must run"
        }
        MergeProblem::Differ { .. } => {
            "run all shards with the same arguments, `--seed` and version of coalmine"
        }
        MergeProblem::Uneven { .. } => "give all shards the same `--baseline`, or none",
        _ => "give the folders of all shards of one run (`coalmine run --shard K/N --out DIR`)",
    };
    let failure = Failure::new(problem.to_string()).hint(hint);
    match std::error::Error::source(&problem) {
        Some(source) => failure.because(source),
        None => failure,
    }
}
