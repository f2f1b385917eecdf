//! What outlives the process.

use serde_json::json;

use crate::support::{Reply, Runtime, World, file, old, reply_text, text};

#[tokio::test]
async fn sessions_and_their_files_survive_a_restart() {
    let world = World::honest().await;
    let runtime = Runtime::start(&world).await;
    runtime.say("c", "Hi, my name is Zorvane.").await;
    let with_file = json!([{ "kind": "text", "text": "keep this" }, file("a.txt", "the content")]);
    runtime.result(old("message/send", "c", with_file)).await;
    let runtime = Runtime::on(runtime.stop().await, &world, &[]).await;
    assert_eq!(runtime.ask("c", "What's my name?").await, "Your name is Zorvane.");
    let prompt = world.prompts().pop().unwrap();
    assert_eq!(prompt["messages"][3]["content"][1]["text"], "File a.txt (text/plain):\nthe content");
}

#[tokio::test]
async fn a_message_answered_before_the_restart_is_not_answered_anew() {
    let world = World::saying("the first answer").await;
    let runtime = Runtime::start(&world).await;
    let request = old("message/send", "c", text("x"));
    runtime.result(request.clone()).await;
    let runtime = Runtime::on(runtime.stop().await, &world, &[]).await;
    assert_eq!(reply_text(&runtime.result(request).await), "the first answer");
    assert_eq!(world.prompts().len(), 1);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_turn_that_the_shutdown_cuts_short_fails_and_keeps_what_was_said() {
    let world = World::new(|prompt| match prompt["messages"].as_array().map(Vec::len) {
        Some(2) => Reply::Hang("tick"),
        _ => Reply::Text("ok".into()),
    });
    let world = world.await;
    let runtime = Runtime::start(&world).await;
    let request = runtime.http.post(&runtime.url).json(&old("message/send", "c", text("slow")));
    let sending = tokio::spawn(async move { request.send().await?.json::<serde_json::Value>().await });
    crate::support::until("the turn to begin", async || world.prompts().pop()).await;
    let state = runtime.stop().await;
    let task = sending.await.unwrap().unwrap()["result"].take();
    assert_eq!(task["status"]["state"], "failed");
    assert_eq!(task["status"]["message"]["parts"][0]["text"], "the runtime is shutting down");
    let runtime = Runtime::on(state, &world, &[]).await;
    assert_eq!(runtime.ask("c", "again").await, "ok");
    assert_eq!(world.prompts().pop().unwrap()["messages"][1]["content"], "slow");
}
