//! Runs that follow a `coalmine.toml`.

mod build;
mod record;

use camino::Utf8PathBuf;
use coalmine_report::{escape, escape_bounded};

pub(super) use self::build::print_builds;
use self::record::{Record, RunRecord};
use crate::{
    arguments::RunArguments,
    context::Context,
    failure::Failure,
    printer::Printer,
    project::{Build, FILE, Plan, Whose, worse},
    runs,
};

/// The longest description of a change that is printed.
const MAX_CHANGE: usize = 300;
/// The most changes that are printed.
const MAX_CHANGES: usize = 50;

/// Makes every run of a plan, and returns the worst exit code. `judge` makes one run.
pub(super) fn run(
    plan: Plan,
    flags: &RunArguments,
    context: &Context,
    printer: &mut Printer,
    mut judge: impl FnMut(&RunArguments, &mut Printer) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let changes: Vec<String> =
        plan.changes.all.iter().take(MAX_CHANGES).map(|change| escape_bounded(change, MAX_CHANGE)).collect();
    announce(&plan, &changes, flags, printer);
    let is_double = plan.parts.len() > 1;
    if let (Some(out), true) = (&flags.out, is_double) {
        runs::create_named(out)?;
    }
    let builds = build::all(&plan, flags, printer)?;
    let base_has_none = plan.base_has_none;
    let mut runs = vec![];
    let mut worst = 0;
    for part in plan.parts {
        let whose = part.whose;
        let folder =
            flags.out.as_ref().map(|out| if is_double { out.join(whose.name()) } else { out.clone() });
        let code = part
            .arguments(flags, &builds, context)
            .and_then(|run| judge(&placed(run, whose, folder.clone()), printer))
            .unwrap_or_else(|failure| {
                printer.failure(&failure);
                2
            });
        runs.push(RunRecord::new(whose, code));
        worst = worse(worst, code);
        if code == 130 {
            break;
        }
    }
    if is_double {
        for run in &runs {
            printer.note(format_args!("{}: exit code {}", owner(run.whose()), run.exit_code));
        }
    }
    let record = Record::new(base_has_none, &changes, runs, worst);
    let written = match (&flags.out, &flags.base) {
        (Some(out), Some(_)) => record.write(out),
        _ => Ok(()),
    };
    let summarized = context.step_summary.as_ref().map_or(Ok(()), |file| record.append_to_summary(file));
    for failure in [written, summarized].into_iter().filter_map(Result::err) {
        printer.failure(&failure);
        // without evidence nothing is green
        worst = worse(worst, 2);
    }
    Ok(worst)
}

/// Says which files are followed, and what a pull request changes about them.
fn announce(plan: &Plan, changes: &[String], flags: &RunArguments, printer: &mut Printer) {
    if flags.quiet && changes.is_empty() {
        return;
    }
    match &flags.base {
        None => printer.note(format_args!("following {FILE}")),
        Some(base) if plan.base_has_none => {
            printer.note(format_args!(
                "the base branch has no {FILE}, so the gate is new: following that of the pull request ({})",
                escape(base.as_str())
            ));
        }
        Some(base) => printer.note(format_args!("following {}", escape(base.join(FILE).as_str()))),
    }
    if changes.is_empty() {
        return;
    }
    printer.warning("this pull request changes its own gate:");
    for change in changes {
        printer.note(format_args!("  {change}"));
    }
    printer.note(if plan.parts.iter().any(|part| part.whose == Whose::Head) {
        "it is judged twice, with the files of the base branch and with its own; the worse verdict counts. If it does not \
         change them, it is behind its base branch"
    } else {
        "what it changes has no effect before it is merged"
    });
}

fn owner(whose: Whose) -> &'static str {
    match whose {
        Whose::Own => "the run",
        Whose::Base => "with the files of the base branch",
        Whose::Head => "with the files of the pull request",
    }
}

/// Returns the arguments of a run with a folder and an id of its own.
fn placed(run: RunArguments, whose: Whose, out: Option<Utf8PathBuf>) -> RunArguments {
    let run_id = match (run.run_id.clone().filter(|id| !id.is_empty()), whose) {
        (Some(id), Whose::Head) => Some(format!("{}-head", id.chars().take(55).collect::<String>())),
        (id, _) => id,
    };
    RunArguments { out, run_id, ..run }
}

/// Returns builds that do not borrow the plan.
fn owned(builds: Vec<(&Build, String)>) -> Vec<(Build, String)> {
    builds.into_iter().map(|(build, tag)| (build.clone(), tag)).collect()
}
