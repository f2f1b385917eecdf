//! A message and its answer, in both dialects.

use serde_json::json;

use crate::support::{ModelServer, Runtime, text, v0_3, v1_0};

#[tokio::test]
async fn answer_of_0_3_is_a_bare_task() {
    let model = ModelServer::answering("Good day.").await;
    let runtime = Runtime::start(&model).await;
    let mut request = v0_3("message/send", "context-1", text("hello"));
    request["params"]["message"]["metadata"] = json!({ "nonce": 7 });
    let answer = runtime.call(request.clone()).await;
    let task = &answer["result"];
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(1)));
    assert_eq!((&task["kind"], &task["contextId"]), (&json!("task"), &json!("context-1")));
    assert_eq!(task["status"]["state"], "completed");
    let timestamp = task["status"]["timestamp"].as_str().unwrap();
    assert!(timestamp.len() == 24 && timestamp.ends_with('Z'), "{timestamp}");
    assert_eq!(task["artifacts"][0]["parts"], json!([{ "kind": "text", "text": "Good day." }]));
    assert_eq!(
        task["history"],
        json!([{
            "kind": "message",
            "messageId": request["params"]["message"]["messageId"],
            "contextId": "context-1",
            "taskId": task["id"],
            "role": "user",
            "parts": [{ "kind": "text", "text": "hello" }],
            "metadata": { "nonce": 7 },
        }])
    );
}

#[tokio::test]
async fn answer_of_1_0_is_a_wrapped_task() {
    let runtime = Runtime::start(&ModelServer::answering("Good day.").await).await;
    let task = runtime.result(v1_0("SendMessage", "", json!([{ "text": "hello" }]))).await["task"].take();
    assert!(task["kind"].is_null());
    assert_eq!(task["contextId"].as_str().unwrap().len(), 36);
    assert_eq!(task["status"]["state"], "TASK_STATE_COMPLETED");
    assert_eq!(task["artifacts"][0]["parts"], json!([{ "text": "Good day." }]));
    assert_eq!(task["history"][0]["role"], "ROLE_USER");
    assert_eq!(task["history"][0]["parts"], json!([{ "text": "hello" }]));
    assert_eq!(task["history"][0]["contextId"], task["contextId"]);
}

#[tokio::test]
async fn model_sees_the_whole_conversation() {
    let model = ModelServer::grounded().await;
    let runtime = Runtime::start(&model).await;
    assert_eq!(runtime.ask("a", "Hi, my name is Zorvane-4417.").await, "Noted.");
    assert_eq!(runtime.ask("a", "What's my name?").await, "Your name is Zorvane-4417.");
    assert_eq!(runtime.ask("b", "What's my name?").await, "I do not know.");
    let prompt = &model.prompts()[1];
    let roles: Vec<_> =
        prompt["messages"].as_array().unwrap().iter().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(prompt["messages"][3]["content"], "What's my name?");
    assert_eq!((&prompt["model"], &prompt["stream"]), (&json!("gpt-4o-mini"), &json!(false)));
    let tools = prompt["tools"].as_array().unwrap().iter().map(|tool| &tool["function"]["name"]);
    assert_eq!(tools.collect::<Vec<_>>(), ["commit_memory", "recall_memory"]);
}

#[tokio::test]
async fn both_paths_are_the_same_endpoint() {
    let runtime = Runtime::start(&ModelServer::answering("Good day.").await).await;
    let request =
        runtime.http.post(format!("{}/a2a", runtime.url)).json(&v0_3("message/send", "c", text("hello")));
    let answer: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["result"]["status"]["state"], "completed");
}

#[tokio::test]
async fn history_length_limits_the_history() {
    let runtime = Runtime::start(&ModelServer::answering("Good day.").await).await;
    let mut request = v0_3("message/send", "c", text("hello"));
    request["params"]["configuration"] = json!({ "historyLength": 0 });
    assert!(runtime.result(request).await["history"].is_null());
}
