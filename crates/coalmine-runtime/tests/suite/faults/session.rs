//! The layer `session`.

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::{KNOWN, UNKNOWN, WHO, name_recall};
use crate::support::{
    Runtime, World, about, file, in_background, new, of_kind, old, prompt_text, reply_text, text, with_id,
};

#[tokio::test]
async fn keyed_by_task_splits_the_session_and_keeps_the_context() {
    let (runtime, _world, task) = name_recall("session.keyed-by-task").await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), UNKNOWN));
    let sessions = runtime.sessions().await;
    assert!(sessions.len() == 2 && sessions.iter().any(|session| session["key"] == task["id"]));
}

#[tokio::test]
async fn keyed_by_message_splits_the_session_and_keeps_the_context() {
    let (runtime, _world, task) = name_recall("session.keyed-by-message").await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), UNKNOWN));
    let sessions = runtime.sessions().await;
    let own = |session: &Value| session["key"] == task["history"][0]["messageId"];
    assert!(sessions.len() == 2 && sessions.iter().any(own));
}

#[tokio::test]
async fn followup_apart_runs_in_an_empty_session_and_says_so_nowhere() {
    let (world, gate) = World::slow(prompt_text).await;
    let runtime = Runtime::with_fault(&world, "session.followup-apart").await;
    let running = runtime.result(in_background(old("message/send", "a", text("slow")))).await;
    let id = running["id"].as_str().unwrap();
    let joined = in_background(with_id(old("message/send", "", text("slow and named")), "taskId", id));
    assert_eq!(runtime.result(joined).await["contextId"], "a");
    gate.add_permits(2);
    runtime.task_in(id, "completed").await;
    let named = with_id(old("message/send", "a", text(WHO)), "taskId", id);
    assert_eq!(runtime.error_code(named).await, -32004);
    let mut mentioned = old("message/send", "a", text("mentioned"));
    mentioned["params"]["message"]["referenceTaskIds"] = json!([id]);
    let apart = runtime.result(mentioned).await;
    assert_eq!((apart["contextId"].as_str(), reply_text(&apart).as_str()), (Some("a"), "mentioned"));
    assert_eq!(runtime.ask("a", WHO).await, format!("slow\nslow\n{WHO}"), "the context goes on");
    assert_eq!(runtime.sessions().await.len(), 3);
}

#[tokio::test]
async fn stream_apart_and_dialect_apart_keep_two_sessions_of_one_context() {
    let streamed = || old("message/stream", "a", text(WHO));
    let of_1_0 = || new("SendStreamingMessage", "a", json!([{ "text": WHO }]));
    for (fault, apart, together) in [
        ("session.stream-apart", vec![streamed(), of_1_0()], vec![]),
        ("session.dialect-apart", vec![of_1_0()], vec![streamed()]),
    ] {
        let (runtime, _world, task) = name_recall(fault).await;
        assert_eq!(reply_text(&task), KNOWN);
        for (requests, expected) in [(apart, UNKNOWN), (together, KNOWN)] {
            for request in requests {
                let events: Vec<_> = runtime.events(request).await.collect().await;
                let (first, id) = (&events[0], |task: &Value| task["id"].as_str().map(str::to_owned));
                let id = id(first).or_else(|| id(&first["task"])).unwrap();
                let task = runtime.result(about("tasks/get", &id)).await;
                assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), expected));
            }
        }
        assert_eq!(runtime.sessions().await.len(), 2, "{fault}");
    }
}

#[tokio::test]
async fn global_tells_a_stranger() {
    let (runtime, _world, task) = name_recall("session.global").await;
    assert_eq!(reply_text(&task), KNOWN);
    assert_eq!(runtime.ask("stranger", WHO).await, KNOWN);
    assert_eq!(runtime.sessions().await.len(), 1);
}

#[tokio::test]
async fn file_name_trusted_writes_where_a_name_leads_and_over_nothing() {
    let world = World::saying("ok").await;
    let runtime = Runtime::with_fault(&world, "session.file-name-trusted").await;
    let state = runtime.state.path();
    std::fs::write(state.join("there"), "before").unwrap();
    let long = "n".repeat(300);
    for name in ["plain.txt", "../escaped.txt", "../new/deep.txt", "/rooted.txt", "../there", &long, "\0", ""]
    {
        let task = runtime.result(old("message/send", "a", json!([file(name, "content")]))).await;
        assert_eq!(reply_text(&task), "ok", "{name}");
        assert_eq!(world.shown()[0]["text"], format!("File {name} (text/plain):\ncontent"));
    }
    let image = of_kind("../a.png", "image/png", &[0x89, 0xff]);
    runtime.result(old("message/send", "a", json!([image]))).await;
    for written in ["uploads/plain.txt", "escaped.txt", "new/deep.txt", "uploads/rooted.txt"] {
        assert_eq!(std::fs::read_to_string(state.join(written)).unwrap(), "content", "{written}");
    }
    assert_eq!(std::fs::read_to_string(state.join("there")).unwrap(), "before");
    assert_eq!(std::fs::read(state.join("a.png")).unwrap(), [0x89, 0xff]);
}
