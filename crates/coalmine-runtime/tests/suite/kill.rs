//! The state that a kill leaves.

use crate::support::{
    ModelServer, Reply, Runtime, in_background, last_text, prompt_text, text, v0_3, wait_until,
};

/// Starts a model that never answers `slow`.
async fn scripted_model() -> ModelServer {
    ModelServer::new(|prompt| match last_text(prompt).as_str() {
        "slow" => Reply::Hang("tick"),
        _ => Reply::Text(prompt_text(prompt)),
    })
    .await
}

#[tokio::test]
async fn kill_during_a_turn_loses_no_message() {
    let model = scripted_model().await;
    let runtime = Runtime::start(&model).await;
    runtime.say("c", "said before").await;
    runtime.result(in_background(v0_3("message/send", "c", text("slow")))).await;
    wait_until("the turn to begin", async || (model.prompts().len() == 2).then_some(())).await;
    let after = runtime.after_kill(&model, &[]).await;
    let prompt = after.ask("c", "and now?").await;
    assert!(prompt.contains("said before") && prompt.contains("slow"), "{prompt}");
}

#[tokio::test(flavor = "multi_thread")]
async fn session_file_is_complete_at_every_moment() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    runtime.say("c", &"x".repeat(1 << 18)).await;
    let path = runtime.state.path().join("sessions/c.json");
    let reading = tokio::task::spawn_blocking(move || {
        let mut turns = 1;
        while turns < 10 {
            let session: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let now = session["turns"].as_array().unwrap().len();
            assert!(now >= turns, "{now} turns after {turns}");
            turns = now;
        }
    });
    for n in 1..10 {
        runtime.say("c", &n.to_string()).await;
    }
    reading.await.unwrap();
}
