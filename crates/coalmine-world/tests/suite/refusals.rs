//! Invalid requests and unknown paths are refused in the vendor's shape.

use serde_json::{Value, json};

use crate::support::{TestWorld, prompt};

async fn refused(world: &TestWorld, body: impl Into<reqwest::Body>, status: u16) -> Value {
    let response = world.post("/v1/chat/completions", body).await;
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["type"], "invalid_request_error", "{body}");
    assert!(body["error"].get("param").is_some() && body["error"].get("code").is_some(), "{body}");
    body["error"]["message"].clone()
}

#[tokio::test]
async fn refuses_invalid_json_and_invalid_prompts() {
    let world = TestWorld::start().await;
    for body in ["", "{", "null", "[]", "{\"messages\": 7}", "\u{0}"] {
        let message = refused(&world, body, 400).await;
        assert!(message.as_str().unwrap().contains("could not parse the JSON body"), "{message}");
    }
    let message = refused(&world, json!({ "model": "m", "messages": [] }).to_string(), 400).await;
    assert!(message.as_str().unwrap().contains("empty array"), "{message}");
    let message = refused(&world, prompt(&[("robot", "hi")]).to_string(), 400).await;
    assert!(message.as_str().unwrap().contains("'robot'"), "{message}");
}

#[tokio::test]
async fn refuses_deep_nesting() {
    let world = TestWorld::start().await;
    let deep = format!("{{\"messages\":[{{\"role\":\"user\",\"content\":{}", "[".repeat(200_000));
    refused(&world, deep, 400).await;
    let answer = world.ask(&prompt(&[("user", "my name is X")])).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "Noted.");
}

#[tokio::test]
async fn refuses_large_bodies() {
    let world = TestWorld::start().await;
    refused(&world, vec![b' '; (32 << 20) + 1], 413).await;
}

#[tokio::test]
async fn names_unknown_paths() {
    let world = TestWorld::start().await;
    for path in ["/v1/images/generations", "/v1/audio/speech", "/nothing/here"] {
        let response = world.post(path, "{}").await;
        assert_eq!(response.status(), 404);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["message"], format!("Invalid URL (POST {path})"));
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
    assert_eq!(world.get("/nothing").await.status(), 404);
    assert_eq!(world.get("/").await.status(), 200);
}
