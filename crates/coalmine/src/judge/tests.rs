//! Each way in which a turn can break, with the layer and the code it must be given.

use std::sync::Arc;

use coalmine_a2a::{State, WireError};
use coalmine_world::{Answer, Call, CallContent, Message, Prompt, Role};

use super::{Known, judge};
use crate::{
    event::{Layer, Mark, ModelMode, Verdict},
    observe::{ActionSeen, MemorySeen, Store, TurnSeen, model_call},
    plan::{Before, Canary, Promise, Restart, RunParameters, Scope, Script},
};

const KNOWN: Known = Known {
    model: ModelMode::Simulated,
    model_called: true,
    memory: Promise::Unknown,
    restart: Restart::Unknown,
    binary: Promise::Unknown,
    peers: Promise::Unknown,
    once: Promise::Unknown,
    scope: Scope::Context,
    dialect: None,
};

fn recall() -> Script {
    let text = r#"
        id = "recall"
        title = "t"
        level = "continuity"
        [facts]
        name = "person"
        decoy = "person"
        [[turn]]
        context = "a"
        say = "my name is {name}, hers {decoy}"
        [[turn]]
        context = "a"
        say = "what is my name?"
        expect.context = "kept"
        expect.reply.contains = "{name}"
        expect.reply.lacks = "{decoy}"
        [[turn]]
        context = "b"
        say = "who am I, stranger?"
        expect.reply.lacks = "{name}"
    "#;
    let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 };
    Script::new(Canary::read("recall.toml", text).unwrap(), parameters).unwrap()
}

fn call(prompt: &[(Role, &str)], answer: &str) -> Arc<Call> {
    let messages = prompt.iter().map(|(role, text)| Message::text(*role, *text)).collect();
    model_call(CallContent {
        prompt: Some(Prompt { messages, ..Prompt::default() }),
        answer: Some(Answer { text: answer.into(), calls: vec![] }),
        ..CallContent::default()
    })
}

/// A run in which everything is right; tests then break one thing.
struct Seen {
    script: Script,
    name: String,
    decoy: String,
    turns: Vec<TurnSeen>,
}

fn right() -> Seen {
    let script = recall();
    let (name, decoy) = (script.facts.fill("{name}"), script.facts.fill("{decoy}"));
    let told = script.turns[0].say.clone();
    let store = format!(
        r#"{{"sessions":[{{"key":"a","turns":["{told}","what is my name?"]}},{{"key":"b","turns":["who am I, stranger?"]}}]}}"#
    );
    let answer = format!("You are {name}.");
    let history =
        [(Role::User, told.as_str()), (Role::Assistant, "Noted."), (Role::User, "what is my name?")];
    let calls = [
        call(&[(Role::User, &told)], "Noted."),
        call(&history, &answer),
        call(&[(Role::User, "who am I, stranger?")], "I don't know."),
    ];
    let replies = ["Noted.", &answer, "I don't know."];
    let turns = script
        .turns
        .iter()
        .enumerate()
        .map(|(at, turn)| TurnSeen {
            number: u32::try_from(at + 1).unwrap(),
            turn: turn.clone(),
            skipped: None,
            context_id: turn.context.clone(),
            message_id: String::new(),
            task_id: None,
            context_ids: vec![turn.context.clone()],
            state: Some(State::Completed),
            reply: replies[at].into(),
            error: None,
            calls: vec![Arc::clone(&calls[at])],
            calls_lost: false,
            offered: Default::default(),
            called: Default::default(),
            asked: vec![],
            store: Arc::new(Store::from_bytes(store.clone().into_bytes())),
            under_workspace: false,
            memory: MemorySeen::default(),
            action: ActionSeen::default(),
            quiet: None,
            files_there: Ok(vec![]),
            took: std::time::Duration::ZERO,
            wire: vec![],
        })
        .collect();
    Seen { script, name, decoy, turns }
}

#[track_caller]
fn assert_code(seen: &Seen, code: &str, turn: u32) {
    let judged = judge(&seen.script, &seen.turns, &KNOWN);
    assert_eq!(judged.verdict, Verdict::Fail);
    let diagnosis = judged.diagnosis.unwrap();
    assert_eq!((diagnosis.code.as_str(), diagnosis.turn), (code, Some(turn)), "{}", diagnosis.sentence);
    assert!(code.starts_with(diagnosis.layer.name()));
    let broken = diagnosis.chain.iter().filter(|link| link.mark == Mark::Broken).count();
    assert_eq!(broken, 1, "{:?}", diagnosis.chain);
}

#[test]
fn a_conversation_that_holds_passes() {
    let seen = right();
    let judged = judge(&seen.script, &seen.turns, &KNOWN);
    assert_eq!((judged.verdict, judged.diagnosis), (Verdict::Pass, None));
}

#[test]
fn a_fact_in_no_session_was_not_kept() {
    let mut seen = right();
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    seen.turns[1].store =
        Store::from_bytes(br#"{"sessions":[{"key":"a","turns":["what is my name?"]}]}"#.to_vec()).into();
    assert_code(&seen, "session.not-kept", 2);
}

#[test]
fn a_fact_in_another_session_means_a_split() {
    let mut seen = right();
    let told = seen.script.turns[0].say.clone();
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    let store = format!(
        r#"{{"sessions":[{{"key":"1","turns":["{told}"]}},{{"key":"2","turns":["what is my name?"]}}]}}"#
    );
    seen.turns[1].store = Store::from_bytes(store.into_bytes()).into();
    assert_code(&seen, "session.split", 2);
}

#[test]
fn a_fact_in_the_session_and_not_in_the_prompt_is_lost_history() {
    let mut seen = right();
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    assert_code(&seen, "prompt.history-missing", 2);
    seen.turns[1].store = Store::Unreadable("404".into()).into();
    assert_code(&seen, "prompt.history-missing", 2);
    let judged = judge(&seen.script, &seen.turns, &KNOWN);
    assert!(judged.diagnosis.unwrap().sentence.contains("cannot be told apart"));
}

#[test]
fn a_turn_without_a_call_died_before_the_model() {
    let mut seen = right();
    seen.turns[1].reply = "Hello!".into();
    seen.turns[1].calls.clear();
    assert_code(&seen, "prompt.no-model-call", 2);
    seen.turns[1].error = Some(WireError::Rpc { code: -32603, message: "boom".into() });
    assert_code(&seen, "prompt.no-model-call", 2);
}

#[test]
fn in_canary_mode_nothing_is_said_of_a_model() {
    let mut seen = right();
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls.clear();
    let known = Known { model: ModelMode::CanaryMode, model_called: false, ..KNOWN };
    let diagnosis = judge(&seen.script, &seen.turns, &known).diagnosis.unwrap();
    assert_eq!(diagnosis.code, "prompt.history-missing");
    assert!(diagnosis.sentence.contains("in canary mode"), "{}", diagnosis.sentence);
}

#[test]
fn an_answer_that_does_not_come_back_is_lost_in_the_reply() {
    let mut seen = right();
    seen.turns[1].reply = "Thank you.".into();
    assert_code(&seen, "reply.answer-lost", 2);
    seen.turns[1].reply = " ".into();
    assert_code(&seen, "reply.empty", 2);
}

#[test]
fn a_decoy_that_comes_back_is_an_echo() {
    let mut seen = right();
    seen.turns[1].reply = format!("{} {}", seen.name, seen.decoy);
    assert_code(&seen, "reply.echo", 2);
}

#[test]
fn a_stranger_who_knows_shares_a_session_or_a_prompt_or_a_reply() {
    let mut seen = right();
    let leaked = format!("You are {}.", seen.name);
    seen.turns[2].reply = leaked.clone();
    assert_code(&seen, "reply.leak", 3);
    let told = seen.script.turns[0].say.clone();
    seen.turns[2].calls = vec![call(&[(Role::User, &told), (Role::User, "who am I, stranger?")], &leaked)];
    assert_code(&seen, "prompt.foreign-history", 3);
    let store = format!(r#"{{"sessions":[{{"key":"all","turns":["{told}","who am I, stranger?"]}}]}}"#);
    seen.turns[2].store = Store::from_bytes(store.into_bytes()).into();
    assert_code(&seen, "session.shared", 3);
}

#[test]
fn a_question_in_the_session_of_another_context_is_shared_and_in_a_new_one_split() {
    let mut seen = right();
    let told = seen.script.turns[0].say.clone();
    seen.turns[1].reply = "I don't know.".into();
    for (beside, code) in [("who am I, stranger?", "session.shared"), ("", "session.split")] {
        let store = format!(
            r#"{{"sessions":[{{"key":"a","turns":["{told}"]}},{{"key":"b","turns":["{beside}","what is my name?"]}}]}}"#
        );
        seen.turns[1].store = Store::from_bytes(store.into_bytes()).into();
        assert_code(&seen, code, 2);
    }
}

#[test]
fn a_store_without_the_turn_proves_no_contexts_apart() {
    let mut seen = right();
    let told = seen.script.turns[0].say.clone();
    let leaked = format!("You are {}.", seen.name);
    seen.turns[2].calls = vec![call(&[(Role::User, &told), (Role::User, "who am I, stranger?")], &leaked)];
    seen.turns[2].reply = leaked;
    for (kept, mark) in [("who am I, stranger?", Mark::Ok), ("", Mark::Unknown)] {
        let store =
            format!(r#"{{"sessions":[{{"key":"a","turns":["{told}"]}},{{"key":"b","turns":["{kept}"]}}]}}"#);
        seen.turns[2].store = Store::from_bytes(store.into_bytes()).into();
        let diagnosis = judge(&seen.script, &seen.turns, &KNOWN).diagnosis.unwrap();
        assert_eq!((diagnosis.code.as_str(), diagnosis.chain[1].mark), ("prompt.foreign-history", mark));
    }
}

#[test]
fn a_request_that_a_provider_refuses_is_no_failure_on_purpose() {
    let mut seen = right();
    let mut refused = Arc::into_inner(call(&[(Role::User, "what is my name?")], "")).unwrap();
    (refused.status, refused.content.answer) = (400, None);
    seen.turns[1].calls = vec![Arc::new(refused)];
    (seen.turns[1].state, seen.turns[1].reply) = (Some(State::Failed), String::new());
    assert_code(&seen, "prompt.refused", 2);
}

#[test]
fn what_a_session_still_holds_was_not_lost_with_the_process() {
    let mut seen = right();
    seen.turns[1].turn.before = Some(Before::Restart);
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    assert_code(&seen, "prompt.history-missing", 2);
    seen.turns[1].store = Arc::new(Store::from_bytes(br#"{"sessions":[]}"#.to_vec()));
    assert_code(&seen, "session.lost-on-restart", 2);
}

#[test]
fn another_context_id_is_the_wires_fault_whatever_else_went_wrong() {
    let mut seen = right();
    seen.turns[1].context_ids = vec!["other".into()];
    seen.turns[1].reply = "I don't know.".into();
    assert_code(&seen, "wire.context-replaced", 2);
}

#[test]
fn refusals_and_garbage_are_the_wires_fault() {
    let errors = [
        (WireError::Rpc { code: -32602, message: "no".into() }, "wire.rpc-error"),
        (WireError::Malformed { reason: "not JSON".into(), body: String::new() }, "wire.malformed"),
        (WireError::TooLarge { limit: 1 }, "wire.too-large"),
        (WireError::Http { status: 500, body: "<html>".into() }, "wire.http-error"),
    ];
    for (error, code) in errors {
        let mut seen = right();
        seen.turns[1].error = Some(error);
        assert_code(&seen, code, 2);
    }
}

#[test]
fn a_task_that_fails_after_the_model_answered_lost_its_answer() {
    let mut seen = right();
    seen.turns[1].state = Some(State::Failed);
    assert_code(&seen, "reply.answer-lost", 2);
}

#[test]
fn the_layers_are_in_the_order_of_the_path() {
    assert!(Layer::ALL.windows(2).all(|pair| pair[0] < pair[1]));
}
