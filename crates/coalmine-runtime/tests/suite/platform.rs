//! The platform: registration and heartbeats.

use crate::support::{Runtime, World, until};

#[tokio::test]
async fn it_registers_once_keeps_the_token_and_beats_around_each_turn() {
    let world = World::saying("ok").await;
    let environment = [("PLATFORM_URL", world.url.as_str()), ("WORKSPACE_ID", "w1")];
    let runtime = Runtime::with(&world, &environment).await;
    world.registered(1).await;
    let task = runtime.say("c", "x").await;
    let calls =
        until("both beats", async || Some(world.platform_calls()).filter(|calls| calls.len() == 3)).await;
    let (what, registration) = &calls[0];
    assert_eq!((what.as_str(), &registration["id"]), ("register", &"w1".into()));
    assert_eq!(registration["url"], format!("{}/", runtime.url));
    assert_eq!(registration["agent_card"]["url"], registration["url"]);
    assert_eq!(registration["agent_card"]["skills"][0]["id"], "memory");
    let (_, start) = &calls[1];
    assert_eq!((&start["workspace_id"], &start["active_tasks"]), (&"w1".into(), &1.into()));
    assert_eq!(start["current_task"], task["id"]);
    let (_, end) = &calls[2];
    assert_eq!((&end["active_tasks"], &end["error_rate"]), (&0.into(), &0.0.into()));

    let token = runtime.state.path().join("platform-token");
    until("the token on disk", async || std::fs::read_to_string(&token).ok().filter(|t| t == "the-token"))
        .await;
    let runtime = Runtime::on(runtime.stop().await, &world, &environment).await;
    world.registered(2).await;
    let parts = serde_json::json!([crate::support::link("a.txt", "workspace:/a.txt")]);
    let task = runtime.result(crate::support::old("message/send", "d", parts)).await;
    assert_eq!(task["status"]["state"], "completed", "the token issued first is still used: {task}");
}

#[tokio::test]
async fn a_platform_that_does_not_answer_delays_nothing() {
    let world = World::saying("ok").await;
    world.hold_registrations();
    let runtime = Runtime::with(&world, &[("PLATFORM_URL", &world.url)]).await;
    assert_eq!(runtime.ask("c", "x").await, "ok");
    assert!(world.platform_calls().is_empty());
    runtime.stop().await;
}
