//! Views of whole answers, of streams, and of arbitrary JSON.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Dialect;

fn view_result(dialect: Dialect, result: &Value) -> View {
    let mut view = View::default();
    view.absorb_event(dialect, result);
    view
}

#[test]
fn a_1_0_task_is_read_without_drift() {
    let view = view_result(
        Dialect::V1_0,
        &json!({"task": {"id": "T", "contextId": "C", "status": {"state": "TASK_STATE_COMPLETED"},
            "artifacts": [{"artifactId": "a", "parts": [{"text": "tick0 "}, {"text": "tick1"}]}],
            "history": [{"role": "ROLE_USER", "contextId": "other", "parts": [{"text": "question"}]}]}}),
    );
    assert_eq!(view.text(), "tick0 tick1");
    assert_eq!(view.context_ids, ["C"]);
    assert_eq!(view.state, Some(State::Completed));
    assert_eq!(view.drift, []);
}

#[test]
fn a_0_3_task_is_read_without_drift() {
    let view = view_result(
        Dialect::V0_3,
        &json!({"kind": "task", "id": "T", "contextId": "C", "status": {"state": "completed",
            "message": {"kind": "message", "role": "agent", "parts": [{"kind": "text", "text": "done"}]}}}),
    );
    assert_eq!((view.text().as_str(), view.drift.len()), ("done", 0));
}

#[test]
fn finds_answers_in_odd_places_but_never_the_question() {
    let task = |rest: Value| {
        let mut task = json!({"kind": "task", "id": "T", "contextId": "C", "status": {"state": "completed"}});
        task.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        view_result(Dialect::V0_3, &task).text()
    };
    let user = json!({"role": "user", "parts": [{"kind": "text", "text": "question"}]});
    let agent = json!({"role": "agent", "parts": [{"kind": "text", "text": "answer"}]});
    let data = json!([{"artifactId": "a", "parts": [{"kind": "data", "data": {"reply": ["in data"]}}]}]);
    assert_eq!(task(json!({"artifacts": data})).trim(), "in data");
    assert_eq!(task(json!({"history": [user, agent]})), "answer");
    assert_eq!(task(json!({"history": [agent, user]})), "");
}

#[test]
fn reads_hybrids_and_notes_their_drift() {
    let view = view_result(
        Dialect::V0_3,
        &json!({"task": {"id": "T", "contextId": "", "status": {"state": "TASK_STATE_COMPLETED"},
            "artifacts": [{"parts": [{"text": "x"}]}]}}),
    );
    assert_eq!(view.text(), "x");
    for drift in [Drift::Wrapping, Drift::Kind, Drift::EmptyContextId, Drift::PartShape] {
        assert!(view.drift.contains(&drift), "{drift:?} in {:?}", view.drift);
    }
}

#[test]
fn a_stream_adds_up_to_the_answer() {
    let mut view = View::default();
    for event in [
        json!({"task": {"id": "T", "contextId": "C", "status": {"state": "TASK_STATE_SUBMITTED"}}}),
        json!({"artifactUpdate": {"taskId": "T", "contextId": "C", "artifact": {"artifactId": "a", "parts": [{"text": "Zor"}]}}}),
        json!({"artifactUpdate": {"taskId": "T", "contextId": "C", "append": true,
            "artifact": {"artifactId": "a", "parts": [{"text": "vane"}]}}}),
        json!({"statusUpdate": {"taskId": "T", "contextId": "C", "status": {"state": "TASK_STATE_COMPLETED"}}}),
    ] {
        view.absorb_event(Dialect::V1_0, &event);
    }
    assert_eq!((view.text().as_str(), view.is_settled()), ("Zorvane", true));
    assert_eq!(view.drift, []);
}

/// An event of a stream in a dialect: a chunk of an artifact, or a state.
fn event(dialect: Dialect, kind: &str, mut fields: Value) -> Value {
    fields["taskId"] = json!("T");
    fields["contextId"] = json!("C");
    match dialect {
        Dialect::V1_0 if kind == "artifact-update" => json!({ "artifactUpdate": fields }),
        Dialect::V1_0 => json!({ "statusUpdate": fields }),
        Dialect::V0_3 => {
            fields["kind"] = json!(kind);
            fields
        }
    }
}

fn state(dialect: Dialect, state: &str) -> String {
    match dialect {
        Dialect::V0_3 => state.to_owned(),
        Dialect::V1_0 => format!("TASK_STATE_{}", state.to_uppercase()),
    }
}

fn part(dialect: Dialect, text: &str) -> Value {
    match dialect {
        Dialect::V0_3 => json!({ "kind": "text", "text": text }),
        Dialect::V1_0 => json!({ "text": text }),
    }
}

fn chunk(dialect: Dialect, artifact: &str, text: &str, append: bool) -> Value {
    let artifact = json!({ "artifactId": artifact, "parts": [part(dialect, text)] });
    event(dialect, "artifact-update", json!({ "artifact": artifact, "append": append }))
}

fn working(dialect: Dialect, text: &str) -> Value {
    let message = json!({ "role": "agent", "messageId": "m", "parts": [part(dialect, text)] });
    let status = json!({ "state": state(dialect, "working"), "message": message });
    event(dialect, "status-update", json!({ "status": status }))
}

fn completed(dialect: Dialect) -> Value {
    event(dialect, "status-update", json!({ "status": { "state": state(dialect, "completed") } }))
}

fn whole(dialect: Dialect, texts: [&str; 2]) -> Value {
    let artifact = |id: &str, text: &str| json!({ "artifactId": id, "parts": [part(dialect, text)] });
    let mut task = json!({ "id": "T", "contextId": "C", "status": { "state": state(dialect, "completed") },
        "artifacts": [artifact("a", texts[0]), artifact("b", texts[1])] });
    match dialect {
        Dialect::V0_3 => {
            task["kind"] = json!("task");
            task
        }
        Dialect::V1_0 => json!({ "task": task }),
    }
}

fn absorbed(dialect: Dialect, events: &[Value]) -> View {
    let mut view = View::default();
    events.iter().for_each(|event| view.absorb_event(dialect, event));
    view
}

#[test]
fn a_repeated_artifact_replaces_the_earlier_one() {
    let dialect = Dialect::V1_0;
    let data = |word: &str| {
        let artifact = json!({ "artifactId": "a", "parts": [{ "data": { "word": word } }] });
        event(dialect, "artifact-update", json!({ "artifact": artifact }))
    };
    assert_eq!(absorbed(dialect, &[data("old"), data("new")]).text(), "new\n");
    let events = [
        chunk(dialect, "a", "old", false),
        chunk(dialect, "a", "er", true),
        chunk(dialect, "a", "new", false),
    ];
    assert_eq!(absorbed(dialect, &events).text(), "new");
    let events = [chunk(dialect, "z", "gone", false), whole(dialect, ["one", "two"])];
    assert_eq!(absorbed(dialect, &events).text(), "one\ntwo");
}

#[test]
fn a_task_without_artifacts_keeps_the_earlier_ones() {
    let bare =
        json!({ "task": { "id": "T", "contextId": "C", "status": { "state": "TASK_STATE_COMPLETED" } } });
    let view = absorbed(Dialect::V1_0, &[chunk(Dialect::V1_0, "a", "kept", false), bare]);
    assert_eq!(view.text(), "kept");
}

fn any_json() -> impl Strategy<Value = Value> {
    let keys = "(task|message|status|statusUpdate|artifact|artifacts|parts|text|kind|state|contextId|id|x)";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(completed|TASK_STATE_WORKING|text|\\PC{0,8})".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_stream_has_the_text_of_the_task_however_it_is_cut(
        first in prop::collection::vec("\\PC{0,6}", 1..6),
        second in prop::collection::vec("\\PC{0,6}", 1..6),
        order in prop::collection::vec(0..3_usize, 16),
    ) {
        for dialect in [Dialect::V0_3, Dialect::V1_0] {
            let mut left = [first.iter(), second.iter()];
            let mut begun = [false; 2];
            let mut events = vec![];
            // artifacts are in the order in which they begin
            let turns = [0, 1].into_iter().chain(order.iter().copied()).chain([0; 6]).chain([1; 6]);
            for turn in turns {
                if turn == 2 {
                    events.push(working(dialect, "still at it"));
                } else if let Some(text) = left[turn].next() {
                    events.push(chunk(dialect, ["a", "b"][turn], text, begun[turn]));
                    begun[turn] = true;
                }
            }
            events.push(completed(dialect));
            let texts = [first.concat(), second.concat()];
            let task = whole(dialect, [&texts[0], &texts[1]]);
            let [streamed, whole] = [absorbed(dialect, &events), absorbed(dialect, &[task])];
            prop_assert_eq!(View { said_at: None, ..streamed }, View { said_at: None, ..whole });
        }
    }

    #[test]
    fn any_json_can_be_viewed_in_both_dialects(value in any_json()) {
        for dialect in [Dialect::V0_3, Dialect::V1_0] {
            let view = view_result(dialect, &value);
            prop_assert!(view.drift.len() <= MAX_ITEMS);
        }
    }
}

#[test]
fn leaves_out_what_an_earlier_turn_of_the_task_had() {
    let task = |artifacts: &[(&str, &str)]| {
        let artifacts: Vec<_> = artifacts
            .iter()
            .map(|(id, text)| json!({"artifactId": id, "parts": [{"kind": "text", "text": text}]}))
            .collect();
        let status = json!({"state": "input-required"});
        view_result(
            Dialect::V0_3,
            &json!({"kind": "task", "id": "t", "status": status, "artifacts": artifacts}),
        )
    };
    let earlier = task(&[("a", "Noted.")]).artifacts();
    let text_after = |artifacts: &[(&str, &str)]| {
        let mut view = task(artifacts);
        view.leave_out(&earlier);
        view.text()
    };
    assert_eq!(text_after(&[("a", "Noted."), ("b", "I know of no tent.")]), "I know of no tent.");
    assert_eq!(text_after(&[("a", "Noted. It stands there.")]), " It stands there.");
    assert_eq!(text_after(&[("a", "It stands there.")]), "It stands there.");
    assert_eq!(text_after(&[("a", "Noted.")]), "Noted.");
    assert_eq!(text_after(&[("b", "Noted.")]), "Noted.");
}

#[test]
fn data_of_a_repeated_artifact_is_not_the_answer() {
    let parts = json!([{"kind": "text", "text": "Noted."}, {"kind": "data", "data": {"rows": ["old"]}}]);
    let mut view = view_result(
        Dialect::V0_3,
        &json!({"kind": "task", "id": "t", "status": {"state": "completed"}, "artifacts": [{"artifactId": "a", "parts": parts}]}),
    );
    view.leave_out(&view.artifacts());
    assert_eq!(view.text(), "Noted.");
}

#[test]
fn only_new_text_moves_the_time_of_the_answer() {
    let dialect = Dialect::V1_0;
    let mut view = absorbed(dialect, &[chunk(dialect, "a", "Zor", false), chunk(dialect, "b", "!", false)]);
    let first = view.said_at;
    view.absorb_event(dialect, &chunk(dialect, "a", "vane", true));
    let second = view.said_at;
    assert!(first.is_some() && second > first);
    let repeated =
        [completed(dialect), chunk(dialect, "a", "Zorvane", false), whole(dialect, ["Zorvane", "!"])];
    for event in repeated {
        view.absorb_event(dialect, &event);
        assert_eq!(view.said_at, second, "{event}");
    }
    view.absorb_event(dialect, &whole(dialect, ["Zorvane", "?"]));
    assert!(view.said_at > second);
}
