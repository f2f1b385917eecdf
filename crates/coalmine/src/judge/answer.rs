//! Whether a turn was answered as it should be: an answer, an honest error, a refusal, a task that stays canceled.

use coalmine_a2a::{State, WireError};
use coalmine_world::{Call, Trouble};

use crate::{
    event::Verdict,
    observe::TurnSeen,
    plan::{AnswerRule, Meanwhile},
};

/// What is expected, how it ended, and what was seen.
pub(super) struct Answered {
    pub(super) expected: &'static str,
    pub(super) verdict: Verdict,
    pub(super) actual: String,
}

/// Judges the answer itself; what it says is another matter.
pub(super) fn judge(seen: &TurnSeen) -> Answered {
    let state = seen.state.map_or("message", State::name);
    let actual = match &seen.error {
        Some(error) => error.to_string(),
        None => format!("{state}: {}", seen.reply),
    };
    let told = |expected, verdict| Answered { expected, verdict, actual: actual.clone() };
    let test = |expected, holds| told(expected, if holds { Verdict::Pass } else { Verdict::Fail });
    if let Some(reason) = not_done(seen) {
        return Answered {
            expected: "the client gets to it in time",
            verdict: Verdict::Skip,
            actual: reason,
        };
    }
    let refused = seen.error.as_ref().is_some_and(is_refusal) || seen.state.is_some_and(State::is_refusal);
    let given = seen.error.is_none() && !refused;
    match seen.turn.answer {
        AnswerRule::Given => test("an answer", given),
        AnswerRule::Honest => {
            test("an answer or an honest error", (given && !is_hidden_failure(seen)) || refused)
        }
        AnswerRule::Any => test("an answer or a refusal", given || refused),
        AnswerRule::Refused => test("the message is refused", refused),
        AnswerRule::None => told("nothing", Verdict::Pass),
        AnswerRule::Canceled => {
            let canceled = stays_canceled(seen);
            let (state, text) = seen.deed.last();
            let actual = format!("{}: {text}", state.map_or("no task", State::name));
            let verdict = if canceled { Verdict::Pass } else { Verdict::Fail };
            Answered { expected: "the task is canceled, and nothing is added to it", verdict, actual }
        }
    }
}

/// Why what the client wanted to do in the middle was not done; or why the runtime honestly does not do it.
fn not_done(seen: &TurnSeen) -> Option<String> {
    let meanwhile = seen.turn.meanwhile?;
    // a turn that went wrong by itself is judged as such
    if !seen.deed.done {
        return seen.error.is_none().then(|| "the turn was over before the client got to it".to_owned());
    }
    let unsupported = match &seen.deed.error {
        Some(error @ WireError::Rpc { code: -32601 | -32004 | -32002, .. }) => Some(error),
        _ => None,
    };
    match meanwhile {
        Meanwhile::Cancel => unsupported.map(|error| format!("the runtime refuses to cancel: {error}")),
        Meanwhile::Resubscribe => {
            unsupported.map(|error| format!("the runtime takes no subscription to a task: {error}"))
        }
        Meanwhile::HangUp | Meanwhile::Kill => None,
    }
}

/// A refusal in good order: the connection holds and says no.
fn is_refusal(error: &WireError) -> bool {
    match error {
        WireError::Rpc { .. } => true,
        WireError::Http { status, .. } => (400..500).contains(status) || matches!(status, 502..=504),
        _ => false,
    }
}

/// Whether the task ended as canceled, and said nothing after that.
fn stays_canceled(seen: &TurnSeen) -> bool {
    let (state, text) = seen.deed.last();
    let added = text.len() > seen.deed.after.1.len().max(seen.reply.len());
    seen.deed.error.is_none() && *state == Some(State::Canceled) && !added
}

/// Whether a turn in which the model never got to answer is passed off as if all were well.
pub(super) fn is_hidden_failure(seen: &TurnSeen) -> bool {
    let answered = |call: &Call| call.status < 400 && call.said.trouble.is_none_or(Trouble::is_slow);
    let failed = !seen.calls.is_empty() && !seen.calls.iter().any(|call| answered(call));
    failed && !admits(&seen.reply)
}

/// Words with which people are told that something went wrong.
fn admits(reply: &str) -> bool {
    const WORDS: [&str; 24] = [
        "error",
        "fail",
        "sorry",
        "unavailable",
        "try again",
        "limit",
        "overload",
        "unable",
        "could not",
        "couldn't",
        "cannot",
        "can't",
        "problem",
        "wrong",
        "retry",
        "later",
        "timeout",
        "timed out",
        "exception",
        "not available",
        "interrupted",
        "429",
        "500",
        "no answer",
    ];
    let reply = reply.to_lowercase();
    WORDS.iter().any(|word| reply.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observe::DeedSeen, plan::ScriptTurn};

    fn seen(answer: AnswerRule, error: Option<WireError>, state: State, reply: &str) -> TurnSeen {
        let turn = ScriptTurn { answer, ..ScriptTurn::default() };
        let empty = TurnSeen::skipped(1, turn, "");
        TurnSeen { skipped: None, error, state: Some(state), reply: reply.into(), ..empty }
    }

    fn verdict(answer: AnswerRule, error: Option<WireError>, state: State) -> Verdict {
        judge(&seen(answer, error, state, "Noted.")).verdict
    }

    fn rpc(code: i64) -> Option<WireError> {
        Some(WireError::Rpc { code, message: "no".into() })
    }

    fn http(status: u16) -> Option<WireError> {
        Some(WireError::Http { status, body: String::new() })
    }

    #[test]
    fn a_refusal_in_good_order_is_no_answer_and_a_lost_connection_neither() {
        use AnswerRule::{Any, Given, Honest, Refused};
        let lost = || Some(WireError::Lost("reset".into()));
        for (error, state) in
            [(rpc(-32001), State::Completed), (http(400), State::Completed), (None, State::Rejected)]
        {
            assert_eq!(verdict(Given, error.clone(), state), Verdict::Fail);
            for rule in [Any, Refused, Honest] {
                assert_eq!(verdict(rule, error.clone(), state), Verdict::Pass, "{rule:?} {error:?}");
            }
        }
        for rule in [Given, Any, Refused, Honest] {
            assert_eq!(verdict(rule, lost(), State::Completed), Verdict::Fail, "{rule:?}");
            assert_eq!(verdict(rule, http(500), State::Completed), Verdict::Fail, "{rule:?}");
        }
        assert_eq!(verdict(Given, None, State::Completed), Verdict::Pass);
        assert_eq!(verdict(Refused, None, State::Completed), Verdict::Fail);
    }

    /// A turn that was canceled in this state, and looked at again later.
    fn canceled(at_once: (State, &str), later: (State, &str), error: Option<WireError>) -> Verdict {
        let own = |(state, text): (State, &str)| (Some(state), text.to_owned());
        let (after, later) = (own(at_once), Some(own(later)));
        let mut seen = seen(AnswerRule::Canceled, None, State::Working, "O thou");
        seen.turn.meanwhile = Some(Meanwhile::Cancel);
        seen.deed = DeedSeen { done: true, after, later, error };
        judge(&seen).verdict
    }

    #[test]
    fn a_canceled_task_stays_canceled_and_says_no_more() {
        use State::{Canceled, Completed, Working};
        assert_eq!(canceled((Canceled, "O thou"), (Canceled, "O thou"), None), Verdict::Pass);
        assert_eq!(canceled((Canceled, "O thou"), (Completed, "O thou"), None), Verdict::Fail);
        assert_eq!(canceled((Canceled, "O thou"), (Canceled, "O thou who wert"), None), Verdict::Fail);
        assert_eq!(canceled((Working, ""), (Working, ""), None), Verdict::Fail);
        assert_eq!(canceled((Working, ""), (Working, ""), rpc(-32004)), Verdict::Skip);
        assert_eq!(canceled((Working, ""), (Working, ""), rpc(-32603)), Verdict::Fail);
    }

    #[test]
    fn people_are_told_that_something_went_wrong() {
        assert!(admits("Sorry, the model is overloaded."));
        assert!(!admits("Yes, it will rain."));
    }
}
