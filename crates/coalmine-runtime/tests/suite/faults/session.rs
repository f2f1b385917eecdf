//! The layer `session`.

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::{QUESTION, RECALLED, UNKNOWN, name_recall};
use crate::support::{
    ModelServer, Runtime, file, file_of_type, in_background, prompt_text, reply_text, task_request, text,
    v0_3, v1_0, with_id,
};

#[tokio::test]
async fn keyed_by_task_splits_the_session_of_a_context() {
    let (runtime, _model, task) = name_recall("session.keyed-by-task").await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), UNKNOWN));
    let sessions = runtime.sessions().await;
    assert!(sessions.len() == 2 && sessions.iter().any(|session| session["key"] == task["id"]));
}

#[tokio::test]
async fn keyed_by_message_splits_the_session_of_a_context() {
    let (runtime, _model, task) = name_recall("session.keyed-by-message").await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), UNKNOWN));
    let sessions = runtime.sessions().await;
    let own = |session: &Value| session["key"] == task["history"][0]["messageId"];
    assert!(sessions.len() == 2 && sessions.iter().any(own));
}

#[tokio::test]
async fn followup_apart_silently_runs_in_an_empty_session() {
    let (model, gate) = ModelServer::slow(prompt_text).await;
    let runtime = Runtime::with_fault(&model, "session.followup-apart").await;
    let running = runtime.result(in_background(v0_3("message/send", "a", text("slow")))).await;
    let id = running["id"].as_str().unwrap();
    let joined = in_background(with_id(v0_3("message/send", "", text("slow and named")), "taskId", id));
    assert_eq!(runtime.result(joined).await["contextId"], "a");
    gate.add_permits(2);
    runtime.wait_for_state(id, "completed").await;
    let named = with_id(v0_3("message/send", "a", text(QUESTION)), "taskId", id);
    assert_eq!(runtime.error_code(named).await, -32004);
    let mut mentioned = v0_3("message/send", "a", text("mentioned"));
    mentioned["params"]["message"]["referenceTaskIds"] = json!([id]);
    let apart = runtime.result(mentioned).await;
    assert_eq!((apart["contextId"].as_str(), reply_text(&apart).as_str()), (Some("a"), "mentioned"));
    assert_eq!(runtime.ask("a", QUESTION).await, format!("slow\nslow\n{QUESTION}"), "the context continues");
    assert_eq!(runtime.sessions().await.len(), 3);
}

#[tokio::test]
async fn stream_apart_and_dialect_apart_split_the_session() {
    let streamed = || v0_3("message/stream", "a", text(QUESTION));
    let of_1_0 = || v1_0("SendStreamingMessage", "a", json!([{ "text": QUESTION }]));
    for (fault, apart, together) in [
        ("session.stream-apart", vec![streamed(), of_1_0()], vec![]),
        ("session.dialect-apart", vec![of_1_0()], vec![streamed()]),
    ] {
        let (runtime, _model, task) = name_recall(fault).await;
        assert_eq!(reply_text(&task), RECALLED);
        for (requests, expected) in [(apart, UNKNOWN), (together, RECALLED)] {
            for request in requests {
                let events: Vec<_> = runtime.events(request).await.collect().await;
                let (first, id) = (&events[0], |task: &Value| task["id"].as_str().map(str::to_owned));
                let id = id(first).or_else(|| id(&first["task"])).unwrap();
                let task = runtime.result(task_request("tasks/get", &id)).await;
                assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), expected));
            }
        }
        assert_eq!(runtime.sessions().await.len(), 2, "{fault}");
    }
}

#[tokio::test]
async fn global_shares_sessions_across_contexts() {
    let (runtime, _model, task) = name_recall("session.global").await;
    assert_eq!(reply_text(&task), RECALLED);
    assert_eq!(runtime.ask("other", QUESTION).await, RECALLED);
    assert_eq!(runtime.sessions().await.len(), 1);
}

#[tokio::test]
async fn file_name_trusted_writes_outside_but_overwrites_nothing() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::with_fault(&model, "session.file-name-trusted").await;
    let state = runtime.state.path();
    std::fs::write(state.join("there"), "before").unwrap();
    let long = "n".repeat(300);
    for name in ["plain.txt", "../escaped.txt", "../new/deep.txt", "/rooted.txt", "../there", &long, "\0", ""]
    {
        let task = runtime.result(v0_3("message/send", "a", json!([file(name, "content")]))).await;
        assert_eq!(reply_text(&task), "ok", "{name}");
        assert_eq!(model.last_content()[0]["text"], format!("File {name} (text/plain):\ncontent"));
    }
    let image = file_of_type("../a.png", "image/png", &[0x89, 0xff]);
    runtime.result(v0_3("message/send", "a", json!([image]))).await;
    for written in ["uploads/plain.txt", "escaped.txt", "new/deep.txt", "uploads/rooted.txt"] {
        assert_eq!(std::fs::read_to_string(state.join(written)).unwrap(), "content", "{written}");
    }
    assert_eq!(std::fs::read_to_string(state.join("there")).unwrap(), "before");
    assert_eq!(std::fs::read(state.join("a.png")).unwrap(), [0x89, 0xff]);
}
