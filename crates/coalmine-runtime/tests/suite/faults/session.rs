//! The layer `session`.

use serde_json::json;

use crate::support::{Runtime, World, file, of_kind, old, reply_text};

use super::{KNOWN, UNKNOWN, WHO, name_recall};

#[tokio::test]
async fn keyed_by_task_splits_the_session_and_keeps_the_context() {
    let (runtime, _world, task) = name_recall("session.keyed-by-task").await;
    assert_eq!((task["contextId"].as_str(), reply_text(&task).as_str()), (Some("a"), UNKNOWN));
    let sessions = runtime.sessions().await;
    assert!(sessions.len() == 2 && sessions.iter().any(|session| session["key"] == task["id"]));
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
