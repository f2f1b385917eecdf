//! One canary: its probes, its turns, its verdict.

use std::{sync::OnceLock, time::Instant};

use super::{
    RunContext,
    limit::{self, LimitMet},
    probe::{self, ProbeOutcome},
    report::{could_not_finish, could_not_run, not_run, report},
    settle::settle,
    turn::TurnGroup,
    wiring,
};
use crate::{
    event::{CanaryReport, Code, Diagnosis, Phase, Verdict},
    judge::{Judged, Known, judge},
    observe::{Attempt, CanaryRun, Concurrency, TurnSeen, keep_calls_that_ask_again},
    plan::{AnswerRule, ModelFaults, Script, ScriptTurn, SendContext, SendTask},
};

/// The most turns in a row that may run out of time before no more are sent.
const MAX_TIMEOUTS: u32 = 2;

/// Runs one canary, once.
pub(super) struct CanaryRunner<'a> {
    context: &'a RunContext<'a>,
    script: &'a Script,
    run: CanaryRun<'a>,
    limit: OnceLock<LimitMet>,
}

impl<'a> CanaryRunner<'a> {
    pub(super) fn new(context: &'a RunContext<'a>, script: &'a Script, concurrency: Concurrency) -> Self {
        let (canary, round) = (script.canary.id.as_str(), script.round);
        let run = CanaryRun { canary, round, concurrency, attempt: Attempt::Verdict };
        Self { context, script, run, limit: OnceLock::new() }
    }

    /// Returns the same for another attempt, in which nothing else goes on.
    pub(super) fn for_attempt(context: &'a RunContext<'a>, script: &'a Script, attempt: Attempt) -> Self {
        let runner = Self::new(context, script, Concurrency::Alone);
        Self { run: CanaryRun { attempt, ..runner.run }, ..runner }
    }

    /// Returns the limit of the runtime that made the first turn fail that met one.
    pub(super) fn limit_met(&self) -> Option<LimitMet> {
        self.limit.get().copied()
    }

    /// Keeps the evidence of this run under another name, because the canary is run again alone.
    pub(super) fn set_evidence_aside(&self) {
        self.context.observer.set_aside(self.run);
    }

    /// Runs the canary and judges it.
    pub(super) async fn run(&self) -> CanaryReport {
        let began = Instant::now();
        let mut report = self.run_untimed().await;
        report.duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        report
    }

    async fn run_untimed(&self) -> CanaryReport {
        let Self { context, script, .. } = self;
        if let Some(reason) = context.runtime.reason_to_skip(&script.canary) {
            let hint_toml = context.runtime.hint_toml(&script.canary).map(str::to_owned);
            return CanaryReport { hint_toml, ..not_run(script, reason) };
        }
        if let Some(diagnosis) = context.ended()
            && (context.is_gone() || script.canary.converses())
        {
            return could_not_run(script, diagnosis);
        }
        let mut probed = vec![];
        for probe in &script.canary.probes {
            probed.push(probe::run(context, *probe, &script.canary).await);
        }
        let began = context.world.journal_position();
        let seen = self.converse().await;
        if let Some(limit) = seen.iter().find_map(LimitMet::of) {
            let _ = self.limit.set(limit);
        }
        if self.is_alone() {
            settle(context, self.run, began, &seen).await;
            self.give_up_if_all_hangs().await;
        }
        if script.canary.converses()
            && let Some(diagnosis) = self.reason_not_to_judge(&seen).await
        {
            return could_not_finish(script, diagnosis, &seen);
        }
        self.judge(probed, &seen)
    }

    /// Returns why the turns cannot be judged, if so: the run ended, or the runtime is not wired to the
    /// world.
    async fn reason_not_to_judge(&self, seen: &[TurnSeen]) -> Option<Diagnosis> {
        let context = self.context;
        if let Some(diagnosis) = context.ended() {
            return Some(diagnosis);
        }
        // while others run, only a pass is decided
        if !self.is_alone() || !context.options.simulated() {
            return None;
        }
        let diagnosis = wiring::not_wired(context, seen).await?;
        context.end(diagnosis.clone(), false);
        Some(diagnosis)
    }

    /// Ends the conversations of the run if turns hang, and a plain message in a fresh context hangs too. One
    /// context that hangs is a matter of its canary alone.
    async fn give_up_if_all_hangs(&self) {
        let context = self.context;
        if context.timeouts() < MAX_TIMEOUTS || context.ended().is_some() {
            return;
        }
        let hung = context.hung();
        wiring::say_hello(context).await;
        if context.timeouts() == 0 {
            return;
        }
        let sentence = format!(
            "{MAX_TIMEOUTS} turns in a row ran out of time, first in `{hung}`, and so did a plain message in a fresh context, \
             so no more are sent"
        );
        let mut diagnosis = Diagnosis::new(Code::BootGaveUp, sentence);
        diagnosis.hint = Some(format!(
            "leave `{hung}` out with `--skip {hung}`, or state it as a `[[known-limit]]` of the profile, to see the others"
        ));
        context.end(diagnosis, false);
    }

    fn judge(&self, probed: Vec<ProbeOutcome>, seen: &[TurnSeen]) -> CanaryReport {
        let Self { context, script, .. } = self;
        let mut judged = judge(script, seen, &known(context));
        if judged.verdict == Verdict::Fail
            && let Some(diagnosis) = limit::diagnose(seen)
        {
            judged.diagnosis = Some(diagnosis);
        }
        for outcome in probed.into_iter().rev() {
            add_probe(&mut judged, outcome, script.canary.converses());
        }
        if judged.verdict == Verdict::Pass && seen.iter().any(|turn| turn.calls_lost) {
            return could_not_finish(script, evidence_lost(script), seen);
        }
        if !self.is_alone() && !is_believed(seen) {
            judged.verdict = Verdict::Skip;
        }
        report(script, judged, seen)
    }

    /// Sends the turns in order, and those that are marked as parallel at the same time.
    async fn converse(&self) -> Vec<TurnSeen> {
        let mut seen: Vec<TurnSeen> = vec![];
        for group in self.script.turns.chunk_by(|a, b| a.parallel.is_some() && a.parallel == b.parallel) {
            let first = u32::try_from(seen.len() + 1).unwrap_or(u32::MAX);
            let (mut numbers, mut turns, mut taken) = (vec![], vec![], vec![]);
            for (number, turn) in (first..).zip(group) {
                match self.reason_to_leave_out(turn, &seen) {
                    Some(reason) => taken.push(TurnSeen::skipped(number, turn.clone(), reason)),
                    None => {
                        numbers.push(number);
                        turns.push(turn);
                    }
                }
            }
            if let Some(before) = turns.iter().find_map(|turn| turn.before) {
                let message = format!("waiting for the runtime to start again, for {}", self.run);
                self.context.events.progress(Phase::Turn, message);
                if !self.context.restart(before).await {
                    break;
                }
            }
            if !turns.is_empty() {
                let group = TurnGroup { context: self.context, run: self.run, numbers, turns };
                taken.extend(group.take().await);
            }
            taken.sort_by_key(|turn| turn.number);
            for mut turn in taken {
                if turn.skipped.is_none() && turn.turn.send.again {
                    keep_calls_that_ask_again(&mut turn, &seen);
                }
                seen.push(turn);
            }
        }
        seen
    }

    /// Returns why a turn is not sent, if so.
    fn reason_to_leave_out(&self, turn: &ScriptTurn, seen: &[TurnSeen]) -> Option<&'static str> {
        if let Some(reason) = turn.when.and_then(|when| when.unmet(&self.context.options.profile)) {
            return Some(reason);
        }
        if self.context.ended().is_some() {
            return Some("the run had ended");
        }
        if seen.iter().any(ends_the_conversation) {
            return Some("an earlier turn brought no answer");
        }
        self.reason_not_to_name_the_task(turn)
    }

    /// Returns why a turn cannot name the context's last task, if it is to name it and cannot.
    fn reason_not_to_name_the_task(&self, turn: &ScriptTurn) -> Option<&'static str> {
        if turn.send.task != SendTask::Last {
            return None;
        }
        match self.context.conversations.is_task_over(&self.run.context(&turn.context)) {
            None => Some("the runtime answers without a task, so there is none to name"),
            Some(false) if turn.answer == AnswerRule::Refused && turn.send.context == SendContext::Own => {
                Some("the task is not over: it waits for the user")
            }
            Some(_) => None,
        }
    }

    fn is_alone(&self) -> bool {
        self.run.concurrency == Concurrency::Alone
    }
}

/// Returns what the judge has to know beside the turns.
fn known(context: &RunContext<'_>) -> Known {
    let profile = &context.options.profile;
    Known {
        model: context.options.run.model,
        model_called: context.observer.model_called(),
        memory: profile.memory.promise,
        restart: profile.session.restart,
        text: context.runtime.text_files(),
        text_from_card: profile.attachments.text.is_none(),
        binary: profile.attachments.binary,
        peers: profile.peers.promise,
        once: profile.delivery.once,
        scope: profile.session.scope,
        dialect: context.conversations.endpoint().map(|endpoint| endpoint.dialect),
    }
}

/// Adds the outcome of a probe to the verdict of a canary. A probe that passed says nothing of a conversation that was skipped.
fn add_probe(judged: &mut Judged, outcome: ProbeOutcome, converses: bool) {
    let ProbeOutcome { check, diagnosis } = outcome;
    if check.verdict == Verdict::Fail {
        judged.verdict = Verdict::Fail;
        judged.diagnosis = diagnosis.or(judged.diagnosis.take());
        (judged.reason, judged.hint_toml) = (None, None);
    } else if !converses && judged.verdict == Verdict::Skip && check.verdict == Verdict::Pass {
        judged.verdict = Verdict::Pass;
    }
    if check.verdict == Verdict::Skip && judged.reason.is_none() {
        judged.reason = Some(check.actual.clone());
    }
    judged.checks.insert(0, check);
}

/// Returns whether nothing more can be said after a turn: it should have been answered, and was not.
fn ends_the_conversation(seen: &TurnSeen) -> bool {
    let unanswered = seen.error.is_some() || seen.asks_on;
    unanswered && matches!(seen.turn.answer, AnswerRule::Given) && seen.turn.key.is_none()
}

/// Returns whether everything that matters about turns can have been seen while others ran: calls that could
/// not be attributed to a turn are missing from it.
fn is_believed(seen: &[TurnSeen]) -> bool {
    seen.iter().filter(|turn| turn.skipped.is_none()).all(|turn| {
        let is_silent = turn.calls.is_empty() && turn.error.is_none() && turn.turn.max_model_calls != Some(0);
        let misses_its_faults = turn.turn.model_fault != ModelFaults::None
            && !turn.calls.iter().any(|call| call.content.model_fault.is_some());
        !is_silent && !misses_its_faults && !turn.asks_on
    })
}

/// Returns why a pass is not believed: evidence that is missing cannot show that nothing was wrong.
fn evidence_lost(script: &Script) -> Diagnosis {
    let sentence = format!(
        "the runtime called the model so often, or sent it so much, during `{}` that not all calls could be kept as evidence",
        script.canary.id
    );
    Diagnosis::new(Code::BootEvidenceLost, sentence)
}

#[cfg(test)]
mod tests {
    use coalmine_world::{CallContent, ModelFault};

    use super::*;
    use crate::{
        event::{CheckReport, Level, ModelMode},
        observe::model_call,
        plan::{Canary, RunParameters},
    };

    /// Returns whether a turn with this planned fault is believed, with calls that suffered from these.
    fn believed(
        planned: Option<ModelFault>,
        max_model_calls: Option<u32>,
        suffered: &[Option<ModelFault>],
    ) -> bool {
        let model_fault = planned.map_or(ModelFaults::None, ModelFaults::All);
        let turn = ScriptTurn { model_fault, max_model_calls, ..ScriptTurn::default() };
        let calls = suffered.iter().map(|model_fault| {
            model_call(CallContent { model_fault: *model_fault, ..CallContent::default() })
        });
        is_believed(&[TurnSeen { skipped: None, calls: calls.collect(), ..TurnSeen::skipped(1, turn, "") }])
    }

    #[test]
    fn turn_that_waits_for_a_yes_is_not_believed() {
        let turn = TurnSeen::skipped(1, ScriptTurn::default(), "");
        let calls = vec![model_call(CallContent::default())];
        let seen = |asks_on| TurnSeen { skipped: None, asks_on, calls: calls.clone(), ..turn.clone() };
        assert!(is_believed(&[seen(false)]) && !is_believed(&[seen(true)]));
    }

    #[test]
    fn turn_is_believed_if_its_calls_were_seen() {
        assert!(believed(None, None, &[None]));
        assert!(!believed(None, None, &[]), "it was answered, and nobody saw how");
        assert!(believed(None, Some(0), &[]), "the model was not to be asked");
        assert!(believed(Some(ModelFault::Cut), None, &[None, Some(ModelFault::Cut)]));
        assert!(!believed(Some(ModelFault::Cut), None, &[None]), "the planned fault did not occur");
    }

    #[test]
    fn lost_evidence_names_the_canary() {
        let text =
            "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hi.\"\n";
        let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 };
        let script = Script::new(Canary::read("x.toml", text).unwrap(), parameters).unwrap();
        let diagnosis = evidence_lost(&script);
        assert_eq!(diagnosis.code, Code::BootEvidenceLost);
        assert!(diagnosis.sentence.contains("`x`"), "{}", diagnosis.sentence);
    }

    #[test]
    fn a_probe_does_not_turn_a_skipped_conversation_green() {
        let probed = |converses: bool, verdict: Verdict| {
            let check = CheckReport {
                id: "agent-card".into(),
                level: Level::Must,
                verdict,
                expected: String::new(),
                actual: String::new(),
            };
            let mut judged = Judged::without_turns(Verdict::Skip, None, Some("not promised".into()));
            add_probe(&mut judged, ProbeOutcome { check, diagnosis: None }, converses);
            judged.verdict
        };
        assert_eq!(probed(false, Verdict::Pass), Verdict::Pass);
        assert_eq!(probed(true, Verdict::Pass), Verdict::Skip);
        assert_eq!(probed(true, Verdict::Fail), Verdict::Fail);
    }
}
