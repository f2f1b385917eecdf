//! The verdict on a canary: its checks in order, and the diagnosis of the first decisive failure.

use super::{
    case::{Case, Known},
    check::Check,
    checks::session_key,
    outcome::Outcome,
    premise,
    unpromised::{self, Unpromised},
    visibility,
};
use crate::{
    event::{CheckReport, Code, Diagnosis, SessionKey, Verdict},
    observe::TurnSeen,
    plan::Script,
};

/// A canary's verdict with everything that led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// How it ended.
    pub verdict: Verdict,
    /// Every check, in order.
    pub checks: Vec<CheckReport>,
    /// Why it failed.
    pub diagnosis: Option<Diagnosis>,
    /// Why it was skipped, or what limits a pass.
    pub reason: Option<String>,
    /// The line of a profile with which it would not be skipped.
    pub hint_toml: Option<String>,
    /// What the runtime's sessions are keyed by, if the canary infers that.
    pub session_key: Option<SessionKey>,
}

impl Judged {
    /// Returns a verdict that was reached without looking at any turn.
    pub fn without_turns(verdict: Verdict, diagnosis: Option<Diagnosis>, reason: Option<String>) -> Self {
        Self { verdict, checks: vec![], diagnosis, reason, hint_toml: None, session_key: None }
    }
}

/// A check that was made.
struct Made<'a> {
    check: Check<'a>,
    turn: &'a TurnSeen,
    outcome: Outcome,
}

impl Made<'_> {
    fn is(&self, verdict: Verdict) -> bool {
        self.outcome.verdict == verdict
    }
}

/// Judges a canary by what was seen of its turns.
pub fn judge(script: &Script, turns: &[TurnSeen], known: &Known) -> Judged {
    let case = Case { script, turns, known };
    let made: Vec<Made<'_>> = turns.iter().flat_map(|turn| of_turn(case, turn)).collect();
    let level = script.canary.level;
    let mut checks: Vec<_> =
        made.iter().map(|made| made.check.report(made.turn, level, &made.outcome)).collect();
    let key = session_key::evaluate(case);
    checks.extend(key.as_ref().map(|key| key.report(level)));
    let judged = |verdict, diagnosis, reason| Judged {
        verdict,
        checks: checks.clone(),
        diagnosis,
        reason,
        hint_toml: None,
        session_key: key.as_ref().and_then(|key| key.found),
    };
    let failed = checks.iter().any(|check| check.verdict == Verdict::Fail);
    // a turn that broke is the news, whatever would have become of its file
    let broke = made.iter().any(|made| matches!(made.check, Check::Answered) && made.is(Verdict::Fail));
    if let Some(reason) = premise::missing(case)
        && (!failed || (!broke && !premise::is_promised(case)))
    {
        return judged(Verdict::Skip, None, Some(reason));
    }
    if !failed {
        let skipped = checks.iter().find(|check| check.verdict == Verdict::Skip);
        let reason = skipped.map(|check| format!("{}: {}", check.id, check.actual));
        let key_unseen = key.as_ref().is_some_and(|key| key.found.is_none());
        let shown = !key_unseen && has_shown_something(&made);
        return judged(if shown { Verdict::Pass } else { Verdict::Skip }, None, reason);
    }
    let mut diagnosis = cause(&made, case, |outcome| outcome.decisive)
        .or_else(|| key.as_ref().and_then(|key| session_key::cause(case, key)))
        .or_else(|| cause(&made, case, |_| true));
    if let Some(diagnosis) = &mut diagnosis {
        visibility::limit(diagnosis, known.model);
        if let Some(Unpromised { reason, hint_toml }) = unpromised::unpromised(case, diagnosis) {
            let hint_toml = Some(hint_toml.to_owned());
            return Judged { hint_toml, ..judged(Verdict::Skip, None, Some(reason)) };
        }
    }
    // the canary's own rules are at fault, so nothing was found out about the runtime
    let unanswerable = diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.code == Code::BootUnanswerable);
    judged(if unanswerable { Verdict::Error } else { Verdict::Fail }, diagnosis, None)
}

/// Makes the checks of one turn. What was said is looked at only if the turn ended in words.
fn of_turn<'a>(case: Case<'a>, turn: &'a TurnSeen) -> Vec<Made<'a>> {
    let make = |check: Check<'a>| Made { check, turn, outcome: check.evaluate(case, turn) };
    let mut made: Vec<Made<'a>> = Check::of_exchange(turn).into_iter().map(make).collect();
    let answered = made.first().is_some_and(|first| !first.is(Verdict::Skip));
    if answered && turn.speaks() {
        made.extend(Check::of_words(case, turn).into_iter().map(make));
    }
    made
}

/// Returns the cause of the first failure that `counts`, in the order of the turns and of each turn's path.
fn cause(made: &[Made<'_>], case: Case<'_>, counts: impl Fn(&Outcome) -> bool) -> Option<Diagnosis> {
    made.iter()
        .filter(|made| made.is(Verdict::Fail) && counts(&made.outcome))
        .find_map(|made| made.check.cause(case, made.turn))
}

/// Returns whether the checks without a failure are a pass: something was judged, and nothing that the canary is about
/// remained unseen. A memory whose writing cannot be seen is proven by reading it. Of the faults that were planned for the
/// model, at least one must have met a call.
fn has_shown_something(made: &[Made<'_>]) -> bool {
    let read = made.iter().any(|made| matches!(made.check, Check::MemoryRead) && made.is(Verdict::Pass));
    let unseen = |made: &Made<'_>| {
        made.is(Verdict::Skip)
            && made.check.is_essential()
            && !(read && matches!(made.check, Check::MemoryWritten))
    };
    let faulted = |made: &Made<'_>| made.turn.calls.iter().any(|call| call.content.model_fault.is_some());
    let mut faults = made.iter().filter(|made| matches!(made.check, Check::ModelFault)).peekable();
    let fault_unseen = faults.peek().is_some() && !faults.any(faulted);
    made.iter().any(|made| made.is(Verdict::Pass)) && !made.iter().any(unseen) && !fault_unseen
}
