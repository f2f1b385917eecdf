//! The report of one canary.

use crate::{
    event::{CanaryReport, Diagnosis, TurnReport, Verdict},
    judge::Judged,
    observe::TurnSeen,
    plan::Script,
};

/// The most characters of an answer that are reported.
const MAX_REPLY: usize = 2_000;

/// Returns the report of a canary that was judged.
pub(super) fn report(script: &Script, judged: Judged, seen: &[TurnSeen]) -> CanaryReport {
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
        hint_toml: judged.hint_toml,
        session_key: judged.session_key,
        rounds: None,
        turns: seen.iter().map(turn_report).collect(),
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
    CanaryReport { turns: seen.iter().map(turn_report).collect(), ..could_not_run(script, diagnosis) }
}

fn turn_report(seen: &TurnSeen) -> TurnReport {
    let answered = seen.skipped.is_none() && seen.error.is_none();
    TurnReport {
        number: seen.number,
        context: seen.turn.context.clone(),
        context_id: seen.context_id.clone(),
        say: seen.turn.say.clone(),
        files: seen.turn.files.iter().map(|file| file.name.clone()).collect(),
        reply: answered.then(|| seen.reply.chars().take(MAX_REPLY).collect()),
        error: seen.error.as_ref().map(ToString::to_string),
        model_calls: u32::try_from(seen.calls.len()).unwrap_or(u32::MAX),
        took_ms: u64::try_from(seen.took.as_millis()).unwrap_or(u64::MAX),
        wire: seen.wire.clone(),
        skipped: seen.skipped.clone(),
        prompt: seen.prompt_end(),
        missing: seen.missing(),
    }
}
