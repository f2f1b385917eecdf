//! One canary, taken as often as the run says.

use super::{Repeat, canary::could_not_run, parallel::Concurrency, state::Running};
use crate::{
    event::{CanaryReport, Code, Counts, Diagnosis, Phase, Verdict},
    judge::rounds,
    plan::Script,
};

/// One canary_run of a canary: names its conversations and what is written of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct CanaryRun<'a> {
    pub(super) canary: &'a str,
    pub(super) round: u32,
    pub(super) concurrency: Concurrency,
}

impl CanaryRun<'_> {
    /// A conversation of this canary_run, unique in the run: one that is taken again begins afresh.
    pub(super) fn context(&self, name: &str) -> String {
        format!("{self}{}/{name}", self.concurrency.mark())
    }
}

impl std::fmt::Display for CanaryRun<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.canary)?;
        if self.round > 1 { write!(f, "-round-{}", self.round) } else { Ok(()) }
    }
}

impl Running<'_> {
    /// Takes a canary once, or in many rounds with fresh facts each; then the verdict is that on all rounds, and what is
    /// shown is the first round that failed.
    pub(super) async fn rounds(&self, script: &Script) -> CanaryReport {
        let Some(Repeat { times, min_pass }) = self.options.repeat else {
            return self.canary(script, Concurrency::Alone).await;
        };
        let mut counts = Counts::default();
        let mut shown: Option<(u32, CanaryReport)> = None;
        let mut duration_ms = 0;
        for round in 1..=times {
            let id = &script.canary.id;
            self.events.progress(Phase::Round, format!("{id}, round {round} of {times}"));
            let report = match script.in_round(round) {
                Ok(script) => self.canary(&script, Concurrency::Alone).await,
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
}

/// Which round says most; of equals the first is shown.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Skip => 0,
        Verdict::Pass => 1,
        Verdict::Error => 2,
        Verdict::Fail => 3,
    }
}
