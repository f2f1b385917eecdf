//! Calls beside the turn's own: guardrails, titles, summaries.

use serde_json::{Value, json};

use crate::support::{TestWorld, prompt};

#[tokio::test]
async fn guardrails_let_turns_go_on_in_every_dialect() {
    let world = TestWorld::start().await;
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["allowed", "reason"],
        "properties": {"allowed": {"type": "boolean"}, "reason": {"type": "string"}},
    });
    let text = "my name is Tepuz-4305";
    let messages = json!([{"role": "user", "content": text}]);
    let named = json!({"name": "verdict", "strict": true, "schema": schema});
    let tool = json!({"name": "verdict", "input_schema": schema});
    for (path, body, at) in [
        (
            "/v1/chat/completions",
            json!({"model": "m", "messages": messages, "response_format": {"type": "json_schema", "json_schema": named}}),
            "/choices/0/message/content",
        ),
        (
            "/v1/responses",
            json!({"model": "m", "input": text, "text": {"format": {"type": "json_schema", "name": "v", "schema": schema}}}),
            "/output/0/content/0/text",
        ),
        (
            "/v1/messages",
            json!({"model": "m", "max_tokens": 64, "messages": messages, "tools": [tool],
                "tool_choice": {"type": "tool", "name": "verdict"}}),
            "/content/0/input",
        ),
        (
            "/v1beta/models/m:generateContent",
            json!({"contents": [{"parts": [{"text": text}]}],
                "generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": schema}}),
            "/candidates/0/content/parts/0/text",
        ),
        (
            "/api/chat",
            json!({"model": "m", "stream": false, "messages": messages, "format": schema}),
            "/message/content",
        ),
    ] {
        let answer: Value = world.post(path, body.to_string()).await.json().await.unwrap();
        let verdict = match answer.pointer(at) {
            Some(Value::String(text)) => serde_json::from_str(text).unwrap(),
            found => found.cloned().unwrap_or_default(),
        };
        assert_eq!(verdict["allowed"], true, "{path}: {answer}");
    }
    let written = world.end().await.lines();
    assert!(written.iter().all(|line| line["side_call"] == "guardrail"), "{written:?}");
}

#[tokio::test]
async fn own_calls_are_not_marked() {
    let world = TestWorld::start().await;
    let answer = world.ask(&prompt(&[("user", "my name is Tepuz-4305")])).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "Noted.");
    let own = &world.end().await.lines()[0];
    assert!(own.get("side_call").is_none(), "{own}");
}

#[tokio::test]
async fn summaries_keep_names() {
    let world = TestWorld::start().await;
    let asked = prompt(&[
        ("system", "Summarize the conversation. Keep every name, number and code."),
        ("user", "user: my name is Tepuz-4305\nassistant: Noted.\nuser: How are you?"),
    ]);
    let answer = world.ask(&asked).await;
    let summary = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(summary.contains("my name is Tepuz-4305") && !summary.contains("How are you"), "{summary}");
    assert_eq!(world.end().await.lines()[0]["side_call"], "summary");
}
