//! Messages that are repeated, parallel, or sent by clients that do not wait.

use futures_util::{StreamExt as _, future::join_all};
use serde_json::json;

use crate::support::{ModelServer, Runtime, in_background, last_text, reply_text, text, v0_3, v1_0};

#[tokio::test]
async fn repeated_message_makes_one_turn() {
    let model = ModelServer::answering("once").await;
    let runtime = Runtime::start(&model).await;
    let request = v0_3("message/send", "c", text("x"));
    let both = join_all([runtime.result(request.clone()), runtime.result(request.clone())]).await;
    assert_eq!(both[0]["id"], both[1]["id"]);
    assert_eq!((reply_text(&both[0]), reply_text(&both[1])), ("once".into(), "once".into()));
    assert_eq!(model.prompts().len(), 1);
    let mut elsewhere = request.clone();
    elsewhere["params"]["message"]["contextId"] = json!("d");
    assert_ne!(runtime.result(elsewhere).await["id"], both[0]["id"]);

    let mut streamed = request;
    streamed["method"] = json!("message/stream");
    let events: Vec<_> = runtime.events(streamed).await.collect().await;
    assert_eq!(events[0]["id"], both[0]["id"]);
    assert_eq!(events.last().unwrap()["final"], true);
    assert_eq!(model.prompts().len(), 2);
}

#[tokio::test]
async fn parallel_turns_of_a_context_run_in_sequence() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    join_all((0..8).map(|n| runtime.say("c", if n % 2 == 0 { "even" } else { "odd" }))).await;
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 8);
    let mut seen: Vec<_> =
        model.prompts().iter().map(|prompt| prompt["messages"].as_array().unwrap().len()).collect();
    seen.sort_unstable();
    assert_eq!(seen, [2, 4, 6, 8, 10, 12, 14, 16], "each turn sees all earlier ones");
}

#[tokio::test]
async fn contexts_do_not_wait_for_each_other() {
    let (model, gate) = ModelServer::slow(|prompt| format!("re: {}", last_text(prompt))).await;
    let runtime = Runtime::start(&model).await;
    let slow = runtime.result(in_background(v0_3("message/send", "slow", text("slow")))).await;
    assert_eq!(slow["status"]["state"], "working");
    assert_eq!(runtime.ask("fast", "fast").await, "re: fast");
    gate.add_permits(1);
    let done = runtime.wait_for_state(slow["id"].as_str().unwrap(), "completed").await;
    assert_eq!(reply_text(&done), "re: slow");
}

#[tokio::test]
async fn client_of_1_0_can_return_immediately() {
    let (model, gate) = ModelServer::slow(|_| "done".into()).await;
    let runtime = Runtime::start(&model).await;
    let mut request = v1_0("SendMessage", "c", json!([{ "text": "slow" }]));
    request["params"]["configuration"] = json!({ "returnImmediately": true });
    let task = runtime.result(request).await["task"].take();
    assert_eq!(task["status"]["state"], "TASK_STATE_WORKING");
    gate.add_permits(1);
    runtime.wait_for_state(task["id"].as_str().unwrap(), "completed").await;
}

#[tokio::test]
async fn answers_messages_of_a_context_in_order() {
    let (model, gate) = ModelServer::slow(|prompt| format!("re: {}", last_text(prompt))).await;
    let runtime = Runtime::start(&model).await;
    let words: Vec<_> = (0..5).map(|n| format!("slow message {n}")).collect();
    let mut tasks = Vec::new();
    for words in &words {
        tasks.push(runtime.result(in_background(v0_3("message/send", "c", text(words)))).await);
    }
    gate.add_permits(words.len());
    for (task, words) in tasks.iter().zip(&words) {
        let done = runtime.wait_for_state(task["id"].as_str().unwrap(), "completed").await;
        assert_eq!(reply_text(&done), format!("re: {words}"));
    }
    let turns = runtime.sessions().await[0]["turns"].take();
    let kept: Vec<_> = turns.as_array().unwrap().iter().map(|turn| &turn["user"]["text"]).collect();
    assert_eq!(kept, words.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn five_hundred_parallel_contexts_stay_apart() {
    const CONTEXTS: usize = 500;
    let model = ModelServer::grounded().await;
    let runtime = Runtime::start(&model).await;
    let one = async |context: String, words: String| runtime.ask(&context, &words).await;
    let all = |words: fn(usize) -> String| join_all((0..CONTEXTS).map(|n| one(format!("c{n}"), words(n))));
    assert!(all(|n| format!("Hi, my name is Zorvane-{n}.")).await.iter().all(|answer| answer == "Noted."));
    for (n, answer) in all(|_| "What's my name?".to_owned()).await.iter().enumerate() {
        assert_eq!(*answer, format!("Your name is Zorvane-{n}."));
    }
    let sessions = runtime.sessions().await;
    assert_eq!(sessions.len(), CONTEXTS);
    assert!(sessions.iter().all(|session| session["turns"].as_array().unwrap().len() == 2));
}
