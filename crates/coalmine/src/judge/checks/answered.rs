//! `expect.answer`: whether a turn was answered as it should be: an answer, an honest error, a refusal, or a task that stays
//! canceled. What the answer says is another matter.

use coalmine_a2a::{Refusal, State, WireError};

use crate::{
    judge::outcome::Outcome,
    observe::{TurnSeen, gets_out},
    plan::{AnswerRule, During},
};

pub(in crate::judge) fn evaluate(turn: &TurnSeen) -> Outcome {
    let refused = turn.error.as_ref().is_some_and(is_refusal) || turn.state.is_some_and(State::is_refusal);
    let given = turn.error.is_none() && !refused && !turn.asks_on;
    let test = |expected: &str, holds| Outcome::test(holds, expected, ending(turn));
    match turn.turn.answer {
        AnswerRule::Given => test("an answer", given),
        AnswerRule::Honest if given => honest(turn),
        AnswerRule::Honest => {
            let error = turn.error.as_ref().is_some_and(is_honest_error);
            test("an answer or an honest error", refused || error)
        }
        AnswerRule::Any => test("an answer or a refusal", given || refused),
        AnswerRule::Refused => test("the message is refused", refused),
        // what was to be interrupted was, or there was nothing to interrupt
        AnswerRule::None => test("nothing", turn.action.done || turn.turn.during.is_none()),
        AnswerRule::Canceled => {
            let (state, text) = turn.action.last();
            let actual = format!("{}: {text}", state.map_or("no task", State::name));
            let expected = "the task is canceled, its stream ends, and nothing is added to it";
            if left_stream_open(turn) {
                return Outcome::test(false, expected, format!("{actual}; the stream did not end"));
            }
            Outcome::test(stays_canceled(turn), expected, actual)
        }
    }
}

/// The outcome for a turn in which the client came too late for what it does in the middle.
pub(in crate::judge) fn in_time(turn: &TurnSeen) -> Outcome {
    Outcome::skip("the client acts in the middle of the turn", missed(turn).unwrap_or_default())
}

/// Returns why the client's action in the middle of the turn did not happen, or why the runtime honestly does not support it.
pub(in crate::judge) fn missed(turn: &TurnSeen) -> Option<String> {
    let during = turn.turn.during?;
    if !turn.action.done {
        // a turn that went wrong by itself is judged as such
        return turn.error.is_none().then(|| "the turn was over before the client could act".to_owned());
    }
    let unsupported = turn.action.error.as_ref().filter(|error| is_unsupported(error));
    match during {
        // a task that ran to its end is over because the cancellation was not looked at
        During::Cancel if turn.action.late => None,
        During::Cancel => unsupported.map(|error| format!("the runtime refuses to cancel: {error}")),
        // a task that failed cannot be subscribed to; why it failed is the matter
        During::Resubscribe if has_failed(turn) => None,
        During::Resubscribe => {
            unsupported.map(|error| format!("the runtime does not let a client resubscribe: {error}"))
        }
        During::HangUp | During::Kill => None,
    }
}

/// Returns whether the turn's task failed, so that the client had nothing to act on.
pub(in crate::judge) fn has_failed(turn: &TurnSeen) -> bool {
    turn.state.is_some_and(State::is_refusal) && turn.action.error.as_ref().is_some_and(is_unsupported)
}

fn is_unsupported(error: &WireError) -> bool {
    error.refusal().is_some_and(Refusal::declines_operation)
}

/// Says how a turn ended.
fn ending(turn: &TurnSeen) -> String {
    match &turn.error {
        Some(error) => error.to_string(),
        None => format!("{}: {}", turn.state.map_or("message", State::name), turn.reply),
    }
}

fn honest(turn: &TurnSeen) -> Outcome {
    match is_honest_reply(turn) {
        Some(honest) => Outcome::test(honest, "an answer or an honest error", ending(turn)),
        None => Outcome::skip("the model's answer, or words that admit there is none", ending(turn)),
    }
}

/// Returns whether an error is an orderly refusal: the connection holds and says no.
fn is_refusal(error: &WireError) -> bool {
    match error {
        WireError::Refused { .. } => true,
        WireError::Http { status, .. } => (400..500).contains(status) || matches!(status, 502..=504),
        _ => false,
    }
}

/// Returns whether the client can see that the turn failed.
fn is_honest_error(error: &WireError) -> bool {
    matches!(error, WireError::Http { status: 500.., .. })
}

/// Returns whether the task ended as canceled and said nothing after that.
fn stays_canceled(turn: &TurnSeen) -> bool {
    let (state, text) = turn.action.last();
    let before = turn.action.after.1.len().max(turn.action.streamed);
    let added = text.len().max(turn.reply.len()) > before + IN_FLIGHT;
    let went_on = turn.state == Some(State::Completed);
    turn.action.error.is_none() && *state == Some(State::Canceled) && !added && !went_on
}

/// Returns whether the stream of a canceled task was still open when the client gave up waiting.
pub(in crate::judge) fn left_stream_open(turn: &TurnSeen) -> bool {
    stays_canceled(turn)
        && matches!(turn.error, Some(WireError::Timeout { .. } | WireError::NotFinished { .. }))
}

/// How much text may have been in flight when a task was canceled: a few words, in bytes.
const IN_FLIGHT: usize = 24;

/// Returns whether a turn in which the model never answered ended as if it had.
pub(in crate::judge) fn is_hidden_failure(turn: &TurnSeen) -> bool {
    is_honest_reply(turn) == Some(false)
}

/// Returns whether a reply is the model's own or admits that there is none; `None` if only a person can decide.
fn is_honest_reply(turn: &TurnSeen) -> Option<bool> {
    let answered = turn.calls.is_empty() || turn.calls.iter().any(|call| gets_out(call));
    if answered {
        return Some(true);
    }
    // half of an answer that was cut, passed off as a whole one
    let reply = turn.reply.trim();
    if !reply.is_empty() && turn.answered(|answer| answer.starts_with(reply)) {
        return Some(false);
    }
    if admits(reply) {
        return Some(true);
    }
    // `OK.`, or nothing at all
    (turn.reply.split_whitespace().count() <= SHORT).then_some(false)
}

/// How many words are too few to say what happened.
const SHORT: usize = 5;

/// Returns whether a reply holds words that say that something went wrong.
fn admits(reply: &str) -> bool {
    const WORDS: [&str; 23] = [
        "error",
        "fail",
        "sorry",
        "unavailable",
        "try again",
        "ask again",
        "rate limit",
        "overload",
        "unable",
        "could not",
        "couldn't",
        "cannot",
        "can't",
        "a problem",
        "went wrong",
        "trouble",
        "retry",
        "timeout",
        "timed out",
        "exception",
        "not available",
        "interrupted",
        "no answer",
    ];
    let reply = reply.to_lowercase();
    WORDS.iter().any(|word| reply.contains(word))
}

#[cfg(test)]
mod tests {
    use coalmine_world::{CallContent, ModelFault};

    use super::*;
    use crate::{
        event::Verdict,
        observe::{ActionSeen, model_call},
        plan::ScriptTurn,
    };

    fn seen(answer: AnswerRule, error: Option<WireError>, state: State, reply: &str) -> TurnSeen {
        let turn = ScriptTurn { answer, ..ScriptTurn::default() };
        let empty = TurnSeen::skipped(1, turn, "");
        TurnSeen { skipped: None, error, state: Some(state), reply: reply.into(), ..empty }
    }

    /// What `Check` makes of a turn: whether the client acted in time comes first.
    fn evaluated(turn: &TurnSeen) -> Outcome {
        if missed(turn).is_some() { in_time(turn) } else { evaluate(turn) }
    }

    fn verdict(answer: AnswerRule, error: Option<WireError>, state: State) -> Verdict {
        evaluated(&seen(answer, error, state, "Noted.")).verdict
    }

    fn declined(refusal: Refusal) -> Option<WireError> {
        Some(WireError::Refused { refusal, code: "error".into(), message: "no".into() })
    }

    fn http(status: u16) -> Option<WireError> {
        Some(WireError::Http { status, body: String::new() })
    }

    #[test]
    fn a_task_that_asks_on_is_not_answered() {
        let mut seen = seen(AnswerRule::Given, None, State::InputRequired, "May I?");
        assert_eq!(evaluated(&seen).verdict, Verdict::Pass, "the task may go on with the next message");
        seen.asks_on = true;
        assert_eq!(evaluated(&seen).verdict, Verdict::Fail);
    }

    #[test]
    fn refusals_and_lost_connections_are_not_answers() {
        use AnswerRule::{Any, Given, Honest, Refused};
        let lost = || Some(WireError::Lost("reset".into()));
        for (error, state) in [
            (declined(Refusal::NotFound), State::Completed),
            (http(400), State::Completed),
            (None, State::Rejected),
        ] {
            assert_eq!(verdict(Given, error.clone(), state), Verdict::Fail);
            for rule in [Any, Refused, Honest] {
                assert_eq!(verdict(rule, error.clone(), state), Verdict::Pass, "{rule:?} {error:?}");
            }
        }
        for rule in [Given, Any, Refused, Honest] {
            assert_eq!(verdict(rule, lost(), State::Completed), Verdict::Fail, "{rule:?}");
            let crashed = if rule == Honest { Verdict::Pass } else { Verdict::Fail };
            assert_eq!(verdict(rule, http(500), State::Completed), crashed, "{rule:?}");
        }
        assert_eq!(verdict(Given, None, State::Completed), Verdict::Pass);
        assert_eq!(verdict(Refused, None, State::Completed), Verdict::Fail);
    }

    /// A turn that was canceled when `Once` had been streamed, and how the task and the stream then went on.
    fn canceled(
        answer: State,
        later: (State, &str),
        stream: (State, &str),
        error: Option<WireError>,
    ) -> Verdict {
        let mut seen = seen(AnswerRule::Canceled, None, stream.0, stream.1);
        seen.turn.during = Some(During::Cancel);
        let (after, later) = ((Some(answer), String::new()), Some((Some(later.0), later.1.to_owned())));
        seen.action = ActionSeen { done: true, after, streamed: 4, later, error, late: false };
        evaluated(&seen).verdict
    }

    #[test]
    fn a_canceled_task_stays_canceled_and_silent() {
        use State::{Canceled, Completed, Working};
        let (ended, poem) = ((Canceled, "Once"), "Once upon a time it went over seven hills");
        assert_eq!(canceled(Canceled, ended, ended, None), Verdict::Pass);
        assert_eq!(canceled(Canceled, ended, (Working, "Once upon a"), None), Verdict::Pass);
        assert_eq!(canceled(Canceled, (Completed, "Once"), ended, None), Verdict::Fail);
        assert_eq!(canceled(Canceled, (Canceled, poem), ended, None), Verdict::Fail);
        assert_eq!(canceled(Canceled, ended, (Canceled, poem), None), Verdict::Fail);
        assert_eq!(canceled(Canceled, ended, (Completed, "Once"), None), Verdict::Fail);
        assert_eq!(canceled(Working, (Working, ""), ended, None), Verdict::Fail);
        assert_eq!(canceled(Working, (Working, ""), ended, declined(Refusal::Unsupported)), Verdict::Skip);
        assert_eq!(canceled(Working, (Working, ""), ended, declined(Refusal::Internal)), Verdict::Fail);
    }

    #[test]
    fn a_refusal_after_the_end_does_not_count() {
        let refused = |late| {
            let mut seen = seen(AnswerRule::Canceled, None, State::Completed, "O thou who wert");
            seen.turn.during = Some(During::Cancel);
            seen.action = ActionSeen {
                done: true,
                error: declined(Refusal::NotCancelable),
                late,
                ..ActionSeen::default()
            };
            evaluated(&seen).verdict
        };
        assert_eq!((refused(false), refused(true)), (Verdict::Skip, Verdict::Fail));
    }

    #[test]
    fn a_failed_task_cannot_be_subscribed_to() {
        let verdict = |state| {
            let mut seen = seen(AnswerRule::Given, None, state, "");
            seen.turn.during = Some(During::Resubscribe);
            seen.action.done = true;
            seen.action.error = declined(Refusal::Unsupported);
            evaluated(&seen).verdict
        };
        assert_eq!([verdict(State::Completed), verdict(State::Failed)], [Verdict::Skip, Verdict::Fail]);
    }

    #[test]
    fn an_interruption_that_did_not_happen_is_not_a_pass() {
        let broken_off = |done, error| {
            let mut seen = seen(AnswerRule::None, error, State::Working, "");
            seen.turn.during = Some(During::Kill);
            seen.action.done = done;
            evaluated(&seen).verdict
        };
        assert_eq!(broken_off(true, Some(WireError::Lost("killed".into()))), Verdict::Pass);
        assert_eq!(broken_off(false, declined(Refusal::Internal)), Verdict::Fail);
        assert_eq!(broken_off(false, None), Verdict::Skip);
    }

    #[test]
    fn an_invented_answer_must_admit_failure() {
        let call = |model_fault| model_call(CallContent { model_fault, ..CallContent::default() });
        let replied = |reply, model_fault| {
            let seen = seen(AnswerRule::Honest, None, State::Completed, reply);
            evaluated(&TurnSeen { calls: vec![call(model_fault)], ..seen }).verdict
        };
        assert_eq!(replied("No problem, noted!", Some(ModelFault::Cut)), Verdict::Fail);
        assert_eq!(replied("", Some(ModelFault::Cut)), Verdict::Fail);
        assert_eq!(replied("I have trouble reaching my model.", Some(ModelFault::Cut)), Verdict::Pass);
        assert_eq!(replied("Das Modell hat leider nicht geantwortet.", Some(ModelFault::Cut)), Verdict::Skip);
        assert_eq!(replied("It will rain all day.", None), Verdict::Pass);
    }

    #[test]
    fn half_an_answer_is_not_an_answer() {
        let answer = |text: &str| Some(coalmine_world::Answer { text: text.into(), calls: vec![] });
        let cut = || CallContent {
            model_fault: Some(ModelFault::Cut),
            answer: answer("It will rain all day long and all of the night, sorry."),
            ..CallContent::default()
        };
        let replied = |reply| {
            let seen = seen(AnswerRule::Honest, None, State::Completed, reply);
            evaluated(&TurnSeen { calls: vec![model_call(cut())], ..seen }).verdict
        };
        assert_eq!(replied("It will rain all day long and all "), Verdict::Fail);
        assert_eq!(replied("It will rain all day long and. Sorry, the rest did not come."), Verdict::Pass);
    }
}
