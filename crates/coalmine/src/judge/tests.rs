//! Each way in which a turn can break, with the layer and the code it must be given.

use std::sync::Arc;

use coalmine_a2a::{Refusal, State, WireError};
use coalmine_world::{ModelFault, Role, model::SideCallKind};

use super::{
    Known, judge,
    testing::{KNOWN, call, script},
};
use crate::{
    event::{Code, Layer, Mark, ModelMode, Verdict},
    observe::{ActionSeen, Store, TurnSeen},
    plan::{AnswerRule, Before, During, Script, ScriptTurn},
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
    script(text)
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
    let stated = script.turns[0].say.clone();
    let store = format!(
        r#"{{"sessions":[{{"key":"a","turns":["{stated}","what is my name?"]}},{{"key":"b","turns":["who am I, stranger?"]}}]}}"#
    );
    let answer = format!("You are {name}.");
    let history =
        [(Role::User, stated.as_str()), (Role::Assistant, "Noted."), (Role::User, "what is my name?")];
    let calls = [
        call(&[(Role::User, &stated)], "Noted."),
        call(&history, &answer),
        call(&[(Role::User, "who am I, stranger?")], "I don't know."),
    ];
    let replies = ["Noted.", &answer, "I don't know."];
    let turns = script
        .turns
        .iter()
        .enumerate()
        .map(|(at, turn)| TurnSeen {
            skipped: None,
            context_id: turn.context.clone(),
            context_ids: vec![turn.context.clone()],
            state: Some(State::Completed),
            reply: replies[at].into(),
            calls: vec![Arc::clone(&calls[at])],
            store: Arc::new(Store::from_bytes(store.clone().into_bytes())),
            ..TurnSeen::skipped(u32::try_from(at + 1).unwrap(), turn.clone(), "")
        })
        .collect();
    Seen { script, name, decoy, turns }
}

fn refused(refusal: Refusal) -> WireError {
    WireError::Refused { refusal, code: "error".into(), message: "no".into() }
}

#[track_caller]
fn assert_code(seen: &Seen, code: Code, turn: u32) {
    let judged = judge(&seen.script, &seen.turns, &KNOWN);
    assert_eq!(judged.verdict, Verdict::Fail);
    let diagnosis = judged.diagnosis.unwrap();
    assert_eq!((diagnosis.code, diagnosis.turn), (code, Some(turn)), "{}", diagnosis.sentence);
    assert_eq!(code.layer(), diagnosis.layer);
    let broken = diagnosis.path.iter().filter(|link| link.mark == Mark::Broken).count();
    assert_eq!(broken, 1, "{:?}", diagnosis.path);
}

#[test]
fn an_intact_conversation_passes() {
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
    assert_code(&seen, Code::SessionNotKept, 2);
    seen.turns[0].store = seen_store(&seen.script.turns[0].say);
    let diagnosis = judge(&seen.script, &seen.turns, &KNOWN).diagnosis.unwrap();
    assert!(diagnosis.sentence.ends_with("any more; one did after turn 1"), "{}", diagnosis.sentence);
}

/// Returns a store with one session that holds a text.
fn seen_store(text: &str) -> Arc<Store> {
    Store::from_bytes(format!(r#"{{"sessions":[{{"key":"a","turns":["{text}"]}}]}}"#).into_bytes()).into()
}

#[test]
fn a_fact_in_another_session_means_a_split() {
    let mut seen = right();
    let stated = seen.script.turns[0].say.clone();
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    let store = format!(
        r#"{{"sessions":[{{"key":"1","turns":["{stated}"]}},{{"key":"2","turns":["what is my name?"]}}]}}"#
    );
    seen.turns[1].store = Store::from_bytes(store.into_bytes()).into();
    assert_code(&seen, Code::SessionSplit, 2);
}

#[test]
fn a_fact_in_the_session_but_not_the_prompt_is_lost_history() {
    let mut seen = right();
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    assert_code(&seen, Code::PromptHistoryMissing, 2);
    seen.turns[1].store = Store::Unreadable("404".into()).into();
    assert_code(&seen, Code::PromptHistoryMissing, 2);
    let judged = judge(&seen.script, &seen.turns, &KNOWN);
    assert!(judged.diagnosis.unwrap().sentence.contains("the session store cannot be read"));
}

#[test]
fn a_turn_without_a_call_never_reached_the_model() {
    let mut seen = right();
    seen.turns[1].reply = "Hello!".into();
    seen.turns[1].calls.clear();
    assert_code(&seen, Code::PromptNoModelCall, 2);
    seen.turns[1].error = Some(refused(Refusal::Internal));
    assert_code(&seen, Code::PromptNoModelCall, 2);
}

#[test]
fn canary_mode_blames_no_model() {
    let mut seen = right();
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls.clear();
    let known = Known { model: ModelMode::CanaryMode, model_called: false, ..KNOWN };
    let diagnosis = judge(&seen.script, &seen.turns, &known).diagnosis.unwrap();
    assert_eq!(diagnosis.code, Code::PromptHistoryMissing);
    assert!(diagnosis.sentence.contains("in canary mode"), "{}", diagnosis.sentence);
}

#[test]
fn an_answer_that_does_not_come_back_is_lost() {
    let mut seen = right();
    seen.turns[1].reply = "Thank you.".into();
    assert_code(&seen, Code::ReplyAnswerLost, 2);
    seen.turns[1].reply = " ".into();
    assert_code(&seen, Code::ReplyEmpty, 2);
}

#[test]
fn a_decoy_that_comes_back_is_an_echo() {
    let mut seen = right();
    seen.turns[1].reply = format!("{} {}", seen.name, seen.decoy);
    assert_code(&seen, Code::ReplyEcho, 2);
}

#[test]
fn a_leak_is_in_session_prompt_or_reply() {
    let mut seen = right();
    let leaked = format!("You are {}.", seen.name);
    seen.turns[2].reply = leaked.clone();
    assert_code(&seen, Code::ReplyLeak, 3);
    let stated = seen.script.turns[0].say.clone();
    seen.turns[2].calls = vec![call(&[(Role::User, &stated), (Role::User, "who am I, stranger?")], &leaked)];
    assert_code(&seen, Code::PromptForeignHistory, 3);
    let store = format!(r#"{{"sessions":[{{"key":"all","turns":["{stated}","who am I, stranger?"]}}]}}"#);
    seen.turns[2].store = Store::from_bytes(store.into_bytes()).into();
    assert_code(&seen, Code::SessionShared, 3);
}

#[test]
fn a_question_lands_in_a_shared_or_a_new_session() {
    let mut seen = right();
    let stated = seen.script.turns[0].say.clone();
    seen.turns[1].reply = "I don't know.".into();
    for (beside, code) in [("who am I, stranger?", Code::SessionShared), ("", Code::SessionSplit)] {
        let store = format!(
            r#"{{"sessions":[{{"key":"a","turns":["{stated}"]}},{{"key":"b","turns":["{beside}","what is my name?"]}}]}}"#
        );
        seen.turns[1].store = Store::from_bytes(store.into_bytes()).into();
        assert_code(&seen, code, 2);
    }
}

#[test]
fn a_store_without_the_turn_proves_nothing() {
    let mut seen = right();
    let stated = seen.script.turns[0].say.clone();
    let leaked = format!("You are {}.", seen.name);
    seen.turns[2].calls = vec![call(&[(Role::User, &stated), (Role::User, "who am I, stranger?")], &leaked)];
    seen.turns[2].reply = leaked;
    for (kept, mark) in [("who am I, stranger?", Mark::Ok), ("", Mark::Unknown)] {
        let store = format!(
            r#"{{"sessions":[{{"key":"a","turns":["{stated}"]}},{{"key":"b","turns":["{kept}"]}}]}}"#
        );
        seen.turns[2].store = Store::from_bytes(store.into_bytes()).into();
        let diagnosis = judge(&seen.script, &seen.turns, &KNOWN).diagnosis.unwrap();
        assert_eq!((diagnosis.code, diagnosis.path[1].mark), (Code::PromptForeignHistory, mark));
    }
}

#[test]
fn a_refused_request_is_not_an_injected_failure() {
    let mut seen = right();
    let mut refused = Arc::into_inner(call(&[(Role::User, "what is my name?")], "")).unwrap();
    (refused.status, refused.content.answer) = (400, None);
    seen.turns[1].calls = vec![Arc::new(refused)];
    (seen.turns[1].state, seen.turns[1].reply) = (Some(State::Failed), String::new());
    assert_code(&seen, Code::PromptRefused, 2);
}

#[test]
fn what_a_session_holds_was_not_lost_by_a_restart() {
    let mut seen = right();
    seen.turns[1].turn.before = Some(Before::Restart);
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    assert_code(&seen, Code::PromptHistoryMissing, 2);
    let kept = Arc::clone(&seen.turns[1].store);
    seen.turns[1].store = Arc::new(Store::from_bytes(br#"{"sessions":[]}"#.to_vec()));
    assert_code(&seen, Code::SessionLostOnRestart, 2);
    // the transcript is on disk, and the model knew it before: nobody finds it again
    seen.turns[1].store = kept;
    let mut between = seen.turns[1].clone();
    between.turn = ScriptTurn { context: "a".into(), say: "and now?".into(), ..ScriptTurn::default() };
    between.calls = vec![call(&[(Role::User, &seen.turns[0].turn.say), (Role::User, "and now?")], "Yes.")];
    seen.turns.insert(1, between);
    for (turn, number) in seen.turns.iter_mut().zip(1..) {
        turn.number = number;
    }
    assert_code(&seen, Code::SessionLostOnRestart, 3);
    // a window that moved on still shows the later turn
    let windowed =
        [(Role::User, "and now?"), (Role::Assistant, "I don't know."), (Role::User, "what is my name?")];
    seen.turns[2].calls = vec![call(&windowed, "I don't know.")];
    assert_code(&seen, Code::PromptHistoryMissing, 3);
}

#[test]
fn another_context_id_beats_a_loss() {
    let mut seen = right();
    seen.turns[1].context_ids = vec!["other".into()];
    seen.turns[1].reply = "I don't know.".into();
    assert_code(&seen, Code::WireContextReplaced, 2);
}

#[test]
fn an_earlier_context_change_beats_a_later_loss() {
    let mut seen = right();
    seen.turns[0].context_ids = vec!["other".into()];
    seen.turns[1].reply = "I don't know.".into();
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    assert_code(&seen, Code::WireContextReplaced, 1);
    // without a loss nothing demands that turn 1 keeps its contextId
    let mut kept = right();
    kept.turns[0].context_ids = vec!["other".into()];
    assert_eq!(judge(&kept.script, &kept.turns, &KNOWN).verdict, Verdict::Pass);
}

#[test]
fn another_conversations_fact_beats_a_loss() {
    let mut seen = right();
    let other = seen.script.facts.fill("{decoy}");
    seen.turns[0].turn.say = format!("my name is {}", seen.name);
    seen.turns[2].turn.say = format!("I am {other}");
    seen.turns[1].reply = format!("You are {other}.");
    seen.turns[1].calls = vec![call(&[(Role::User, "what is my name?")], "I don't know.")];
    assert_code(&seen, Code::ReplyLeak, 2);
}

#[test]
fn wire_errors_have_codes_of_their_own() {
    let errors = [
        (refused(Refusal::InvalidParams), Code::WireRpcError),
        (WireError::Malformed { reason: "not JSON".into(), body: String::new() }, Code::WireMalformed),
        (WireError::TooLarge { limit: 1 }, Code::WireTooLarge),
        (WireError::Http { status: 500, body: "<html>".into() }, Code::WireHttpError),
    ];
    for (error, code) in errors {
        let mut seen = right();
        seen.turns[1].error = Some(error);
        assert_code(&seen, code, 2);
    }
}

#[test]
fn a_task_that_fails_after_the_answer_lost_it() {
    let mut seen = right();
    seen.turns[1].state = Some(State::Failed);
    assert_code(&seen, Code::ReplyAnswerLost, 2);
}

#[test]
fn the_layers_are_in_the_order_of_the_path() {
    assert!(Layer::ALL.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn turns_that_end_wrongly_have_codes_of_their_own() {
    let unanswered = |change: &dyn Fn(&mut TurnSeen)| {
        let mut seen = right();
        change(&mut seen.turns[1]);
        judge(&seen.script, &seen.turns, &KNOWN).diagnosis.unwrap().code
    };
    assert_eq!(
        unanswered(&|turn| turn.error = Some(WireError::Lost("reset by peer".into()))),
        Code::WireConnectionLost
    );
    assert_eq!(
        unanswered(&|turn| {
            turn.turn.answer = AnswerRule::Refused;
            turn.reply = "Noted.".into();
        }),
        Code::WireNotRefused
    );
    assert_eq!(
        unanswered(&|turn| {
            let mut failed = Arc::into_inner(call(&[(Role::User, "what is my name?")], "")).unwrap();
            failed.status = 500;
            failed.content.model_fault = Some(ModelFault::Status { status: 500, retry_after: None });
            (turn.calls, turn.state) = (vec![Arc::new(failed)], Some(State::Failed));
        }),
        Code::ReplyModelFailed
    );
}

#[test]
fn without_any_model_call_the_wire_error_is_the_news() {
    let known = Known { model_called: false, ..KNOWN };
    let unanswered = |change: &dyn Fn(&mut TurnSeen)| {
        let mut seen = right();
        seen.turns[1].calls.clear();
        change(&mut seen.turns[1]);
        judge(&seen.script, &seen.turns, &known).diagnosis.unwrap().code
    };
    let within = std::time::Duration::from_secs(1);
    assert_eq!(
        unanswered(&|turn| turn.error = Some(WireError::NotFinished { state: "working".into(), within })),
        Code::WireNotFinished
    );
    let address = || Some(WireError::Address("it is too long".into()));
    assert_eq!(unanswered(&|turn| turn.error = address()), Code::WireCardInvalid);
    assert_eq!(unanswered(&|turn| turn.state = Some(State::Failed)), Code::WireTaskFailed);
}

#[test]
fn a_canceled_stream_must_end() {
    let mut seen = right();
    let turn = &mut seen.turns[1];
    (turn.turn.answer, turn.turn.during) = (AnswerRule::Canceled, Some(During::Cancel));
    turn.action =
        ActionSeen { done: true, after: (Some(State::Canceled), String::new()), ..ActionSeen::default() };
    (turn.reply, turn.state) = (String::new(), Some(State::Working));
    let within = std::time::Duration::from_secs(1);
    turn.error = Some(WireError::Timeout { within, received: 200 });
    assert_code(&seen, Code::WireStreamLeftOpen, 2);
}

/// A turn that failed after the model had answered slowly, alone or beside another message.
#[test]
fn a_delivered_answer_is_not_a_timeout() {
    let slow = || {
        let mut call = Arc::into_inner(call(&[(Role::User, "what is my name?")], "You are.")).unwrap();
        call.content.model_fault = Some(ModelFault::SlowFirst(std::time::Duration::from_millis(1)));
        Arc::new(call)
    };
    let mut seen = right();
    (seen.turns[1].calls, seen.turns[1].state) = (vec![slow()], Some(State::Failed));
    assert_code(&seen, Code::ReplyAnswerLost, 2);
    for turn in &mut seen.turns[..2] {
        turn.turn.parallel = Some("at once".into());
    }
    assert_code(&seen, Code::SessionConflict, 2);
}

#[test]
fn a_call_without_the_turns_words_is_not_its_own() {
    let mut seen = right();
    seen.turns[1].state = Some(State::Failed);
    seen.turns[1].calls = vec![call(&[(Role::User, "continue where you left off")], "Yes.")];
    assert_code(&seen, Code::PromptNoModelCall, 2);
}

#[test]
fn a_guardrail_alone_is_not_the_turns_call() {
    let mut seen = right();
    let mut guard = Arc::into_inner(call(&[(Role::User, "what is my name?")], "{}")).unwrap();
    guard.content.side_call = Some(SideCallKind::Guardrail);
    (seen.turns[1].calls, seen.turns[1].reply) = (vec![Arc::new(guard)], "I may not say.".into());
    seen.turns[1].store = Store::Unreadable("404".into()).into();
    assert_code(&seen, Code::PromptNoModelCall, 2);
}
