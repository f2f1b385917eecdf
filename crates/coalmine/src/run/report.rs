//! The report of one canary.

use std::sync::Arc;

use coalmine_world::Call;

use crate::{
    event::{CanaryReport, Diagnosis, TurnReport, Verdict},
    judge::Judged,
    observe::TurnSeen,
    plan::Script,
};

/// The most characters of an answer that are reported.
const MAX_REPLY: usize = 2_000;
/// The most turns of a canary whose prompts are all reported.
const MAX_PROMPTS: usize = 20;

/// The most calls of a turn that are named.
const MAX_CALLS: usize = 100;

/// Returns the report of a canary that was judged.
pub(super) fn report(script: &Script, judged: Judged, seen: &[TurnSeen]) -> CanaryReport {
    let canary = &script.canary;
    let turns = turn_reports(seen, judged.verdict, judged.diagnosis.as_ref());
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
        hint_toml: judged.hint_toml,
        session_key: judged.session_key,
        rounds: None,
        baseline: None,
        turns,
    }
}

/// Returns the report of a canary that was skipped before its first turn.
pub(super) fn not_run(script: &Script, reason: String) -> CanaryReport {
    report(script, Judged::without_turns(Verdict::Skip, None, Some(reason)), &[])
}

/// Returns the report of a canary that could not be judged.
pub(super) fn could_not_run(script: &Script, diagnosis: Diagnosis) -> CanaryReport {
    let reason = diagnosis.cause.clone();
    report(script, Judged::without_turns(Verdict::Error, Some(diagnosis), reason), &[])
}

/// Returns the report of a canary that did not come to its end, with what was seen of it.
pub(super) fn could_not_finish(script: &Script, diagnosis: Diagnosis, seen: &[TurnSeen]) -> CanaryReport {
    let turns = turn_reports(seen, Verdict::Error, Some(&diagnosis));
    CanaryReport { turns, ..could_not_run(script, diagnosis) }
}

fn turn_reports(seen: &[TurnSeen], verdict: Verdict, diagnosis: Option<&Diagnosis>) -> Vec<TurnReport> {
    let mut turns: Vec<TurnReport> = seen.iter().map(turn_report).collect();
    drop_prompts(&mut turns, verdict, diagnosis);
    turns
}

/// Removes the prompts that no report shows, so that a summary stays small: those of canaries that passed, and in long
/// conversations those of turns that did not go wrong.
fn drop_prompts(turns: &mut [TurnReport], verdict: Verdict, diagnosis: Option<&Diagnosis>) {
    let broken = diagnosis.and_then(|diagnosis| diagnosis.turn);
    let is_long = turns.len() > MAX_PROMPTS;
    for turn in turns {
        if verdict == Verdict::Pass || (is_long && broken != Some(turn.number)) {
            turn.prompt.clear();
            turn.missing.clear();
            turn.unwanted.clear();
        }
    }
}

/// Returns as much of an answer as is reported.
fn reported(answer: &str) -> String {
    answer.chars().take(MAX_REPLY).collect()
}

/// Returns the places of calls in the journal.
fn seqs(calls: &[Arc<Call>]) -> Vec<u64> {
    calls.iter().map(|call| call.seq).take(MAX_CALLS).collect()
}

fn turn_report(seen: &TurnSeen) -> TurnReport {
    let answered = seen.skipped.is_none() && seen.error.is_none();
    TurnReport {
        number: seen.number,
        context: seen.turn.context.clone(),
        context_id: seen.context_id.clone(),
        say: seen.turn.say.clone(),
        files: seen.turn.files.iter().map(|file| file.name.clone()).collect(),
        approved: seen.approved.iter().map(|asked| reported(asked)).collect(),
        reply: answered.then(|| reported(&seen.reply)),
        error: seen.error.as_ref().map(ToString::to_string),
        model_calls: u32::try_from(seen.calls.len()).unwrap_or(u32::MAX),
        took_ms: u64::try_from(seen.took.as_millis()).unwrap_or(u64::MAX),
        wire: seen.wire.clone(),
        session_store: seen.store_file.clone(),
        model_call_seqs: seqs(&seen.calls),
        peer_call_seqs: seqs(&seen.asked),
        skipped: seen.skipped.clone(),
        prompt: seen.prompt_end(),
        missing: seen.missing(),
        unwanted: seen.unwanted(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Code, PromptMessage};

    /// Returns the numbers of the turns whose prompts are reported, of as many turns as given.
    fn prompted(count: u32, verdict: Verdict) -> Vec<u32> {
        let prompt = vec![PromptMessage { role: "user".into(), text: "Hello.".into() }];
        let turn = |number| TurnReport { number, prompt: prompt.clone(), ..TurnReport::default() };
        let mut turns: Vec<TurnReport> = (1..=count).map(turn).collect();
        let diagnosis = Diagnosis { turn: Some(2), ..Diagnosis::new(Code::ReplyEcho, "it broke") };
        drop_prompts(&mut turns, verdict, Some(&diagnosis));
        turns.iter().filter(|turn| !turn.prompt.is_empty()).map(|turn| turn.number).collect()
    }

    #[test]
    fn prompts_are_reported_if_they_explain_something() {
        assert_eq!(prompted(3, Verdict::Fail), [1, 2, 3]);
        assert_eq!(prompted(40, Verdict::Fail), [2]);
        assert_eq!(prompted(3, Verdict::Pass), [0; 0]);
    }
}
