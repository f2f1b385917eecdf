//! Not wired is not broken: a runtime that never calls the model was not pointed at the world.

use coalmine_a2a::{Card, Dialect, WireError};

use super::{RunContext, turn::TurnGroup};
use crate::{
    event::{Code, Diagnosis, Layer},
    observe::{Attempt, CanaryRun, Concurrency, TurnSeen},
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
    matches!(
        turn.error,
        Some(
            WireError::Malformed { .. }
                | WireError::TooLarge { .. }
                | WireError::Lost(_)
                | WireError::Address(_)
        )
    )
}

/// Says something simple, in a conversation of its own.
pub(super) async fn say_hello(context: &RunContext<'_>) -> Option<TurnSeen> {
    let hello =
        ScriptTurn { context: "hello".into(), say: "Hello, are you there?".into(), ..ScriptTurn::default() };
    let (concurrency, attempt) = (Concurrency::Alone, Attempt::Verdict);
    let run = CanaryRun { canary: "wiring", round: context.next_hello(), concurrency, attempt };
    TurnGroup { context, run, numbers: vec![1], turns: vec![&hello] }.take().await.pop()
}

fn diagnose(context: &RunContext<'_>, plain: &TurnSeen) -> Diagnosis {
    if let Some(error @ WireError::Http { status: status @ 400..500, .. }) = &plain.error {
        return refused(error, *status);
    }
    if let Some(error) = plain.error.as_ref().filter(|error| error.refuses_dialect())
        && let Some(endpoint) = context.conversations.endpoint()
    {
        return dialect_refused(error, endpoint.dialect, &context.runtime.ready.card);
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

/// Returns the diagnosis for a runtime that does not speak the dialect of the turns.
fn dialect_refused(error: &WireError, spoken: Dialect, card: &Card) -> Diagnosis {
    let method = match spoken {
        Dialect::V0_3 => "message/send",
        Dialect::V1_0 => "SendMessage",
    };
    let offered = match card.interface(spoken.other()) {
        Some(_) if card.interface(spoken).is_none() => format!("; its card offers {}", spoken.other().name()),
        _ => String::new(),
    };
    let sentence = format!("the runtime does not know `{method}` of A2A {}{offered}: {error}", spoken.name());
    let mut diagnosis = Diagnosis::new(Code::WireRpcError, sentence);
    diagnosis.hint = Some(format!(
        "run without `--dialect` and `dialect`, or with `--dialect {}`, if the runtime speaks that alone",
        spoken.other().name()
    ));
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
    use coalmine_a2a::Refusal;

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
    fn refused_dialect_is_named_with_the_one_that_the_card_offers() {
        let interface =
            serde_json::json!({"url": "http://h/", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"});
        let card = Card::parse(serde_json::json!({"name": "t", "supportedInterfaces": [interface]})).unwrap();
        let (refusal, code) = (Refusal::MethodNotFound, "JSON-RPC error -32601".to_owned());
        let error = WireError::Refused { refusal, code, message: "Method not found".into() };
        let diagnosis = dialect_refused(&error, Dialect::V0_3, &card);
        assert_eq!(diagnosis.code, Code::WireRpcError);
        assert_eq!(
            diagnosis.sentence,
            "the runtime does not know `message/send` of A2A 0.3; its card offers 1.0: JSON-RPC error -32601: Method not found"
        );
    }

    #[test]
    fn lost_answer_is_garbled_and_a_refusal_is_not() {
        assert!(is_garbled(&turn(Some(WireError::Lost("reset".into())))));
        assert!(!is_garbled(&turn(Some(WireError::Http { status: 503, body: String::new() }))));
        assert!(!is_garbled(&turn(None)));
    }
}
