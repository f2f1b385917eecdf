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
    let (mut duration_ms, mut codes) = (0, Vec::new());
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
        if report.verdict == Verdict::Fail {
            codes.extend(report.diagnosis.as_ref().map(|diagnosis| diagnosis.code));
        }
        if shown.as_ref().is_none_or(|(_, best)| weight(report.verdict) > weight(best.verdict)) {
            shown = Some((round, report));
        }
    }
    let (round, report) = shown.unwrap_or_else(|| {
        (1, could_not_run(script, Diagnosis::new(Code::BootNothingJudged, "no round was asked for")))
    });
    let other_codes = others(&codes, report.diagnosis.as_ref().map(|diagnosis| diagnosis.code));
    CanaryReport {
        verdict: rounds::verdict(counts, min_pass),
        duration_ms,
        rounds: Some(rounds::rounds(counts, times, min_pass, round)),
        other_codes,
        ..report
    }
}

/// Returns each code once, in order, except the one that is shown.
fn others(codes: &[Code], shown: Option<Code>) -> Vec<Code> {
    let mut others: Vec<Code> = Vec::new();
    for code in codes {
        if Some(*code) != shown && !others.contains(code) {
            others.push(*code);
        }
    }
    others
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_codes_are_listed_once() {
        let (echo, leak, split) = (Code::ReplyEcho, Code::ReplyLeak, Code::SessionSplit);
        assert_eq!(others(&[echo, leak, echo, split, leak], Some(echo)), [leak, split]);
        assert_eq!(others(&[echo, echo], Some(echo)), []);
        assert_eq!(others(&[], None), []);
    }
}
