//! The layer `session`: sessions that are stored in the wrong place or at the wrong time.

use std::path::PathBuf;

use uuid::Uuid;

use super::{INTRODUCTION, QUESTION, RECALLED, UNKNOWN};
use crate::support::{
    ModelServer, Reply, Runtime, in_background, last_text, task_request, text, v0_3, wait_until,
};

/// Starts a model that recalls a name, never answers `slow`, and fails for `refuse` and `cut`.
async fn scripted_model() -> ModelServer {
    ModelServer::new(|prompt| match last_text(prompt).as_str() {
        "slow" => Reply::Hang("tick"),
        "refuse" => Reply::Refuse(500),
        "cut" => Reply::Cut("half an ans"),
        QUESTION if prompt.to_string().contains(INTRODUCTION) => Reply::Text(RECALLED.into()),
        QUESTION => Reply::Text(UNKNOWN.into()),
        _ => Reply::Text("Noted.".into()),
    })
    .await
}

#[tokio::test]
async fn lost_on_restart_keeps_sessions_only_in_the_process() {
    let model = scripted_model().await;
    let environment = [("COALMINE_FAULT", "session.lost-on-restart")];
    let runtime = Runtime::with_env(&model, &environment).await;
    runtime.say("a", INTRODUCTION).await;
    assert_eq!(runtime.ask("a", QUESTION).await, RECALLED);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 2);
    assert!(!runtime.state.path().join("sessions").exists());
    let runtime = Runtime::with_state(runtime.stop().await, &model, &environment).await;
    assert!(runtime.sessions().await.is_empty());
    assert_eq!(runtime.ask("a", QUESTION).await, UNKNOWN);
}

#[tokio::test]
async fn outside_volume_survives_only_a_restart() {
    let model = scripted_model().await;
    let environment = [("COALMINE_FAULT", "session.outside-volume")];
    let runtime = Runtime::with_env(&model, &environment).await;
    let context = Uuid::new_v4().to_string();
    runtime.say(&context, INTRODUCTION).await;
    assert!(!runtime.state.path().join("sessions").exists());
    let runtime = Runtime::with_state(runtime.stop().await, &model, &environment).await;
    assert_eq!(runtime.ask(&context, QUESTION).await, RECALLED);
    std::fs::remove_dir_all(dir_outside_volume(&context)).unwrap();
    let runtime = Runtime::with_state(runtime.stop().await, &model, &environment).await;
    assert_eq!(runtime.ask(&context, QUESTION).await, UNKNOWN);
    std::fs::remove_dir_all(dir_outside_volume(&context)).unwrap();
}

/// Returns the temporary folder that holds the session of this context.
fn dir_outside_volume(context: &str) -> PathBuf {
    let mut folders = std::fs::read_dir(std::env::temp_dir()).unwrap().map(|entry| entry.unwrap());
    let named = |name: &str| name.starts_with("coalmine-sessions-");
    let found = folders.find(|entry| {
        entry.file_name().to_str().is_some_and(named) && entry.path().join(format!("{context}.json")).exists()
    });
    found.unwrap().path()
}

#[tokio::test]
async fn torn_by_kill_loses_the_session_only_by_a_kill() {
    let model = scripted_model().await;
    let environment = [("COALMINE_FAULT", "session.torn-by-kill")];
    let runtime = Runtime::with_env(&model, &environment).await;
    runtime.say("a", INTRODUCTION).await;
    let between = runtime.after_kill(&model, &environment).await;
    assert_eq!(between.ask("a", QUESTION).await, RECALLED, "a kill between turns loses nothing");
    let before = model.prompts().len();
    let task = runtime.result(in_background(v0_3("message/send", "a", text("slow")))).await;
    wait_until("the turn to begin", async || (model.prompts().len() > before).then_some(())).await;
    let within = runtime.after_kill(&model, &environment).await;
    assert_eq!(within.ask("a", QUESTION).await, UNKNOWN);
    runtime.result(task_request("tasks/cancel", task["id"].as_str().unwrap())).await;
    assert_eq!(runtime.say("a", "refuse").await["status"]["state"], "failed");
    assert_eq!(runtime.ask("a", QUESTION).await, RECALLED);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn lost_on_failure_forgets_only_if_the_model_fails() {
    let model = scripted_model().await;
    let runtime = Runtime::with_fault(&model, "session.lost-on-failure").await;
    for (context, words) in [("a", "refuse"), ("b", "cut")] {
        runtime.say(context, INTRODUCTION).await;
        assert_eq!(runtime.say(context, words).await["status"]["state"], "failed");
        assert_eq!(runtime.ask(context, QUESTION).await, UNKNOWN);
    }
    runtime.say("c", INTRODUCTION).await;
    let task = runtime.result(in_background(v0_3("message/send", "c", text("slow")))).await;
    runtime.result(task_request("tasks/cancel", task["id"].as_str().unwrap())).await;
    assert_eq!(runtime.ask("c", QUESTION).await, RECALLED);
}
