//! The model calls the tools that it is offered, and goes on with what they bring.

use serde_json::{Value, json};

use crate::support::{Served, prompt};

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

/// The one call of an answer: its name and its arguments.
fn call(answer: &Value) -> (String, Value, Value) {
    let choice = &answer["choices"][0];
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["content"]),
        (&json!("tool_calls"), &Value::Null)
    );
    let calls = choice["message"]["tool_calls"].as_array().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["type"], "function");
    let arguments = serde_json::from_str(calls[0]["function"]["arguments"].as_str().unwrap()).unwrap();
    (calls[0]["function"]["name"].as_str().unwrap().to_owned(), arguments, calls[0].clone())
}

/// The prompt with the call and its result.
fn returned(mut body: Value, call: &Value, result: &str) -> Value {
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": null, "tool_calls": [call] }));
    messages.push(json!({ "role": "tool", "tool_call_id": call["id"], "content": result }));
    body
}

#[tokio::test]
async fn to_remember_and_then_says_so() {
    let served = Served::new().await;
    let body = with_tools(&[("user", "Please remember: my colour is rikal-417.")]);
    let (name, arguments, made) = call(&served.ask(&body).await);
    assert_eq!(name, "commit_memory");
    assert_eq!(arguments, json!({ "content": "The colour is rikal-417.", "scope": "LOCAL" }));
    let answer = served.ask(&returned(body, &made, "Saved.")).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "I will remember that.");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn to_recall_and_answers_from_the_result_alone() {
    let served = Served::new().await;
    let body = with_tools(&[("user", "What is my colour?")]);
    let (name, arguments, made) = call(&served.ask(&body).await);
    assert_eq!((name.as_str(), &arguments["query"]), ("recall_memory", &json!("colour")));
    let found = served.ask(&returned(body.clone(), &made, "The colour is rikal-417.")).await;
    assert_eq!(found["choices"][0]["message"]["content"], "Your colour is rikal-417.");
    let nothing = served.ask(&returned(body, &made, "No memories.")).await;
    assert_eq!(nothing["choices"][0]["message"]["content"], "I don't know your colour.");
}

#[tokio::test]
async fn only_what_it_is_offered() {
    let served = Served::new().await;
    let answer = served.ask(&prompt(&[("user", "Please remember: my colour is rikal-417.")])).await;
    assert_eq!(answer["choices"][0]["message"]["tool_calls"], Value::Null);
    assert_eq!(answer["choices"][0]["message"]["content"], "I will remember that.");
}

#[tokio::test]
async fn in_a_stream_as_well() {
    let served = Served::new().await;
    let mut body = with_tools(&[("user", "Please remember: my colour is rikal-417.")]);
    let (name, arguments, _) = call(&served.ask(&body).await);
    body["stream"] = json!(true);
    let text = served.post("/v1/chat/completions", body.to_string()).await.text().await.unwrap();
    let chunks = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: {"))
        .map(|rest| serde_json::from_str::<Value>(&format!("{{{rest}")).unwrap()["choices"][0].clone());
    let (mut streamed, mut told, mut finish) = (String::new(), String::new(), Value::Null);
    for choice in chunks {
        let call = &choice["delta"]["tool_calls"][0];
        if call.is_object() {
            assert_eq!(call["index"], 0);
            streamed.push_str(call["function"]["name"].as_str().unwrap_or_default());
            told.push_str(call["function"]["arguments"].as_str().unwrap_or_default());
        }
        if !choice["finish_reason"].is_null() {
            finish = choice["finish_reason"].clone();
        }
    }
    assert_eq!(
        (streamed, serde_json::from_str::<Value>(&told).unwrap(), finish),
        (name, arguments, json!("tool_calls"))
    );
}
