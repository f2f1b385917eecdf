//! Not wired is not broken: a runtime that never calls the model was not pointed at the world.

use coalmine_a2a::WireError;

use super::{RunContext, turn::TurnGroup};
use crate::{
    event::{Code, Diagnosis, Layer},
    observe::{CanaryRun, Concurrency, TurnSeen},
    plan::ScriptTurn,
};

/// The most characters of an answer that are quoted.
const MAX_QUOTED: usize = 300;

/// Returns why nothing can be judged if the model was never called; `None` if it was, or if the answers
/// themselves are broken.
pub(super) async fn not_wired(context: &RunContext<'_>, seen: &[TurnSeen]) -> Option<Diagnosis> {
    if context.observer.model_called()
        || seen.iter().all(|turn| turn.skipped.is_some())
        || seen.iter().any(is_garbled)
    {
        return None;
    }
    let worded = seen.iter().find(|turn| turn.skipped.is_none() && !turn.turn.say.is_empty());
    let plain = match worded.filter(|turn| turn.turn.is_plain()) {
        Some(turn) => turn.clone(),
        // a runtime may treat files in a way of its own: ask with plain words before deciding anything
        None => say_hello(context).await?,
    };
    if context.observer.model_called() || context.ended().is_some() {
        return context.ended();
    }
    if is_garbled(&plain) { None } else { Some(diagnose(context, &plain)) }
}

/// Returns whether an answer is garbage, which is wrong whether or not the model was called.
fn is_garbled(turn: &TurnSeen) -> bool {
    matches!(turn.error, Some(WireError::Malformed { .. } | WireError::TooLarge { .. } | WireError::Lost(_)))
}

/// Says something simple, in a conversation of its own.
async fn say_hello(context: &RunContext<'_>) -> Option<TurnSeen> {
    let hello =
        ScriptTurn { context: "hello".into(), say: "Hello, are you there?".into(), ..ScriptTurn::default() };
    let run = CanaryRun { canary: "wiring", round: 1, concurrency: Concurrency::Alone };
    TurnGroup { context, run, numbers: vec![1], turns: vec![&hello] }.take().await.pop()
}

fn diagnose(context: &RunContext<'_>, plain: &TurnSeen) -> Diagnosis {
    if let Some(error @ WireError::Http { status: status @ 400..500, .. }) = &plain.error {
        return refused(error, *status);
    }
    let mut diagnosis = Diagnosis::new(
        Code::BootModelNotWired,
        "the runtime never called the simulated model, so whether it remembers cannot be judged",
    );
    diagnosis.cause = Some(cause(plain, &context.observer.unserved_calls()));
    diagnosis.hint = Some(context.options.target.wiring_hint(context.options.world.as_ref()));
    diagnosis
}

/// Returns the diagnosis for a runtime that refuses every turn.
fn refused(error: &WireError, status: u16) -> Diagnosis {
    let mut diagnosis =
        Diagnosis::new(Code::WireHttpError, format!("the runtime refuses every turn: {error}"));
    diagnosis.layer = Layer::Wire;
    diagnosis.hint = Some(match status {
        401 | 403 => "give it credentials: `auth` in a profile".into(),
        _ => "if its JSON-RPC interface lives elsewhere, set `rpc` in a profile".into(),
    });
    diagnosis
}

/// Returns what the runtime did instead of calling the model.
fn cause(plain: &TurnSeen, unserved_calls: &[String]) -> String {
    if !unserved_calls.is_empty() {
        return format!("it called {}, which the world does not serve", unserved_calls.join(", "));
    }
    let answer = match &plain.error {
        Some(error) => error.to_string(),
        None => plain.reply.chars().take(MAX_QUOTED).collect(),
    };
    format!("its answer to \"{}\": {answer}", plain.turn.say)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(error: Option<WireError>) -> TurnSeen {
        let turn = ScriptTurn { say: "Hello.".into(), ..ScriptTurn::default() };
        TurnSeen { skipped: None, error, reply: "Hi.".into(), ..TurnSeen::skipped(1, turn, "") }
    }

    #[test]
    fn cause_names_what_the_runtime_did_instead() {
        assert_eq!(cause(&turn(None), &[]), "its answer to \"Hello.\": Hi.");
        let unserved = ["POST /v9/chat".to_owned()];
        assert_eq!(cause(&turn(None), &unserved), "it called POST /v9/chat, which the world does not serve");
    }

    #[test]
    fn lost_answer_is_garbled_and_a_refusal_is_not() {
        assert!(is_garbled(&turn(Some(WireError::Lost("reset".into())))));
        assert!(!is_garbled(&turn(Some(WireError::Http { status: 503, body: String::new() }))));
        assert!(!is_garbled(&turn(None)));
    }
}
