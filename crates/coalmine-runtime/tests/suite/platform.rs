//! The platform: registration and heartbeats.

use crate::support::{ModelServer, Runtime, linked_file, v0_3, wait_until};

#[tokio::test]
async fn registers_stores_the_token_and_sends_heartbeats() {
    let model = ModelServer::answering("ok").await;
    let environment = [("PLATFORM_URL", model.url.as_str()), ("WORKSPACE_ID", "w1")];
    let runtime = Runtime::with_env(&model, &environment).await;
    model.wait_for_registrations(1).await;
    let task = runtime.say("c", "x").await;
    let calls =
        wait_until("both heartbeats", async || Some(model.registry_calls()).filter(|calls| calls.len() == 3))
            .await;
    let registration = &calls[0].body;
    assert_eq!((calls[0].endpoint.as_str(), &registration["id"]), ("register", &"w1".into()));
    assert_eq!(registration["url"], format!("{}/", runtime.url));
    assert_eq!(registration["agent_card"]["url"], registration["url"]);
    assert_eq!(registration["agent_card"]["skills"][0]["id"], "memory");
    let start = &calls[1].body;
    assert_eq!((&start["workspace_id"], &start["active_tasks"]), (&"w1".into(), &1.into()));
    assert_eq!(start["current_task"], task["id"]);
    let end = &calls[2].body;
    assert_eq!((&end["active_tasks"], &end["error_rate"]), (&0.into(), &0.0.into()));

    let token = runtime.state.path().join("platform-token");
    wait_until("the token on disk", async || {
        std::fs::read_to_string(&token).ok().filter(|t| t == "the-token")
    })
    .await;
    let runtime = Runtime::with_state(runtime.stop().await, &model, &environment).await;
    model.wait_for_registrations(2).await;
    let parts = serde_json::json!([linked_file("a.txt", "workspace:/a.txt")]);
    let task = runtime.result(v0_3("message/send", "d", parts)).await;
    assert_eq!(task["status"]["state"], "completed", "the token issued first is still used: {task}");
}

#[tokio::test]
async fn silent_platform_delays_nothing() {
    let model = ModelServer::answering("ok").await;
    model.hold_registrations();
    let runtime = Runtime::with_env(&model, &[("PLATFORM_URL", &model.url)]).await;
    assert_eq!(runtime.ask("c", "x").await, "ok");
    assert!(model.registry_calls().is_empty());
    runtime.stop().await;
}
