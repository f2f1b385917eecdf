//! `coalmine selftest`: who judges the judge. Every known fault of the reference runtime must be found by the canaries
//! that are declared to find it, and by no other, and the correct runtime must be green.

mod clean;
mod matrix;
mod outcome;
mod slowness;
mod subject;

use coalmine::{event::Verdict, run::Interrupt};
use coalmine_report::Summary;
use coalmine_runtime::fault::{CATALOGUE, Fault, FaultInfo};
use futures_util::StreamExt;
use serde_json::json;

use self::{
    outcome::{Outcome, Totals, is_red, judged},
    subject::Subject,
};
use crate::{
    arguments::SelftestArguments,
    context::Context,
    failure::Failure,
    printer::Printer,
    progress::Counter,
    signals::{self, INTERRUPTED},
};

/// The longest turn of a run with a fault: some faults let turns hang.
const MAX_TURN: &str = "5s";
/// The longest turn if the canary with megabytes must find the fault.
const MAX_LARGE_TURN: &str = "60s";
/// The canary with megabytes. Without optimizations its turn takes longer than [`MAX_TURN`], so it is left out where it
/// has nothing to find.
const LARGE: &str = "large-file";

pub(crate) fn selftest(
    arguments: &SelftestArguments,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let faults = faults(&arguments.fault)?;
    let interrupt = Interrupt::new();
    signals::listen(interrupt.clone())
        .map_err(|error| Failure::new("could not listen for signals").because(error))?;
    let mut test = Selftest { arguments, subject: Subject::new()?, interrupt, context, printer };
    super::block_on(async {
        match arguments.clean {
            Some(runs) => test.clean(runs).await,
            None => test.faults(&faults).await,
        }
    })?
}

/// Returns the faults with these ids, in the order of the catalogue; all if there are none.
fn faults(ids: &[String]) -> Result<Vec<&'static FaultInfo>, Failure> {
    let known = || CATALOGUE.iter().map(|info| info.id);
    for id in ids {
        Fault::parse(id).map_err(|_| Failure::unknown("fault", id, known()))?;
    }
    let asked = |info: &&FaultInfo| ids.is_empty() || ids.iter().any(|id| id == info.id);
    Ok(CATALOGUE.iter().filter(asked).collect())
}

struct Selftest<'a> {
    arguments: &'a SelftestArguments,
    subject: Subject,
    interrupt: Interrupt,
    context: &'a Context,
    printer: &'a mut Printer,
}

impl Selftest<'_> {
    /// Judges the correct runtime, and then the runtime with each fault.
    async fn faults(&mut self, faults: &[&'static FaultInfo]) -> Result<u8, Failure> {
        let Self { arguments, subject, interrupt, context, printer } = self;
        let seed = arguments.seed;
        let mut counter = Counter::new("faults", faults.len(), context);
        let seeded = |more: &[&str]| {
            [&["--seed", &seed.to_string()], more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let Some(correct) = subject.judge("correct", &seeded(&[]), interrupt).await? else {
            return Ok(INTERRUPTED);
        };
        let is_correct = correct.verdict == Verdict::Pass;
        if !arguments.json {
            counter.print(printer, correct_line(&correct, seed));
        }
        let subject = &*subject;
        let skipped = correct.canaries.iter().filter(|canary| canary.verdict == Verdict::Skip);
        let skipped: Vec<String> = skipped.map(|canary| canary.id.clone()).collect();
        let skipped = &skipped;
        let tried = faults.iter().map(|info| async {
            let summary = subject.judge(info.id, &seeded(&of(info, arguments.fast)), interrupt).await?;
            Ok(summary.map(|summary| Outcome::new(info, &judged(summary), skipped)))
        });
        let mut tried = std::pin::pin!(futures_util::stream::iter(tried).buffered(jobs(arguments.jobs)));
        let mut outcomes: Vec<Outcome> = vec![];
        while let Some(outcome) = tried.next().await {
            let outcome: Result<_, Failure> = outcome;
            let Some(outcome) = outcome? else { return Ok(INTERRUPTED) };
            counter.advance(printer);
            if !arguments.json {
                let is_first = outcomes.last().is_none_or(|last| last.layer != outcome.layer);
                counter.print(printer, matrix::row(&outcome, is_first, seed));
            }
            outcomes.push(outcome);
        }
        let totals = Totals::new(&outcomes);
        drop(counter);
        if arguments.json {
            let all = json!({
                "seed": seed, "fast": arguments.fast, "correct": { "verdict": correct.verdict, "canaries": correct.counts },
                "totals": totals, "faults": outcomes,
            });
            printer.answer(serde_json::to_string_pretty(&all).unwrap_or_default());
        } else {
            printer.answer(matrix::totals(&totals));
        }
        Ok(u8::from(!(is_correct && totals.are_good())))
    }
}

/// Returns the arguments of the run with a fault.
fn of(info: &FaultInfo, is_fast: bool) -> Vec<&str> {
    let named = || info.canaries().filter(|id| *id != "*");
    let is_large = named().any(|id| id == LARGE);
    let mut arguments =
        vec!["--fault", info.id, "--turn-timeout", if is_large { MAX_LARGE_TURN } else { MAX_TURN }];
    if info.layer == "boot" {
        arguments.extend(["--timeout", "2s"]);
    }
    if is_fast && named().next().is_some() {
        arguments.push("--canary");
        arguments.extend(named());
    } else if cfg!(debug_assertions) && !is_large {
        arguments.extend(["--skip", LARGE]);
    }
    arguments
}

/// Returns how many runs take place at once.
fn jobs(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// Returns the line about the runtime without a fault.
fn correct_line(summary: &Summary, seed: u64) -> String {
    let counts = summary.counts;
    let red: Vec<&str> = summary
        .canaries
        .iter()
        .filter(|canary| is_red(canary.verdict))
        .map(|canary| canary.id.as_str())
        .collect();
    let seconds = summary.run.duration_ms as f64 / 1000.0;
    match red[..] {
        [] => format!("  without a fault: {} passed, {} skipped in {seconds:.1} s", counts.pass, counts.skip),
        _ => format!(
            "! without a fault: not green: {}\n      again: coalmine run --seed {seed} --canary {}",
            red.join(", "),
            red.join(",")
        ),
    }
}
