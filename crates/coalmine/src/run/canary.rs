//! One canary: its probes, its turns, its verdict.

use std::time::Instant;

use super::{attribution::keep_what_asks_again, parallel::Concurrency, rounds::CanaryRun, state::Running};
use crate::{
    event::{CanaryReport, Code, Diagnosis, TurnReport, Verdict},
    judge::{Judged, Known, judge},
    observe::TurnSeen,
    plan::{AnswerRule, ModelFaults, Script, ScriptTurn, SendContext, SendTask},
};

/// Turns in a row that may run out of time before no more are sent.
const MAX_TIMEOUTS: u32 = 2;

impl Running<'_> {
    /// Runs a canary and judges it.
    pub(super) async fn canary(&self, script: &Script, concurrency: Concurrency) -> CanaryReport {
        let began = Instant::now();
        let mut report = match self.left_out(script).await {
            Some(reason) => report(script, Judged::without_turns(Verdict::Skip, None, Some(reason)), &[]),
            None => {
                let gone = self.so_far().gone;
                match self.over().filter(|_| gone || script.canary.converses()) {
                    Some(diagnosis) => could_not_run(script, diagnosis),
                    None => self.perform(script, concurrency).await,
                }
            }
        };
        report.duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        report
    }

    async fn perform(&self, script: &Script, concurrency: Concurrency) -> CanaryReport {
        let mut probed = vec![];
        for probe in &script.canary.probes {
            probed.push(self.probe(*probe, script.canary.level).await);
        }
        let seen = self.converse(script, concurrency).await;
        if let (Some(over), true) = (self.over(), script.canary.converses()) {
            return could_not_finish(script, over, &seen);
        }
        // beside others nothing is decided but a pass
        let alone = concurrency == Concurrency::Alone;
        if alone
            && script.canary.converses()
            && self.options.simulated()
            && let Some(diagnosis) = self.not_wired(&seen).await
        {
            self.end(diagnosis.clone(), false);
            return could_not_finish(script, diagnosis, &seen);
        }
        if alone && self.so_far().timeouts >= MAX_TIMEOUTS {
            let sentence = format!("{MAX_TIMEOUTS} turns in a row ran out of time, so no more are sent");
            self.end(Diagnosis::new(Code::BootGaveUp, &sentence), false);
        }
        let profile = &self.options.profile;
        let known = Known {
            model: self.options.run.model,
            model_called: self.so_far().model_called,
            memory: profile.memory.promise,
            restart: profile.session.restart,
            binary: profile.attachments.binary,
            peers: profile.peers.promise,
            once: profile.delivery.once,
            scope: profile.session.scope,
            dialect: self.conversation.endpoint().map(|endpoint| endpoint.dialect),
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
        if judged.verdict == Verdict::Pass && seen.iter().any(|turn| turn.calls_lost) {
            return could_not_finish(script, evidence_lost(script), &seen);
        }
        if !alone && !is_believed(&seen) {
            judged.verdict = Verdict::Skip;
        }
        report(script, judged, &seen)
    }

    /// Takes the turns, those that belong together at once.
    async fn converse(&self, script: &Script, concurrency: Concurrency) -> Vec<TurnSeen> {
        let canary_run = CanaryRun { canary: &script.canary.id, round: script.round, concurrency };
        let mut seen: Vec<TurnSeen> = vec![];
        for group in script.turns.chunk_by(|a, b| a.parallel.is_some() && a.parallel == b.parallel) {
            let first = u32::try_from(seen.len() + 1).unwrap_or(u32::MAX);
            let leave_out = |turn: &ScriptTurn| match turn
                .when
                .and_then(|when| when.unmet(&self.options.profile))
            {
                None if self.over().is_some() => Some("the run had ended"),
                None if seen.iter().any(ends_the_conversation) => Some("an earlier turn brought no answer"),
                None => self.no_such_task(&canary_run.context(&turn.context), turn),
                reason => reason,
            };
            let reasons: Vec<_> = group.iter().map(leave_out).collect();
            let taken: Vec<&ScriptTurn> = group
                .iter()
                .zip(&reasons)
                .filter(|(_, reason)| reason.is_none())
                .map(|(turn, _)| turn)
                .collect();
            if let Some(before) = taken.iter().find_map(|turn| turn.before)
                && self.before(before).await.is_err()
            {
                break;
            }
            let numbers =
                (first..).zip(&reasons).filter(|(_, reason)| reason.is_none()).map(|(number, _)| number);
            let mut sent = match taken.is_empty() {
                true => vec![],
                false => self.turns(canary_run, &numbers.collect::<Vec<_>>(), &taken).await,
            }
            .into_iter();
            for ((number, turn), reason) in (first..).zip(group).zip(reasons) {
                match reason {
                    Some(reason) => seen.push(TurnSeen::skipped(number, turn.clone(), reason)),
                    None => {
                        let Some(mut turn) = sent.next() else { continue };
                        if turn.turn.send.again {
                            keep_what_asks_again(&mut turn, &seen);
                        }
                        seen.push(turn);
                    }
                }
            }
        }
        seen
    }

    /// Why a turn that names the context's last task cannot.
    fn no_such_task(&self, context: &str, turn: &ScriptTurn) -> Option<&'static str> {
        if turn.send.task != SendTask::Last {
            return None;
        }
        match self.conversation.is_task_over(context) {
            None => Some("the runtime answers without a task, so there is none to name"),
            Some(false) if turn.answer == AnswerRule::Refused && turn.send.context == SendContext::Own => {
                Some("the task is not over: it waits for the user")
            }
            Some(_) => None,
        }
    }

    /// Files that help whoever looks at a failure.
    pub(super) async fn keep_evidence(&self) {
        let lines = self.log.lines();
        if !lines.is_empty() {
            self.artifacts.write("runtime-tail.log", (lines.join("\n") + "\n").as_bytes());
        }
        if let Some(inspected) = self.target.read().await.inspect().await {
            self.artifacts.write("inspect.json", inspected.as_bytes());
        }
    }
}

/// Whether nothing more can be said after a turn: it should have been answered, and was not.
fn ends_the_conversation(seen: &TurnSeen) -> bool {
    seen.error.is_some() && matches!(seen.turn.answer, AnswerRule::Given) && seen.turn.key.is_none()
}

/// Whether all that a turn is about can have been seen of it beside others: what could not be told to be its own is not
/// here.
fn is_believed(seen: &[TurnSeen]) -> bool {
    let asked_for_none = |turn: &TurnSeen| turn.turn.max_model_calls == Some(0);
    let silent = |turn: &TurnSeen| turn.calls.is_empty() && turn.error.is_none() && !asked_for_none(turn);
    let without_model_faults = |turn: &TurnSeen| {
        turn.turn.model_fault != ModelFaults::None
            && !turn.calls.iter().any(|call| call.content.model_fault.is_some())
    };
    !seen.iter().filter(|turn| turn.skipped.is_none()).any(|turn| silent(turn) || without_model_faults(turn))
}

/// What is not there cannot show that nothing was amiss.
fn evidence_lost(script: &Script) -> Diagnosis {
    let sentence = format!(
        "the runtime asked the model so often, or so much, during `{}` that not all of it could be kept to look into",
        script.canary.id
    );
    Diagnosis::new(Code::BootEvidenceLost, &sentence)
}

/// A canary that could not be taken to its end; what was seen of it stays.
fn could_not_finish(script: &Script, diagnosis: Diagnosis, seen: &[TurnSeen]) -> CanaryReport {
    CanaryReport { turns: seen.iter().map(turn_report).collect(), ..could_not_run(script, diagnosis) }
}

/// A canary that could not be judged.
pub(super) fn could_not_run(script: &Script, diagnosis: Diagnosis) -> CanaryReport {
    let reason = diagnosis.cause.clone();
    report(script, Judged::without_turns(Verdict::Error, Some(diagnosis), reason), &[])
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
        session_key: judged.session_key,
        rounds: None,
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
        files: seen.turn.files.iter().map(|file| file.name.clone()).collect(),
        reply: answered.then(|| seen.reply.chars().take(2_000).collect()),
        error: seen.error.as_ref().map(ToString::to_string),
        model_calls: u32::try_from(seen.calls.len()).unwrap_or(u32::MAX),
        took_ms: u64::try_from(seen.took.as_millis()).unwrap_or(u64::MAX),
        wire: seen.wire.clone(),
        skipped: seen.skipped.clone(),
    }
}

#[cfg(test)]
mod tests {
    use coalmine_world::{CallContent, ModelFault};

    use super::*;
    use crate::observe::model_call;

    /// Whether a turn that should suffer so is believed, with calls that did.
    fn believed(
        model_fault: Option<ModelFault>,
        max_model_calls: Option<u32>,
        suffered: &[Option<ModelFault>],
    ) -> bool {
        let model_fault = model_fault.map_or(ModelFaults::None, ModelFaults::All);
        let turn = ScriptTurn { model_fault, max_model_calls, ..ScriptTurn::default() };
        let calls = suffered.iter().map(|model_fault| {
            model_call(CallContent { model_fault: *model_fault, ..CallContent::default() })
        });
        is_believed(&[TurnSeen { skipped: None, calls: calls.collect(), ..TurnSeen::skipped(1, turn, "") }])
    }

    #[test]
    fn beside_others_a_turn_is_believed_where_its_calls_were_seen() {
        assert!(believed(None, None, &[None]));
        assert!(!believed(None, None, &[]), "it was answered, and nobody saw how");
        assert!(believed(None, Some(0), &[]), "it was not to be asked of the model");
        assert!(believed(Some(ModelFault::Cut), None, &[None, Some(ModelFault::Cut)]));
        assert!(!believed(Some(ModelFault::Cut), None, &[None]), "what it was to suffer, it did not");
    }
}
