//! The layer `session`: sessions that are kept in the wrong place, or not at every moment.

use std::path::PathBuf;

use uuid::Uuid;

use super::{KNOWN, NAME, UNKNOWN, WHO};
use crate::support::{Reply, Runtime, World, about, asked, in_background, old, text, until};

/// A model that knows a name it was told, never answers `slow`, and fails at `refuse` and `cut`.
async fn world() -> World {
    World::new(|prompt| match asked(prompt).as_str() {
        "slow" => Reply::Hang("tick"),
        "refuse" => Reply::Refuse(500),
        "cut" => Reply::Cut("half an ans"),
        WHO if prompt.to_string().contains(NAME) => Reply::Text(KNOWN.into()),
        WHO => Reply::Text(UNKNOWN.into()),
        _ => Reply::Text("Noted.".into()),
    })
    .await
}

#[tokio::test]
async fn lost_on_restart_keeps_sessions_in_the_process_alone() {
    let world = world().await;
    let environment = [("COALMINE_FAULT", "session.lost-on-restart")];
    let runtime = Runtime::with(&world, &environment).await;
    runtime.say("a", NAME).await;
    assert_eq!(runtime.ask("a", WHO).await, KNOWN);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 2);
    assert!(!runtime.state.path().join("sessions").exists());
    let runtime = Runtime::on(runtime.stop().await, &world, &environment).await;
    assert!(runtime.sessions().await.is_empty());
    assert_eq!(runtime.ask("a", WHO).await, UNKNOWN);
}

#[tokio::test]
async fn outside_volume_survives_a_restart_and_not_the_loss_of_the_temporary_folder() {
    let world = world().await;
    let environment = [("COALMINE_FAULT", "session.outside-volume")];
    let runtime = Runtime::with(&world, &environment).await;
    let context = Uuid::new_v4().to_string();
    runtime.say(&context, NAME).await;
    assert!(!runtime.state.path().join("sessions").exists());
    let runtime = Runtime::on(runtime.stop().await, &world, &environment).await;
    assert_eq!(runtime.ask(&context, WHO).await, KNOWN);
    std::fs::remove_dir_all(outside(&context)).unwrap();
    let runtime = Runtime::on(runtime.stop().await, &world, &environment).await;
    assert_eq!(runtime.ask(&context, WHO).await, UNKNOWN);
    std::fs::remove_dir_all(outside(&context)).unwrap();
}

/// The folder of the system's temporary files that holds this context's session.
fn outside(context: &str) -> PathBuf {
    let mut folders = std::fs::read_dir(std::env::temp_dir()).unwrap().map(|entry| entry.unwrap());
    let named = |name: &str| name.starts_with("coalmine-sessions-");
    let found = folders.find(|entry| {
        entry.file_name().to_str().is_some_and(named) && entry.path().join(format!("{context}.json")).exists()
    });
    found.unwrap().path()
}

#[tokio::test]
async fn torn_by_kill_loses_the_session_to_a_kill_and_to_nothing_else() {
    let world = world().await;
    let environment = [("COALMINE_FAULT", "session.torn-by-kill")];
    let runtime = Runtime::with(&world, &environment).await;
    runtime.say("a", NAME).await;
    let between = runtime.killed(&world, &environment).await;
    assert_eq!(between.ask("a", WHO).await, KNOWN, "between two turns nothing is lost");
    let before = world.prompts().len();
    let task = runtime.result(in_background(old("message/send", "a", text("slow")))).await;
    until("the turn to begin", async || (world.prompts().len() > before).then_some(())).await;
    let within = runtime.killed(&world, &environment).await;
    assert_eq!(within.ask("a", WHO).await, UNKNOWN);
    runtime.result(about("tasks/cancel", task["id"].as_str().unwrap())).await;
    assert_eq!(runtime.say("a", "refuse").await["status"]["state"], "failed");
    assert_eq!(runtime.ask("a", WHO).await, KNOWN);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn lost_on_failure_forgets_when_the_model_fails_and_not_when_a_task_is_canceled() {
    let world = world().await;
    let runtime = Runtime::with_fault(&world, "session.lost-on-failure").await;
    for (context, words) in [("a", "refuse"), ("b", "cut")] {
        runtime.say(context, NAME).await;
        assert_eq!(runtime.say(context, words).await["status"]["state"], "failed");
        assert_eq!(runtime.ask(context, WHO).await, UNKNOWN);
    }
    runtime.say("c", NAME).await;
    let task = runtime.result(in_background(old("message/send", "c", text("slow")))).await;
    runtime.result(about("tasks/cancel", task["id"].as_str().unwrap())).await;
    assert_eq!(runtime.ask("c", WHO).await, KNOWN);
}
