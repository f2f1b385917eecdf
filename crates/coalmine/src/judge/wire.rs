//! Turns that brought no usable answer.

use coalmine_a2a::{State, WireError};
use coalmine_world::{Call, ModelFault};

use super::{
    Known, aftermath, answer,
    chain::{Break, Chain},
    diagnose::evidence,
    lost::short,
    markers,
};
use crate::{
    event::{Diagnosis, Step},
    observe::{TurnSeen, gets_out},
    plan::{AnswerRule, During, SendContext, SendTask},
};

/// The diagnosis of a turn that was not answered as it should be.
pub(super) fn unanswered(turn: &TurnSeen, seen: &[TurnSeen], known: &Known) -> Diagnosis {
    if let Some(broke) = against_the_rules(turn).or_else(|| aftermath::refused(turn, seen)) {
        let mut chain = Chain::default();
        chain.ok(Step::Sent, "the runtime took the message");
        return chain.diagnosis(broke, Some(turn.number), evidence(turn));
    }
    let refused = turn.state.filter(|state| state.is_refusal());
    let (code, sentence, inside) = match (&turn.error, refused) {
        (Some(error), _) => (code(error, turn), error.to_string(), died_inside(error)),
        (None, Some(state)) => {
            let said = if turn.reply.is_empty() { "without a word" } else { &turn.reply };
            ("wire.task-failed", format!("the task ended as `{}`: {said}", state.name()), true)
        }
        (None, None) => ("wire.task-failed", "the turn did not end as it should".into(), false),
    };
    let mut chain = Chain::default();
    if !inside {
        return chain.diagnosis(
            Break { code, step: Step::Sent, sentence },
            Some(turn.number),
            evidence(turn),
        );
    }
    // the runtime took the message and then broke: the journal tells how far it came
    chain.ok(Step::Sent, "the runtime took the message");
    let slow = was_slow(turn);
    let broke = match (turn.calls.is_empty(), turn.last_answer()) {
        (true, _) if is_locked(turn, seen) => Break {
            code: "session.locked",
            step: Step::Store,
            sentence: format!(
                "the context takes no more messages after a turn of it had been broken off: {sentence}"
            ),
        },
        (true, _) if known.model_called => {
            let empty = markers::empty_prompt(&sentence).is_some();
            Break {
                code: if empty { "prompt.empty-prompt" } else { "prompt.no-model-call" },
                step: Step::Prompt,
                sentence: format!("the turn died before the model was called: {sentence}"),
            }
        }
        (true, _) => Break { code, step: Step::Sent, sentence },
        (false, _) if slow => Break {
            code: "prompt.model-timeout",
            step: Step::Prompt,
            sentence: format!("the model was slow, and the runtime gave it up: {sentence}"),
        },
        (false, _) if let Some(why) = refused_by_model(turn) => Break {
            code: "prompt.refused",
            step: Step::Prompt,
            sentence: format!("a model provider refuses what the runtime sends ({why}): {sentence}"),
        },
        (false, _) if !turn.calls.iter().any(|call| gets_out(call)) => {
            chain.ok(Step::Prompt, "the model was called");
            Break {
                code: "reply.model-failed",
                step: Step::Answer,
                sentence: format!("the model failed on purpose, and the turn brought no answer: {sentence}"),
            }
        }
        (false, Some(answer)) => {
            chain.ok(Step::Prompt, "the model was called");
            chain.ok(Step::Answer, format!("the model answered: {answer}"));
            Break {
                code: "reply.answer-lost",
                step: Step::Reply,
                sentence: format!("the model answered, but what came back is an error: {sentence}"),
            }
        }
        (false, None) => {
            chain.ok(Step::Prompt, "the model was called");
            Break {
                code: "tool.result-missing",
                step: Step::Tool,
                sentence: format!("the turn died in a tool call: {sentence}"),
            }
        }
    };
    chain.diagnosis(broke, Some(turn.number), evidence(turn))
}

/// Answers that should not have been given.
fn against_the_rules(turn: &TurnSeen) -> Option<Break> {
    let (send, reply) = (turn.turn.send, short(&turn.reply));
    let broke = |code, step, sentence: String| Some(Break { code, step, sentence });
    match turn.turn.answer {
        AnswerRule::Refused if turn.error.is_none() => match (send.task, send.context) {
            (SendTask::Waiting, _) => broke(
                "wire.not-refused",
                Step::Sent,
                format!("a message that must be refused was answered: {reply}"),
            ),
            (_, SendContext::Foreign) => broke(
                "wire.mismatch-accepted",
                Step::Sent,
                format!("a taskId together with the contextId of another conversation was taken: {reply}"),
            ),
            _ => broke(
                "wire.finished-task-accepted",
                Step::Sent,
                format!("a message to a task that is over was taken: {reply}"),
            ),
        },
        AnswerRule::Honest if turn.error.is_none() && answer::is_hidden_failure(turn) => broke(
            "reply.failure-hidden",
            Step::Reply,
            format!("the model never got to answer, and the turn ended as if all were well: {reply}"),
        ),
        AnswerRule::Canceled if turn.action.done => {
            let (state, text) = turn.action.last();
            let cause = turn.action.error.as_ref().map_or(String::new(), |error| format!(" ({error})"));
            let end = match (*state, turn.state) {
                (Some(State::Canceled), Some(State::Completed)) => {
                    "says that it is, but its stream went on to `completed`".to_owned()
                }
                (Some(State::Canceled), _) => "says that it is, but went on talking".to_owned(),
                (None, Some(state)) if turn.action.late => {
                    format!("ran to its end as `{}` before that was looked at", state.name())
                }
                (state, _) => format!("in the end is `{}`", state.map_or("unknown", State::name)),
            };
            let text = if text.len() > turn.reply.len() { text } else { &turn.reply };
            broke(
                "wire.cancel-ignored",
                Step::Sent,
                format!("the task was canceled{cause}, and {end}: {}", short(text)),
            )
        }
        _ if turn.turn.during == Some(During::Resubscribe) && turn.action.done && !gave_up(turn) => {
            let cause = turn.error.as_ref().map_or("nothing came".to_owned(), ToString::to_string);
            broke(
                "wire.resubscribe-failed",
                Step::Sent,
                format!("the client came back to a running task and did not get its answer: {cause}"),
            )
        }
        _ => None,
    }
}

/// Why the model was not asked in a way that it answers, where it never was and nothing made it fail.
fn refused_by_model(turn: &TurnSeen) -> Option<&str> {
    let refused = |call: &Call| (400..500).contains(&call.status) && call.content.model_fault.is_none();
    let all = turn.calls.iter().all(|call| refused(call));
    let last = turn.calls.last().filter(|_| all)?;
    Some(last.content.note.as_deref().unwrap_or("a request that is malformed"))
}

/// Whether the model took its time, on purpose.
fn was_slow(turn: &TurnSeen) -> bool {
    turn.calls.iter().any(|call| call.content.model_fault.is_some_and(ModelFault::is_slow))
}

/// Whether a turn failed while the model took its time.
fn gave_up(turn: &TurnSeen) -> bool {
    was_slow(turn) && matches!(turn.state, Some(State::Failed | State::Rejected))
}

/// Whether a turn of the same context was broken off before, and this one never began.
fn is_locked(turn: &TurnSeen, seen: &[TurnSeen]) -> bool {
    let broken_off = |other: &TurnSeen| {
        other.number < turn.number
            && other.turn.context == turn.turn.context
            && (other.turn.during.is_some() && other.action.done || other.error.is_some())
    };
    let waits = matches!(turn.error, Some(WireError::Timeout { .. } | WireError::NotFinished { .. }));
    waits && seen.iter().any(broken_off)
}

/// No `contextId` came back, though the client sent none.
pub(super) fn context_missing(turn: &TurnSeen) -> Diagnosis {
    let sentence =
        "the client sent no contextId, and none came back: the conversation cannot go on".to_owned();
    let broke = Break { code: "wire.context-missing", step: Step::Sent, sentence };
    Chain::default().diagnosis(broke, Some(turn.number), evidence(turn))
}

/// Another `contextId` came back than was sent.
pub(super) fn context_replaced(turn: &TurnSeen, other: &str) -> Diagnosis {
    let sentence = format!("the client's contextId {} came back as {other}", turn.context_id);
    let broke = Break { code: "wire.context-replaced", step: Step::Sent, sentence };
    Chain::default().diagnosis(broke, Some(turn.number), evidence(turn))
}

fn code(error: &WireError, turn: &TurnSeen) -> &'static str {
    match error {
        WireError::StreamEnded(_) => "wire.stream-broken",
        WireError::Lost(_) if turn.turn.send.stream => "wire.stream-broken",
        WireError::Connect(_) | WireError::Lost(_) => "wire.connection-lost",
        WireError::Timeout { .. } => "wire.timeout",
        WireError::TooLarge { .. } => "wire.too-large",
        WireError::Http { .. } => "wire.http-error",
        WireError::Malformed { .. } => "wire.malformed",
        WireError::Rpc { .. } => "wire.rpc-error",
        WireError::NotFinished { .. } => "wire.not-finished",
    }
}

/// JSON-RPC errors of the server's own making: everything but the refusals that the specification names.
fn died_inside(error: &WireError) -> bool {
    match error {
        WireError::Rpc { code, .. } => !matches!(code, -32700 | -32602..=-32600 | -32009..=-32001),
        WireError::NotFinished { .. } | WireError::Timeout { .. } => true,
        _ => false,
    }
}
