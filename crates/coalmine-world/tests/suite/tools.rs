//! The model calls the tools that it is offered, and uses their results.

use serde_json::{Value, json};

use crate::support::{TestWorld, prompt};

fn with_tools(messages: &[(&str, &str)]) -> Value {
    let tool = |name: &str, argument: &str| {
        let parameters = json!({
            "type": "object", "required": [argument, "scope"],
            "properties": { argument: { "type": "string" }, "scope": { "type": "string", "enum": ["LOCAL", "TEAM"] } },
        });
        json!({ "type": "function", "function": { "name": name, "description": "d", "parameters": parameters } })
    };
    let mut body = prompt(messages);
    body["tools"] =
        json!([tool("unrelated", "x"), tool("commit_memory", "content"), tool("recall_memory", "query")]);
    body
}

/// The only call of an answer.
struct Call {
    name: String,
    arguments: Value,
    json: Value,
}

fn only_call(answer: &Value) -> Call {
    let choice = &answer["choices"][0];
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["content"]),
        (&json!("tool_calls"), &Value::Null)
    );
    let calls = choice["message"]["tool_calls"].as_array().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["type"], "function");
    let arguments = serde_json::from_str(calls[0]["function"]["arguments"].as_str().unwrap()).unwrap();
    let name = calls[0]["function"]["name"].as_str().unwrap().to_owned();
    Call { name, arguments, json: calls[0].clone() }
}

/// Adds the call and its result to a prompt.
fn with_result(mut body: Value, call: &Value, result: &str) -> Value {
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": null, "tool_calls": [call] }));
    messages.push(json!({ "role": "tool", "tool_call_id": call["id"], "content": result }));
    body
}

#[tokio::test]
async fn commits_to_memory_and_confirms() {
    let world = TestWorld::start().await;
    let body = with_tools(&[("user", "Please remember: my color is rikal-417.")]);
    let Call { name, arguments, json } = only_call(&world.ask(&body).await);
    assert_eq!(name, "commit_memory");
    assert_eq!(arguments, json!({ "content": "The color is rikal-417.", "scope": "LOCAL" }));
    let answer = world.ask(&with_result(body, &json, "Saved.")).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "I will remember that.");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn recalls_and_answers_from_the_result() {
    let world = TestWorld::start().await;
    let body = with_tools(&[("user", "What is my color?")]);
    let Call { name, arguments, json } = only_call(&world.ask(&body).await);
    assert_eq!((name.as_str(), &arguments["query"]), ("recall_memory", &json!("color")));
    let found = world.ask(&with_result(body.clone(), &json, "The color is rikal-417.")).await;
    assert_eq!(found["choices"][0]["message"]["content"], "Your color is rikal-417.");
    let nothing = world.ask(&with_result(body, &json, "No memories.")).await;
    assert_eq!(nothing["choices"][0]["message"]["content"], "I don't know your color.");
}

#[tokio::test]
async fn calls_only_offered_tools() {
    let world = TestWorld::start().await;
    let answer = world.ask(&prompt(&[("user", "Please remember: my color is rikal-417.")])).await;
    assert_eq!(answer["choices"][0]["message"]["tool_calls"], Value::Null);
    assert_eq!(answer["choices"][0]["message"]["content"], "I will remember that.");
}

#[tokio::test]
async fn streams_calls() {
    let world = TestWorld::start().await;
    let mut body = with_tools(&[("user", "Please remember: my color is rikal-417.")]);
    let Call { name, arguments, .. } = only_call(&world.ask(&body).await);
    body["stream"] = json!(true);
    let text = world.post("/v1/chat/completions", body.to_string()).await.text().await.unwrap();
    let chunks = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: {"))
        .map(|rest| serde_json::from_str::<Value>(&format!("{{{rest}")).unwrap()["choices"][0].clone());
    let (mut streamed_name, mut streamed_arguments, mut finish) = (String::new(), String::new(), Value::Null);
    for choice in chunks {
        let call = &choice["delta"]["tool_calls"][0];
        if call.is_object() {
            assert_eq!(call["index"], 0);
            streamed_name.push_str(call["function"]["name"].as_str().unwrap_or_default());
            streamed_arguments.push_str(call["function"]["arguments"].as_str().unwrap_or_default());
        }
        if !choice["finish_reason"].is_null() {
            finish = choice["finish_reason"].clone();
        }
    }
    assert_eq!(
        (streamed_name, serde_json::from_str::<Value>(&streamed_arguments).unwrap(), finish),
        (name, arguments, json!("tool_calls"))
    );
}

#[tokio::test]
async fn tools_with_actions_are_called_and_their_errors_seen() {
    let world = TestWorld::start().await;
    let parameters = json!({
        "type": "object", "required": ["action", "target"],
        "properties": {
            "action": {"type": "string", "enum": ["remove", "replace", "add"]},
            "target": {"type": "string", "enum": ["memory", "user"]},
            "content": {"type": "string"},
        },
    });
    let question = json!({"role": "user", "content": "Please remember: my color is rikal-417."});
    let tool = json!({"type": "function", "function": {"name": "memory", "parameters": parameters}});
    let mut body = json!({"model": "m", "tools": [tool], "messages": [question]});
    let answer = world.ask(&body).await;
    let called = answer["choices"][0]["message"].clone();
    let arguments = called["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    let expected = json!({"action": "add", "target": "memory", "content": "The color is rikal-417."});
    assert_eq!(serde_json::from_str::<Value>(arguments).unwrap(), expected);
    let id = called["tool_calls"][0]["id"].clone();
    let failed = json!({"role": "tool", "tool_call_id": id, "content": "Error: the memory is full"});
    body["messages"].as_array_mut().unwrap().extend([called, failed]);
    world.ask(&body).await;
    let written = world.end().await.lines();
    assert_eq!(written[1]["prompt"]["messages"][2]["is_error"], true, "{}", written[1]);
    assert!(written[1]["prompt"]["messages"][1].get("is_error").is_none());
}
