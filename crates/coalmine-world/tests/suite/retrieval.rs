//! Embeddings, moderation, legacy completions and Bedrock.

use coalmine_world::CallKind;
use serde_json::{Value, json};

use crate::support::TestWorld;

async fn post(world: &TestWorld, path: &str, body: &Value) -> Value {
    let response = world.post(path, body.to_string()).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn embeddings_are_served_at_every_path() {
    let world = TestWorld::start().await;
    let (one, content) = (json!({"model": "m", "input": "a b"}), json!({"parts": [{"text": "a b"}]}));
    for (path, body, place, dimensions) in [
        ("/v1/embeddings", one.clone(), "/data/0/embedding", 1536),
        ("/embeddings", one.clone(), "/data/0/embedding", 1536),
        ("/openai/deployments/e/embeddings?api-version=2024-10-21", one.clone(), "/data/0/embedding", 1536),
        ("/api/embed", one, "/embeddings/0", 768),
        ("/api/embeddings", json!({"model": "m", "prompt": "a b"}), "/embedding", 768),
        ("/v1beta/models/m:embedContent", json!({"content": content}), "/embedding/values", 768),
        (
            "/v1beta/models/m:batchEmbedContents",
            json!({"requests": [{"model": "models/m", "content": content}]}),
            "/embeddings/0/values",
            768,
        ),
    ] {
        let answer = post(&world, path, &body).await;
        assert_eq!(answer.pointer(place).unwrap().as_array().unwrap().len(), dimensions, "{path}");
    }
    let calls = world.inner.calls_since(Default::default());
    assert!(calls.iter().all(|call| call.kind == CallKind::Embedding && call.content.embedded == ["a b"]));
    assert_eq!(world.post("/v1/embeddings", "{").await.status(), 400);
}

#[tokio::test]
async fn moderation_flags_nothing() {
    let world = TestWorld::start().await;
    let answer = post(&world, "/v1/moderations", &json!({"input": "I hate rain"})).await;
    assert_eq!(
        (&answer["results"][0]["flagged"], answer["results"].as_array().unwrap().len()),
        (&json!(false), 1)
    );
    assert_eq!(world.end().await.lines()[0]["kind"], "moderation");
}

#[tokio::test]
async fn model_info_is_a_kind_of_its_own() {
    let world = TestWorld::start().await;
    world.get("/v1/models").await;
    world.get("/api/tags").await;
    post(&world, "/api/show", &json!({"model": "m"})).await;
    let counted = json!({"model": "m", "messages": [{"role": "user", "content": "a"}]});
    post(&world, "/v1/messages/count_tokens", &counted).await;
    post(&world, "/v1beta/models/m:countTokens", &json!({"contents": [{"parts": [{"text": "a"}]}]})).await;
    let written = world.end().await.lines();
    assert!(written.iter().all(|line| line["kind"] == "model-info"), "{written:?}");
    assert_eq!(written.len(), 5);
}

#[tokio::test]
async fn deployments_of_azure_answer() {
    let world = TestWorld::start().await;
    let body = json!({"messages": [{"role": "user", "content": "my name is Tepuz-4305"}]});
    let path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
    let answer = post(&world, path, &body).await;
    assert_eq!(
        (&answer["model"], &answer["choices"][0]["message"]["content"]),
        (&json!("gpt-4o"), &json!("Noted."))
    );
    let path = "/openai/v1/responses";
    let answer = post(&world, path, &json!({"model": "m", "input": "my name is Tepuz-4305"})).await;
    assert_eq!(answer["output"][0]["content"][0]["text"], "Noted.");
}

#[tokio::test]
async fn completions_are_served_whole_and_streamed() {
    let world = TestWorld::start().await;
    let prompt = "User: my name is Tepuz-4305\nAgent: Noted.\nUser: what's my name\nAgent:";
    let mut body = json!({"model": "m", "prompt": prompt, "max_tokens": 64});
    let answer = post(&world, "/v1/completions", &body).await;
    assert_eq!(answer["choices"][0]["text"], "Your name is Tepuz-4305.");
    body["stream"] = true.into();
    let stream = world.post("/v1/completions", body.to_string()).await.text().await.unwrap();
    let chunks =
        stream.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    let text: String = chunks.filter_map(|c| Some(c["choices"][0]["text"].as_str()?.to_owned())).collect();
    assert_eq!(text, "Your name is Tepuz-4305.");
    assert!(stream.ends_with("data: [DONE]\n\n"));
}

/// Returns the payloads of an event stream, by the lengths of its frames.
fn payloads(mut stream: &[u8]) -> Vec<Value> {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
    let mut payloads = vec![];
    while !stream.is_empty() {
        let (total, headers) = (number(stream), number(&stream[4..]));
        payloads.push(serde_json::from_slice(&stream[12 + headers..total - 4]).unwrap());
        stream = &stream[total..];
    }
    payloads
}

#[tokio::test]
async fn bedrock_answers_and_streams() {
    let world = TestWorld::start().await;
    let body = json!({
        "messages": [{"role": "user", "content": [{"text": "my name is Tepuz-4305. what's my name"}]}],
        "inferenceConfig": {"maxTokens": 64},
    });
    let answer = post(&world, "/model/anthropic.claude-v1%3A0/converse", &body).await;
    assert_eq!(answer["output"]["message"]["content"][0]["text"], "Your name is Tepuz-4305.");
    assert_eq!(answer["stopReason"], "end_turn");
    let streamed = world.post("/model/anthropic.claude-v1%3A0/converse-stream", body.to_string()).await;
    assert_eq!(streamed.headers()["content-type"], "application/vnd.amazon.eventstream");
    let payloads = payloads(&streamed.bytes().await.unwrap());
    let text: String = payloads.iter().filter_map(|p| p.pointer("/delta/text")?.as_str()).collect();
    assert_eq!(text, "Your name is Tepuz-4305.");
    let refused = world.post("/model/m/converse", "{\"messages\": []}").await;
    assert_eq!(refused.status(), 400);
    let refusal: Value = refused.json().await.unwrap();
    assert_eq!(refusal["__type"], "ValidationException");
}
