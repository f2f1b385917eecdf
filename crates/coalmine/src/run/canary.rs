//! One canary: its probes, its turns, its verdict.

use std::time::Instant;

use super::{boot::problem, state::Running};
use crate::{
    event::{CanaryReport, Diagnosis, TurnReport, Verdict},
    judge::{Judged, Known, judge},
    observe::TurnSeen,
    plan::{Need, Promise, Script},
    target::Target,
};

/// Turns in a row that may run out of time before no more are sent.
const MOST_TIMEOUTS: u32 = 2;

impl Running<'_> {
    /// Runs a canary and judges it.
    pub(super) async fn canary(&mut self, script: &Script) -> CanaryReport {
        let began = Instant::now();
        let mut report = match self.left_out(script) {
            Some(reason) => {
                let judged =
                    Judged { verdict: Verdict::Skip, checks: vec![], diagnosis: None, reason: Some(reason) };
                report(script, judged, &[])
            }
            None => match self.over.clone().filter(|_| self.gone || script.canary.converses()) {
                Some(diagnosis) => could_not_run(script, diagnosis),
                None => self.perform(script).await,
            },
        };
        report.duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        report
    }

    /// Why a canary is not run at all.
    fn left_out(&self, script: &Script) -> Option<String> {
        let profile = &self.options.profile;
        if let Some(reason) = profile.limit(&script.canary.id) {
            return Some(reason.to_owned());
        }
        script.canary.needs.iter().find_map(|need| match need {
            Need::Memory | Need::MemoryRoot if profile.memory.promise == Promise::None => Some(
                "the profile says that the runtime has no memory of its own (`memory.promise`)".to_owned(),
            ),
            Need::MemoryRoot if matches!(self.target, Target::Url(_)) => {
                Some("the disk of a runtime that runs elsewhere cannot be looked at".to_owned())
            }
            Need::Memory | Need::MemoryRoot => None,
        })
    }

    async fn perform(&mut self, script: &Script) -> CanaryReport {
        let mut probed = vec![];
        for probe in &script.canary.probes {
            probed.push(self.probe(*probe, script.canary.level).await);
        }
        let mut seen: Vec<TurnSeen> = vec![];
        for (at, turn) in script.turns.iter().enumerate() {
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let unmet = turn.when.and_then(|condition| condition.unmet(&self.options.profile));
            let broken = seen.iter().any(|turn| turn.error.is_some());
            let skipped = match (unmet, broken) {
                (Some(reason), _) => Some(reason),
                (None, true) => Some("an earlier turn brought no answer"),
                (None, false) => None,
            };
            seen.push(match skipped {
                Some(reason) => TurnSeen::skipped(number, turn.clone(), reason),
                None => self.turn(&script.canary.id, number, turn).await,
            });
        }
        if let (Some(over), true) = (&self.over, script.canary.converses()) {
            let mut report = could_not_run(script, over.clone());
            report.turns = seen.iter().map(turn_report).collect();
            return report;
        }
        if script.canary.converses()
            && self.options.simulated()
            && let Some(diagnosis) = self.not_wired(&seen).await
        {
            self.over.get_or_insert_with(|| diagnosis.clone());
            let mut report = could_not_run(script, diagnosis);
            report.turns = seen.iter().map(turn_report).collect();
            return report;
        }
        if self.timeouts >= MOST_TIMEOUTS {
            let sentence = format!("{MOST_TIMEOUTS} turns in a row ran out of time, so no more are sent");
            self.over = Some(problem("boot.gave-up", &sentence));
        }
        let known = Known {
            simulated: self.options.simulated(),
            model_called: self.model_called,
            memory: self.options.profile.memory.promise,
        };
        let mut judged = judge(script, &seen, &known);
        for (check, diagnosis) in probed.into_iter().rev() {
            if check.verdict == Verdict::Fail {
                judged.verdict = Verdict::Fail;
                judged.diagnosis = diagnosis.or(judged.diagnosis);
            } else if judged.verdict == Verdict::Skip && check.verdict == Verdict::Pass {
                judged.verdict = Verdict::Pass;
            }
            judged.reason =
                judged.reason.or_else(|| (check.verdict == Verdict::Skip).then(|| check.actual.clone()));
            judged.checks.insert(0, check);
        }
        report(script, judged, &seen)
    }

    /// Files that help whoever looks at a failure.
    pub(super) async fn keep_evidence(&self) {
        let lines = self.log.lines();
        if !lines.is_empty() {
            self.artifacts.write("runtime-tail.log", (lines.join("\n") + "\n").as_bytes());
        }
        if let Some(inspected) = self.target.inspect().await {
            self.artifacts.write("inspect.json", inspected.as_bytes());
        }
    }
}

/// A canary that could not be judged.
pub(super) fn could_not_run(script: &Script, diagnosis: Diagnosis) -> CanaryReport {
    let reason = diagnosis.cause.clone();
    let judged = Judged { verdict: Verdict::Error, checks: vec![], diagnosis: Some(diagnosis), reason };
    report(script, judged, &[])
}

fn report(script: &Script, judged: Judged, seen: &[TurnSeen]) -> CanaryReport {
    let canary = &script.canary;
    CanaryReport {
        id: canary.id.clone(),
        number: canary.number,
        title: canary.title.clone(),
        level: canary.level,
        verdict: judged.verdict,
        duration_ms: 0,
        checks: judged.checks,
        diagnosis: judged.diagnosis,
        reason: judged.reason,
        turns: seen.iter().map(turn_report).collect(),
    }
}

fn turn_report(seen: &TurnSeen) -> TurnReport {
    let answered = seen.skipped.is_none() && seen.error.is_none();
    TurnReport {
        number: seen.number,
        context: seen.turn.context.clone(),
        context_id: seen.context_id.clone(),
        say: seen.turn.say.clone(),
        files: seen.turn.file.iter().map(|file| file.name.clone()).collect(),
        reply: answered.then(|| seen.reply.chars().take(2_000).collect()),
        error: seen.error.as_ref().map(ToString::to_string),
        model_calls: u32::try_from(seen.calls.len()).unwrap_or(u32::MAX),
        took_ms: u64::try_from(seen.took.as_millis()).unwrap_or(u64::MAX),
        wire: seen.wire.clone(),
        skipped: seen.skipped.clone(),
    }
}
