//! What the tests of this module share: turns and cases that are built by hand.

use std::sync::Arc;

use coalmine_a2a::State;
use coalmine_world::{Answer, Call, CallContent, Message, Prompt, Role};

use super::{
    case::{Case, Known},
    check::Check,
    outcome::Outcome,
};
use crate::{
    event::{Diagnosis, ModelMode},
    observe::{Store, TurnSeen, model_call},
    plan::{Canary, Promise, Restart, RunParameters, Scope, Script, ScriptTurn},
};

/// What is known in a run with the simulated model, under a profile that promises nothing.
pub(super) const KNOWN: Known = Known {
    model: ModelMode::Simulated,
    model_called: true,
    memory: Promise::Unknown,
    restart: Restart::Unknown,
    text: Promise::Unknown,
    text_from_card: false,
    binary: Promise::Unknown,
    peers: Promise::Unknown,
    once: Promise::Unknown,
    scope: Scope::Context,
    dialect: None,
};

/// Draws the facts of a canary that is given as text.
pub(super) fn script(text: &str) -> Script {
    let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 };
    Script::new(Canary::read("test.toml", text).unwrap(), parameters).unwrap()
}

/// A script of which only the turns that are handed to [`judged`] matter.
pub(super) fn any_script() -> Script {
    script(
        "id = \"any\"\ntitle = \"t\"\nlevel = \"continuity\"\n\
         [[turn]]\ncontext = \"a\"\nsay = \"Hello.\"\n",
    )
}

/// An answered turn of context `a` in which the user says something.
pub(super) fn turn(number: u32, say: &str) -> TurnSeen {
    turn_of(number, ScriptTurn { context: "a".into(), say: say.into(), ..ScriptTurn::default() })
}

/// An answered turn with these expectations.
pub(super) fn turn_of(number: u32, turn: ScriptTurn) -> TurnSeen {
    let context = turn.context.clone();
    TurnSeen {
        skipped: None,
        context_id: context.clone(),
        context_ids: vec![context],
        state: Some(State::Completed),
        reply: "Noted.".into(),
        store: Arc::new(Store::Unreadable("404".into())),
        ..TurnSeen::skipped(number, turn, "")
    }
}

/// A call to the model with these messages in its prompt.
pub(super) fn call(prompt: &[(Role, &str)], answer: &str) -> Arc<Call> {
    let messages = prompt.iter().map(|(role, text)| Message::text(*role, *text)).collect();
    model_call(CallContent {
        prompt: Some(Prompt { messages, ..Prompt::default() }),
        answer: Some(Answer { text: answer.into(), calls: vec![] }),
        ..CallContent::default()
    })
}

/// A session store with these sessions: key and texts.
pub(super) fn store(sessions: &[(&str, &[&str])]) -> Arc<Store> {
    let sessions: Vec<_> =
        sessions.iter().map(|(key, turns)| serde_json::json!({"key": key, "turns": turns})).collect();
    let json = serde_json::json!({"sessions": sessions});
    Arc::new(Store::from_bytes(serde_json::to_vec(&json).unwrap()))
}

/// Runs something with a case of these turns.
pub(super) fn with_case<T>(turns: &[TurnSeen], run: impl FnOnce(Case<'_>) -> T) -> T {
    run(Case { script: &any_script(), turns, known: &KNOWN })
}

/// Returns what a check makes of the last of these turns: its outcome and, if it failed, the cause.
pub(super) fn checked(turns: &[TurnSeen], check: Check<'_>) -> (Outcome, Option<Diagnosis>) {
    with_case(turns, |case| {
        let turn = turns.last().unwrap();
        let outcome = check.evaluate(case, turn);
        let failed = outcome.verdict == crate::event::Verdict::Fail;
        (outcome, check.cause(case, turn).filter(|_| failed))
    })
}
