//! Clients that hang up in the middle of a stream.

use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio::sync::Semaphore;

use crate::support::{ModelServer, Runtime, last_text, reply_text, task_request, text, v0_3};

/// Starts a model that waits for a permit before it answers `slow`, and answers everything else at once.
pub(crate) async fn scripted_model() -> (ModelServer, Arc<Semaphore>) {
    ModelServer::slow(|prompt| if last_text(prompt) == "slow" { "at last".into() } else { "at once".into() })
        .await
}

/// Begins a slow turn in a stream, hangs up, and returns the id of the task.
pub(crate) async fn hang_up(runtime: &Runtime, context: &str) -> String {
    let mut events = runtime.events(v0_3("message/stream", context, text("slow"))).await;
    events.next().await.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn turn_continues_once_after_hangup() {
    let (model, gate) = scripted_model().await;
    let runtime = Runtime::start(&model).await;
    let id = hang_up(&runtime, "c").await;
    gate.add_permits(1);
    assert_eq!(reply_text(&runtime.wait_for_state(&id, "completed").await), "at last");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], "at last");
    assert_eq!(runtime.ask("c", "and now?").await, "at once");
    assert_eq!(model.prompts().len(), 2, "the turn ran once");
}

#[tokio::test]
async fn hangup_ends_no_other_stream() {
    let (model, gate) = scripted_model().await;
    let runtime = Runtime::start(&model).await;
    let leaving = runtime.events(v0_3("message/stream", "a", text("slow"))).await;
    let mut staying = runtime.events(v0_3("message/stream", "b", text("slow"))).await;
    let id = staying.next().await.unwrap()["id"].as_str().unwrap().to_owned();
    let also_leaving = runtime.events(task_request("tasks/resubscribe", &id)).await;
    drop((leaving, also_leaving));
    gate.add_permits(2);
    let events: Vec<_> = staying.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
}
