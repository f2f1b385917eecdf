//! The layer `session`.

use crate::support::reply_text;

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
