//! Turns that brought no usable answer.

use coalmine_a2a::WireError;

use super::{
    Known,
    chain::{Break, Chain},
    diagnose::evidence,
    markers,
};
use crate::{
    event::{Diagnosis, Step},
    observe::TurnSeen,
};

/// The diagnosis of a turn without a usable answer; `None` where there is one.
pub(super) fn broken(turn: &TurnSeen, known: &Known) -> Option<Diagnosis> {
    let refused = turn.state.filter(|state| state.is_refusal());
    let (code, sentence, inside) = match (&turn.error, refused) {
        (Some(error), _) => (code(error), error.to_string(), died_inside(error)),
        (None, Some(state)) => {
            let said = if turn.reply.is_empty() { "without a word" } else { &turn.reply };
            ("wire.task-failed", format!("the task ended as `{}`: {said}", state.name()), true)
        }
        (None, None) => return None,
    };
    let mut chain = Chain::default();
    if !inside {
        return Some(chain.diagnosis(
            Break { code, step: Step::Sent, sentence },
            Some(turn.number),
            evidence(turn),
        ));
    }
    // the runtime took the message and then broke: the journal tells how far it came
    chain.ok(Step::Sent, "the runtime took the message");
    let broke = match (turn.calls.is_empty(), turn.last_answer()) {
        (true, _) if known.model_called => {
            let empty = markers::empty_prompt(&sentence).is_some() && turn.turn.say.is_empty();
            Break {
                code: if empty { "prompt.empty-prompt" } else { "prompt.no-model-call" },
                step: Step::Prompt,
                sentence: format!("the turn died before the model was called: {sentence}"),
            }
        }
        (true, _) => Break { code, step: Step::Sent, sentence },
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
    Some(chain.diagnosis(broke, Some(turn.number), evidence(turn)))
}

/// Another `contextId` came back than was sent.
pub(super) fn context_replaced(turn: &TurnSeen, other: &str) -> Diagnosis {
    let sentence = format!("the client's contextId {} came back as {other}", turn.context_id);
    let broke = Break { code: "wire.context-replaced", step: Step::Sent, sentence };
    Chain::default().diagnosis(broke, Some(turn.number), evidence(turn))
}

fn code(error: &WireError) -> &'static str {
    match error {
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
