//! One canary, run as often as the run asks for.

use super::{Repeat, RunContext, connections, report::could_not_run};
use crate::{
    event::{CanaryReport, Code, Counts, Diagnosis, Phase, Verdict},
    judge::rounds,
    plan::Script,
};

/// Runs a canary once, or in many rounds with fresh facts each. After many rounds the verdict is that on all
/// of them, and the report shows the first round that failed.
pub(super) async fn run(context: &RunContext<'_>, script: &Script) -> CanaryReport {
    let Some(Repeat { times, min_pass }) = context.options.repeat else {
        return connections::run_and_probe(context, script).await;
    };
    let mut counts = Counts::default();
    let mut shown: Option<(u32, CanaryReport)> = None;
    let mut duration_ms = 0;
    for round in 1..=times {
        let id = &script.canary.id;
        context.events.progress(Phase::Round, format!("{id}, round {round} of {times}"));
        let report = match script.in_round(round) {
            // many rounds are many conversations, which a probe would only repeat
            Ok(script) => connections::run(context, &script).await,
            Err(error) => could_not_run(script, Diagnosis::new(Code::BootStartFailed, error.to_string())),
        };
        duration_ms += report.duration_ms;
        counts.add(report.verdict);
        if shown.as_ref().is_none_or(|(_, best)| weight(report.verdict) > weight(best.verdict)) {
            shown = Some((round, report));
        }
    }
    let (round, report) = shown.unwrap_or_else(|| {
        (1, could_not_run(script, Diagnosis::new(Code::BootNothingJudged, "no round was asked for")))
    });
    CanaryReport {
        verdict: rounds::verdict(counts, min_pass),
        duration_ms,
        rounds: Some(rounds::rounds(counts, times, min_pass, round)),
        ..report
    }
}

/// Returns how much a round shows; of rounds with the same weight the first is reported.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Skip => 0,
        Verdict::Pass | Verdict::Xpass => 1,
        Verdict::Error => 2,
        Verdict::Fail | Verdict::Xfail => 3,
    }
}
