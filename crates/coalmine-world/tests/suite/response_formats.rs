//! The form that an answer must have, as each dialect asks for it.

use serde_json::{Value, json};

use crate::support::Served;

const SAID: &str = "Hi, my name is Tepuz-4305. What's my name?";
const KNOWN: &str = "Your name is Tepuz-4305.";

fn schema() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["sure", "reply"],
        "properties": {"sure": {"type": "boolean"}, "reply": {"type": "string"}},
    })
}

/// Path, request, and where the answer's text stands.
fn requests() -> [(&'static str, Value, &'static str); 8] {
    let messages = json!([{"role": "user", "content": SAID}]);
    let format = json!({"type": "json_schema", "schema": schema()});
    let named = json!({"type": "json_schema", "name": "reply", "strict": true, "schema": schema()});
    let nested =
        json!({"type": "json_schema", "json_schema": {"name": "reply", "strict": true, "schema": schema()}});
    let contents = json!([{"parts": [{"text": SAID}]}]);
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
            json!({"model": "m", "input": SAID, "text": {"format": named}}),
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
            json!({"model": "m", "stream": false, "prompt": SAID, "format": schema()}),
            "/response",
        ),
    ]
}

#[tokio::test]
async fn an_answer_is_json_that_fits_the_schema_in_every_dialect() {
    let served = Served::new().await;
    for (path, body, place) in requests() {
        let answer: Value = served.post(path, body.to_string()).await.json().await.unwrap();
        let text = answer.pointer(place).unwrap_or_else(|| panic!("{path}: {answer}")).as_str().unwrap();
        let said: Value = serde_json::from_str(text).unwrap();
        assert_eq!(said, json!({"sure": false, "reply": KNOWN}), "{path}");
    }
}

#[tokio::test]
async fn an_answer_is_json_of_any_kind_where_that_is_enough() {
    let served = Served::new().await;
    let messages = json!([{"role": "user", "content": format!("In JSON: {SAID}")}]);
    let body = json!({"model": "m", "messages": messages, "response_format": {"type": "json_object"}});
    let answer = served.ask(&body).await;
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), json!({"answer": KNOWN}));
}

#[tokio::test]
async fn an_answer_goes_on_behind_a_beginning_that_is_given() {
    let served = Served::new().await;
    let messages =
        json!([{"role": "user", "content": SAID}, {"role": "assistant", "content": "Your name is"}]);
    let body = json!({"model": "m", "max_tokens": 64, "messages": messages});
    let answer: Value = served.post("/v1/messages", body.to_string()).await.json().await.unwrap();
    assert_eq!(answer["content"][0]["text"], " Tepuz-4305.");
}
