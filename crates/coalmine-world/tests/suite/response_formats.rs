//! Requested response formats, in all dialects.

use serde_json::{Value, json};

use crate::support::TestWorld;

const QUESTION: &str = "Hi, my name is Tepuz-4305. What's my name?";
const ANSWER: &str = "Your name is Tepuz-4305.";

fn schema() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["sure", "reply"],
        "properties": {"sure": {"type": "boolean"}, "reply": {"type": "string"}},
    })
}

/// Returns paths, requests, and the JSON pointers to the text of their answers.
fn requests() -> [(&'static str, Value, &'static str); 8] {
    let messages = json!([{"role": "user", "content": QUESTION}]);
    let format = json!({"type": "json_schema", "schema": schema()});
    let named = json!({"type": "json_schema", "name": "reply", "strict": true, "schema": schema()});
    let nested =
        json!({"type": "json_schema", "json_schema": {"name": "reply", "strict": true, "schema": schema()}});
    let contents = json!([{"parts": [{"text": QUESTION}]}]);
    let gemini = |key: &str, schema: Value| json!({"contents": contents, "generationConfig": {"responseMimeType": "application/json", key: schema}});
    let own = json!({"type": "OBJECT", "required": ["sure", "reply"],
        "properties": {"sure": {"type": "BOOLEAN"}, "reply": {"type": "STRING"}}});
    let anthropic =
        |key: &str, value: Value| json!({"model": "m", "max_tokens": 64, "messages": messages, key: value});
    let ollama = json!({"model": "m", "stream": false, "messages": messages, "format": schema()});
    [
        (
            "/v1/chat/completions",
            json!({"model": "m", "messages": messages, "response_format": nested}),
            "/choices/0/message/content",
        ),
        (
            "/v1/responses",
            json!({"model": "m", "input": QUESTION, "text": {"format": named}}),
            "/output/0/content/0/text",
        ),
        ("/v1/messages", anthropic("output_config", json!({"format": format})), "/content/0/text"),
        ("/v1/messages?beta=true", anthropic("output_format", format), "/content/0/text"),
        (
            "/v1beta/models/m:generateContent",
            gemini("responseJsonSchema", schema()),
            "/candidates/0/content/parts/0/text",
        ),
        (
            "/v1beta/models/m:generateContent",
            gemini("responseSchema", own),
            "/candidates/0/content/parts/0/text",
        ),
        ("/api/chat", ollama, "/message/content"),
        (
            "/api/generate",
            json!({"model": "m", "stream": false, "prompt": QUESTION, "format": schema()}),
            "/response",
        ),
    ]
}

#[tokio::test]
async fn answers_fit_the_schema_in_every_dialect() {
    let world = TestWorld::start().await;
    for (path, body, place) in requests() {
        let answer: Value = world.post(path, body.to_string()).await.json().await.unwrap();
        let text = answer.pointer(place).unwrap_or_else(|| panic!("{path}: {answer}")).as_str().unwrap();
        let said: Value = serde_json::from_str(text).unwrap();
        assert_eq!(said, json!({"sure": false, "reply": ANSWER}), "{path}");
    }
}

#[tokio::test]
async fn answers_are_any_json_on_request() {
    let world = TestWorld::start().await;
    let messages = json!([{"role": "user", "content": format!("In JSON: {QUESTION}")}]);
    let body = json!({"model": "m", "messages": messages, "response_format": {"type": "json_object"}});
    let answer = world.ask(&body).await;
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), json!({"answer": ANSWER}));
}

#[tokio::test]
async fn answers_continue_a_given_beginning() {
    let world = TestWorld::start().await;
    let messages =
        json!([{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "Your name is"}]);
    let body = json!({"model": "m", "max_tokens": 64, "messages": messages});
    let answer: Value = world.post("/v1/messages", body.to_string()).await.json().await.unwrap();
    assert_eq!(answer["content"][0]["text"], " Tepuz-4305.");
}
