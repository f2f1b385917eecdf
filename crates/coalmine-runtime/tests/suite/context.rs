//! The rules on contexts and tasks.

use serde_json::json;

use crate::support::{ModelServer, Runtime, in_background, last_text, task_request, text, v0_3, with_id};

#[tokio::test]
async fn empty_context_opens_a_new_one() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    let task = runtime.result(with_id(v0_3("message/send", "c", text("x")), "contextId", "")).await;
    assert_eq!(task["contextId"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn any_context_id_works_and_none_becomes_a_path() {
    let runtime = Runtime::start(&ModelServer::grounded().await).await;
    for context in ["../../escape", "Ünï cödé \u{1}", &"long".repeat(500)] {
        let task = runtime.say(context, "Hi, my name is Zorvane.").await;
        assert_eq!(task["contextId"], context);
        assert_eq!(runtime.ask(context, "What's my name?").await, "Your name is Zorvane.");
    }
    assert_eq!(std::fs::read_dir(runtime.state.path().join("sessions")).unwrap().count(), 3);
    assert_eq!(std::fs::read_dir(runtime.state.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn rejects_unknown_finished_and_foreign_tasks() {
    let runtime = Runtime::start(&ModelServer::answering("ok").await).await;
    let done = runtime.say("a", "x").await["id"].as_str().unwrap().to_owned();
    let send = |context: &str, task: &str| with_id(v0_3("message/send", context, text("y")), "taskId", task);
    assert_eq!(runtime.error_code(send("a", "unknown")).await, -32001);
    assert_eq!(runtime.error_code(send("b", &done)).await, -32602);
    assert_eq!(runtime.error_code(send("a", &done)).await, -32004);
    assert_eq!(runtime.error_code(send("", &done)).await, -32004);
    assert_eq!(runtime.error_code(v0_3("message/send", "a", json!([]))).await, -32602);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn message_to_a_running_task_joins_it() {
    let (model, gate) = ModelServer::slow(|prompt| format!("re: {}", last_text(prompt))).await;
    let runtime = Runtime::start(&model).await;
    let task = runtime.result(in_background(v0_3("message/send", "c", text("slow one")))).await;
    assert_eq!(task["status"]["state"], "working");
    let id = task["id"].as_str().unwrap();
    let second = with_id(v0_3("message/send", "", text("slow two")), "taskId", id);
    let joined = runtime.result(in_background(second)).await;
    assert_eq!((&joined["id"], &joined["contextId"]), (&json!(id), &json!("c")));
    gate.add_permits(2);
    let task = runtime.wait_for_state(id, "completed").await;
    let mut answers: Vec<_> =
        task["artifacts"].as_array().unwrap().iter().map(|a| a["parts"][0]["text"].to_string()).collect();
    answers.sort();
    assert_eq!(answers, ["\"re: slow one\"", "\"re: slow two\""]);
    assert_eq!(task["history"].as_array().unwrap().len(), 2);
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 2);
    assert_eq!(runtime.error_code(task_request("tasks/cancel", id)).await, -32002);
}
