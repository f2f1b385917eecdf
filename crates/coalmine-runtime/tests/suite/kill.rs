//! What a kill in the middle of a turn leaves.

use crate::support::{Reply, Runtime, World, asked, in_background, old, prompt_text, text, until};

/// A world in which `slow` is never answered.
async fn world() -> World {
    World::new(|prompt| match asked(prompt).as_str() {
        "slow" => Reply::Hang("tick"),
        _ => Reply::Text(prompt_text(prompt)),
    })
    .await
}

#[tokio::test]
async fn a_kill_in_the_middle_of_a_turn_loses_nothing_that_was_said() {
    let world = world().await;
    let runtime = Runtime::start(&world).await;
    runtime.say("c", "told before").await;
    runtime.result(in_background(old("message/send", "c", text("slow")))).await;
    until("the turn to begin", async || (world.prompts().len() == 2).then_some(())).await;
    let after = runtime.killed(&world, &[]).await;
    let prompt = after.ask("c", "and now?").await;
    assert!(prompt.contains("told before") && prompt.contains("slow"), "{prompt}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_whole_at_every_moment_while_it_is_written() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
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
