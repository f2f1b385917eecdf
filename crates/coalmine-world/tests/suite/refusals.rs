//! What the vendor refuses is refused in the vendor's shape; what nobody serves is told as such.

use serde_json::{Value, json};

use crate::support::{Served, prompt};

async fn refused(served: &Served, body: impl Into<reqwest::Body>, status: u16) -> Value {
    let response = served.post("/v1/chat/completions", body).await;
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["type"], "invalid_request_error", "{body}");
    assert!(body["error"].get("param").is_some() && body["error"].get("code").is_some(), "{body}");
    body["error"]["message"].clone()
}

#[tokio::test]
async fn what_is_no_json_and_what_is_no_prompt() {
    let served = Served::new().await;
    for body in ["", "{", "null", "[]", "{\"messages\": 7}", "\u{0}"] {
        let message = refused(&served, body, 400).await;
        assert!(message.as_str().unwrap().contains("could not parse the JSON body"), "{message}");
    }
    let message = refused(&served, json!({ "model": "m", "messages": [] }).to_string(), 400).await;
    assert!(message.as_str().unwrap().contains("empty array"), "{message}");
    let message = refused(&served, prompt(&[("robot", "hi")]).to_string(), 400).await;
    assert!(message.as_str().unwrap().contains("'robot'"), "{message}");
}

#[tokio::test]
async fn nesting_without_end_is_refused_and_the_world_goes_on() {
    let served = Served::new().await;
    let deep = format!("{{\"messages\":[{{\"role\":\"user\",\"content\":{}", "[".repeat(200_000));
    refused(&served, deep, 400).await;
    let answer = served.ask(&prompt(&[("user", "my name is X")])).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "Noted.");
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused_as_too_large() {
    let served = Served::new().await;
    refused(&served, vec![b' '; (64 << 20) + 1], 413).await;
}

#[tokio::test]
async fn a_path_that_nobody_serves_is_told_with_its_name() {
    let served = Served::new().await;
    for path in ["/v1/embeddings", "/v1/audio/speech", "/nothing/here"] {
        let response = served.post(path, "{}").await;
        assert_eq!(response.status(), 404);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["message"], format!("Invalid URL (POST {path})"));
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
    assert_eq!(served.get("/nothing").await.status(), 404);
    assert_eq!(served.get("/").await.status(), 200);
}
