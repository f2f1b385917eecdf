//! Whether a turn was answered as it should be: an answer, an honest error, a refusal, a task that stays canceled.

use coalmine_a2a::{State, WireError};

use crate::{
    event::Verdict,
    observe::{TurnSeen, gets_out},
    plan::{AnswerRule, During},
};

/// What is expected, how it ended, and what was seen.
pub(super) struct Answered {
    /// The name of the check.
    pub(super) id: &'static str,
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
    let told = |expected, verdict| Answered { id: "answered", expected, verdict, actual: actual.clone() };
    let test = |expected, holds| told(expected, if holds { Verdict::Pass } else { Verdict::Fail });
    if let Some(reason) = not_done(seen) {
        return Answered {
            id: "in-time",
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
            let expected = "an answer or an honest error";
            match given.then(|| owns_up(seen)) {
                None => test(expected, refused || seen.error.as_ref().is_some_and(is_honest)),
                Some(Some(honest)) => test(expected, honest),
                Some(None) => told("an answer of the model, or a word that there is none", Verdict::Skip),
            }
        }
        AnswerRule::Any => test("an answer or a refusal", given || refused),
        AnswerRule::Refused => test("the message is refused", refused),
        // what was to be broken off was, or there was nothing to break off
        AnswerRule::None => test("nothing", seen.action.done || seen.turn.during.is_none()),
        AnswerRule::Canceled => {
            let canceled = stays_canceled(seen);
            let (state, text) = seen.action.last();
            let actual = format!("{}: {text}", state.map_or("no task", State::name));
            let verdict = if canceled { Verdict::Pass } else { Verdict::Fail };
            Answered {
                id: "answered",
                expected: "the task is canceled, and nothing is added to it",
                verdict,
                actual,
            }
        }
    }
}

/// Why what the client wanted to do in the middle was not done; or why the runtime honestly does not do it.
fn not_done(seen: &TurnSeen) -> Option<String> {
    let during = seen.turn.during?;
    // a turn that went wrong by itself is judged as such
    if !seen.action.done {
        return seen.error.is_none().then(|| "the turn was over before the client got to it".to_owned());
    }
    let unsupported = match &seen.action.error {
        Some(error @ WireError::Rpc { code: -32601 | -32004 | -32002, .. }) => Some(error),
        _ => None,
    };
    match during {
        // a task that was let run to its end is over because the cancellation was not looked at
        During::Cancel if seen.action.late => None,
        During::Cancel => unsupported.map(|error| format!("the runtime refuses to cancel: {error}")),
        During::Resubscribe => {
            unsupported.map(|error| format!("the runtime takes no subscription to a task: {error}"))
        }
        During::HangUp | During::Kill => None,
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

/// An error that the client gets to see as one.
fn is_honest(error: &WireError) -> bool {
    matches!(error, WireError::Http { status: 500.., .. })
}

/// Whether the task ended as canceled, and said nothing after that.
fn stays_canceled(seen: &TurnSeen) -> bool {
    let (state, text) = seen.action.last();
    let before = seen.action.after.1.len().max(seen.action.streamed);
    let added = text.len().max(seen.reply.len()) > before + ON_ITS_WAY;
    let went_on = seen.state == Some(State::Completed);
    seen.action.error.is_none() && *state == Some(State::Canceled) && !added && !went_on
}

/// Bytes of text, a few words, that may have been on their way when a task was canceled.
const ON_ITS_WAY: usize = 24;

/// Whether a turn in which the model never got to answer is passed off as if all were well.
pub(super) fn is_hidden_failure(seen: &TurnSeen) -> bool {
    owns_up(seen) == Some(false)
}

/// Whether a reply is the model's, or says that there is none; `None` where only a person can tell.
fn owns_up(seen: &TurnSeen) -> Option<bool> {
    let answered = seen.calls.is_empty() || seen.calls.iter().any(|call| gets_out(call));
    if answered {
        return Some(true);
    }
    // what came of an answer that was cut, as if it were all
    let reply = seen.reply.trim();
    if !reply.is_empty() && seen.answered(|answer| answer.starts_with(reply)) {
        return Some(false);
    }
    if admits(reply) {
        return Some(true);
    }
    // `OK.`, or nothing at all
    (seen.reply.split_whitespace().count() <= SHORT).then_some(false)
}

/// Words in an answer that has no room to say what happened.
const SHORT: usize = 5;

/// Words with which people are told that something went wrong.
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
        observe::{ActionSeen, model_call},
        plan::ScriptTurn,
    };

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
        judge(&seen).verdict
    }

    #[test]
    fn a_canceled_task_stays_canceled_and_says_no_more() {
        use State::{Canceled, Completed, Working};
        let (ended, poem) = ((Canceled, "Once"), "Once upon a time it went over seven hills");
        assert_eq!(canceled(Canceled, ended, ended, None), Verdict::Pass);
        assert_eq!(canceled(Canceled, ended, (Working, "Once upon a"), None), Verdict::Pass);
        assert_eq!(canceled(Canceled, (Completed, "Once"), ended, None), Verdict::Fail);
        assert_eq!(canceled(Canceled, (Canceled, poem), ended, None), Verdict::Fail);
        assert_eq!(canceled(Canceled, ended, (Canceled, poem), None), Verdict::Fail);
        assert_eq!(canceled(Canceled, ended, (Completed, "Once"), None), Verdict::Fail);
        assert_eq!(canceled(Working, (Working, ""), ended, None), Verdict::Fail);
        assert_eq!(canceled(Working, (Working, ""), ended, rpc(-32004)), Verdict::Skip);
        assert_eq!(canceled(Working, (Working, ""), ended, rpc(-32603)), Verdict::Fail);
    }

    #[test]
    fn a_refusal_that_comes_when_the_task_is_done_is_none() {
        let refused = |late| {
            let mut seen = seen(AnswerRule::Canceled, None, State::Completed, "O thou who wert");
            seen.turn.during = Some(During::Cancel);
            seen.action = ActionSeen { done: true, error: rpc(-32002), late, ..ActionSeen::default() };
            judge(&seen).verdict
        };
        assert_eq!((refused(false), refused(true)), (Verdict::Skip, Verdict::Fail));
    }

    #[test]
    fn what_was_to_be_broken_off_and_was_not_is_no_pass() {
        let broken_off = |done, error| {
            let mut seen = seen(AnswerRule::None, error, State::Working, "");
            seen.turn.during = Some(During::Kill);
            seen.action.done = done;
            judge(&seen).verdict
        };
        assert_eq!(broken_off(true, Some(WireError::Lost("killed".into()))), Verdict::Pass);
        assert_eq!(broken_off(false, rpc(-32603)), Verdict::Fail);
        assert_eq!(broken_off(false, None), Verdict::Skip);
    }

    #[test]
    fn a_made_up_answer_owns_up_or_is_for_people_to_judge() {
        let call = |model_fault| model_call(CallContent { model_fault, ..CallContent::default() });
        let replied = |reply, model_fault| {
            let seen = seen(AnswerRule::Honest, None, State::Completed, reply);
            judge(&TurnSeen { calls: vec![call(model_fault)], ..seen }).verdict
        };
        assert_eq!(replied("No problem, noted!", Some(ModelFault::Cut)), Verdict::Fail);
        assert_eq!(replied("", Some(ModelFault::Cut)), Verdict::Fail);
        assert_eq!(replied("I have trouble reaching my model.", Some(ModelFault::Cut)), Verdict::Pass);
        assert_eq!(replied("Das Modell hat leider nicht geantwortet.", Some(ModelFault::Cut)), Verdict::Skip);
        assert_eq!(replied("It will rain all day.", None), Verdict::Pass);
    }

    #[test]
    fn the_beginning_of_an_answer_that_was_cut_is_no_answer() {
        let answer = |text: &str| Some(coalmine_world::Answer { text: text.into(), calls: vec![] });
        let cut = || CallContent {
            model_fault: Some(ModelFault::Cut),
            answer: answer("It will rain all day long and all of the night, sorry."),
            ..CallContent::default()
        };
        let replied = |reply| {
            let seen = seen(AnswerRule::Honest, None, State::Completed, reply);
            judge(&TurnSeen { calls: vec![model_call(cut())], ..seen }).verdict
        };
        assert_eq!(replied("It will rain all day long and all "), Verdict::Fail);
        assert_eq!(replied("It will rain all day long and. Sorry, the rest did not come."), Verdict::Pass);
    }
}
