//! Why a turn was not answered as it should be: how far did it come?

use coalmine_a2a::{State, WireError};
use coalmine_world::{Call, ModelFault};

use super::answered;
use crate::{
    event::{Code, Diagnosis, Step},
    judge::{
        case::Case,
        empty_prompt,
        loss::disruption,
        path::{Break, FactPath, short},
    },
    observe::{TurnSeen, gets_out},
    plan::{AnswerRule, During, SendContext, SendTask},
};

/// Finds where a turn broke that was not answered as it should be.
pub(in crate::judge) fn cause(case: Case<'_>, turn: &TurnSeen) -> Diagnosis {
    if let Some(broke) = against_the_rules(turn).or_else(|| disruption::refused(case, turn)) {
        return broke.after_sending(turn);
    }
    let failure = Failure::of(turn);
    if !failure.inside {
        return Break::new(failure.code, Step::Sent, failure.sentence).on_sending(turn);
    }
    let mut path = FactPath::sent();
    // a call without this turn's words was made for another turn, or by the runtime on its own
    let broke = if turn.calls.is_empty() || !has_called_model(turn) {
        before_the_model(case, turn, failure)
    } else {
        with_the_model(&mut path, case, turn, &failure.sentence)
    };
    path.diagnosis(broke, turn)
}

/// How a turn failed, as the client sees it.
struct Failure {
    code: Code,
    sentence: String,
    /// Whether the runtime accepted the message and broke while working on it, so that the journal shows how far it came.
    inside: bool,
}

impl Failure {
    fn of(turn: &TurnSeen) -> Self {
        if let Some(error) = &turn.error {
            return Self { code: code(error, turn), sentence: error.to_string(), inside: died_inside(error) };
        }
        let Some(state) = turn.state.filter(|state| state.is_refusal()) else {
            let sentence = "the turn did not end as it should".into();
            return Self { code: Code::WireTaskFailed, sentence, inside: false };
        };
        let said = if turn.reply.is_empty() { "without a message" } else { &turn.reply };
        let sentence = format!("the task ended as `{}`: {said}", state.name());
        Self { code: Code::WireTaskFailed, sentence, inside: true }
    }
}

/// Returns the break of a turn that never called the model.
fn before_the_model(case: Case<'_>, turn: &TurnSeen, Failure { code, sentence, .. }: Failure) -> Break {
    if is_locked(case, turn) {
        let sentence = format!(
            "the context stopped accepting messages after an earlier turn was interrupted: {sentence}"
        );
        return Break::new(Code::SessionLocked, Step::Store, sentence);
    }
    if !case.known.model_called {
        return Break::new(code, Step::Sent, sentence);
    }
    let empty = empty_prompt::marker(&sentence).is_some();
    let code = if empty { Code::PromptEmptyPrompt } else { Code::PromptNoModelCall };
    Break::new(code, Step::Prompt, format!("the turn failed before the model was called: {sentence}"))
}

/// Returns whether a prompt of the turn held what the user said in it.
fn has_called_model(turn: &TurnSeen) -> bool {
    let said = turn.turn.say.trim();
    said.is_empty() || turn.prompted(said) || turn.prompts().next().is_none()
}

/// Returns the break of a turn that called the model.
fn with_the_model(path: &mut FactPath, case: Case<'_>, turn: &TurnSeen, sentence: &str) -> Break {
    if gave_up_on_model(turn) {
        let sentence = format!("the runtime timed out waiting for a slow model: {sentence}");
        return Break::new(Code::PromptModelTimeout, Step::Prompt, sentence);
    }
    if let Some(why) = refused_by_model(turn) {
        let sentence = format!("the model's provider refused the runtime's request ({why}): {sentence}");
        return Break::new(Code::PromptRefused, Step::Prompt, sentence);
    }
    path.ok(Step::Prompt, "the model was called");
    if !turn.calls.iter().any(|call| gets_out(call)) {
        let sentence = format!("an injected model failure left the turn without an answer: {sentence}");
        return Break::new(Code::ReplyModelFailed, Step::Answer, sentence);
    }
    let Some(answer) = turn.last_answer() else {
        let sentence = format!("the turn failed during a tool call: {sentence}");
        return Break::new(Code::ToolResultMissing, Step::Tool, sentence);
    };
    path.ok(Step::Answer, format!("the model answered: {answer}"));
    if has_rival(case, turn) {
        let sentence = format!(
            "the message was refused after the model had answered, because another message of the conversation was being \
             handled: {sentence}"
        );
        return Break::new(Code::SessionConflict, Step::Store, sentence);
    }
    let sentence = format!("the model answered, but the client got an error: {sentence}");
    Break::new(Code::ReplyAnswerLost, Step::Reply, sentence)
}

/// Returns the break of an answer that should not have been given.
fn against_the_rules(turn: &TurnSeen) -> Option<Break> {
    match turn.turn.answer {
        _ if turn.asks_on => Some(approval_ignored(turn)),
        AnswerRule::Refused if turn.error.is_none() => Some(not_refused(turn)),
        AnswerRule::Honest if turn.error.is_none() && answered::is_hidden_failure(turn) => {
            let reply = short(&turn.reply);
            let sentence = format!("the model never answered, but the turn ended as if it had: {reply}");
            Some(Break::new(Code::ReplyFailureHidden, Step::Reply, sentence))
        }
        AnswerRule::Canceled if turn.action.done => Some(cancel_ignored(turn)),
        _ if turn.turn.during == Some(During::Resubscribe)
            && turn.action.done
            && !gave_up(turn)
            && !answered::has_failed(turn) =>
        {
            let cause = turn.error.as_ref().map_or("nothing came".to_owned(), ToString::to_string);
            let sentence =
                format!("a client resubscribed to a running task and did not get its answer: {cause}");
            Some(Break::new(Code::WireResubscribeFailed, Step::Sent, sentence))
        }
        _ => None,
    }
}

/// Returns the break if a task asks for the user's approval again and again.
fn approval_ignored(turn: &TurnSeen) -> Break {
    let sentence = format!(
        "the task waits for the user (`input-required`) and asks again although it was approved {} times: {}",
        turn.approved.len(),
        short(&turn.reply)
    );
    Break::new(Code::WireApprovalIgnored, Step::Sent, sentence)
}

/// Returns the break if a message was answered that must be refused.
fn not_refused(turn: &TurnSeen) -> Break {
    let (code, what) = match (turn.turn.send.task, turn.turn.send.context) {
        (SendTask::Waiting, _) => (Code::WireNotRefused, "a message that must be refused was answered"),
        (_, SendContext::Foreign) => {
            (Code::WireMismatchAccepted, "a taskId was accepted with the contextId of another conversation")
        }
        _ => (Code::WireFinishedTaskAccepted, "a message to a finished task was accepted"),
    };
    Break::new(code, Step::Sent, format!("{what}: {}", short(&turn.reply)))
}

/// Returns the break if a canceled task went on.
fn cancel_ignored(turn: &TurnSeen) -> Break {
    if answered::left_stream_open(turn) {
        let sentence =
            "the task was canceled, but its stream stayed open without an end: the user's screen hangs";
        return Break::new(Code::WireStreamLeftOpen, Step::Sent, sentence);
    }
    let (state, text) = turn.action.last();
    let refusal = turn.action.error.as_ref().map_or(String::new(), |error| format!(" ({error})"));
    let end = match (*state, turn.state) {
        (Some(State::Canceled), Some(State::Completed)) => {
            "it reports `canceled`, but its stream went on to `completed`".to_owned()
        }
        (Some(State::Canceled), _) => "it reports `canceled`, but went on talking".to_owned(),
        (None, Some(state)) if turn.action.late => {
            format!("it ran to `{}` before the cancellation was handled", state.name())
        }
        (state, _) => format!("it ended as `{}`", state.map_or("unknown", State::name)),
    };
    let text = if text.len() > turn.reply.len() { text } else { &turn.reply };
    let sentence = format!("the task was canceled{refusal}, but did not stop: {end}: {}", short(text));
    Break::new(Code::WireCancelIgnored, Step::Sent, sentence)
}

/// Returns why the provider refused, if it refused every call of the turn and no injected fault made it.
fn refused_by_model(turn: &TurnSeen) -> Option<&str> {
    let refused = |call: &Call| (400..500).contains(&call.status) && call.content.model_fault.is_none();
    let all = turn.calls.iter().all(|call| refused(call));
    let last = turn.calls.last().filter(|_| all)?;
    Some(last.content.note.as_deref().unwrap_or("the request is malformed"))
}

/// Returns whether the runtime stopped waiting for a slow model before its answer was complete.
fn gave_up_on_model(turn: &TurnSeen) -> bool {
    let is_slow = |call: &Call| call.content.model_fault.is_some_and(ModelFault::is_slow);
    turn.calls.iter().any(|call| is_slow(call) && (call.was_abandoned() || call.is_in_flight()))
}

/// Returns whether a turn failed because the model was slow.
fn gave_up(turn: &TurnSeen) -> bool {
    gave_up_on_model(turn) && matches!(turn.state, Some(State::Failed | State::Rejected))
}

/// Returns whether another message of the same conversation was sent at the same time.
fn has_rival(case: Case<'_>, turn: &TurnSeen) -> bool {
    turn.turn.parallel.is_some()
        && case.turns.iter().any(|other| {
            other.number != turn.number
                && other.turn.context == turn.turn.context
                && other.turn.parallel == turn.turn.parallel
        })
}

/// Returns whether an earlier turn of the context was interrupted and this one never began.
fn is_locked(case: Case<'_>, turn: &TurnSeen) -> bool {
    let interrupted =
        |other: &TurnSeen| (other.turn.during.is_some() && other.action.done) || other.error.is_some();
    let waits = matches!(turn.error, Some(WireError::Timeout { .. } | WireError::NotFinished { .. }));
    let is_earlier =
        |other: &&TurnSeen| other.number < turn.number && other.turn.context == turn.turn.context;
    waits && case.turns.iter().filter(is_earlier).any(interrupted)
}

fn code(error: &WireError, turn: &TurnSeen) -> Code {
    match error {
        WireError::StreamEnded(_) => Code::WireStreamBroken,
        WireError::Lost(_) if turn.turn.send.stream => Code::WireStreamBroken,
        // only a card names an address that no client could use
        WireError::Address(_) => Code::WireCardInvalid,
        WireError::Connect(_) | WireError::Lost(_) => Code::WireConnectionLost,
        WireError::Timeout { .. } => Code::WireTimeout,
        WireError::TooLarge { .. } => Code::WireTooLarge,
        WireError::Http { .. } => Code::WireHttpError,
        WireError::Malformed { .. } => Code::WireMalformed,
        WireError::Refused { .. } => Code::WireRpcError,
        WireError::NotFinished { .. } => Code::WireNotFinished,
    }
}

/// Returns whether the runtime failed while working on the message, which no refusal named by the specification says.
fn died_inside(error: &WireError) -> bool {
    match error {
        WireError::Refused { refusal, .. } => !refusal.is_specified(),
        WireError::NotFinished { .. } | WireError::Timeout { .. } => true,
        _ => false,
    }
}
