//! Messages that come twice, at once, or from clients that do not wait.

use futures_util::{StreamExt as _, future::join_all};
use serde_json::json;

use crate::support::{Runtime, World, asked, in_background, old, reply_text, text};

#[tokio::test]
async fn a_message_that_comes_twice_makes_one_turn() {
    let world = World::saying("once").await;
    let runtime = Runtime::start(&world).await;
    let request = old("message/send", "c", text("x"));
    let both = join_all([runtime.result(request.clone()), runtime.result(request.clone())]).await;
    assert_eq!(both[0]["id"], both[1]["id"]);
    assert_eq!((reply_text(&both[0]), reply_text(&both[1])), ("once".into(), "once".into()));
    assert_eq!(world.prompts().len(), 1);
    let mut elsewhere = request.clone();
    elsewhere["params"]["message"]["contextId"] = json!("d");
    assert_ne!(runtime.result(elsewhere).await["id"], both[0]["id"]);

    let mut streamed = request;
    streamed["method"] = json!("message/stream");
    let events: Vec<_> = runtime.events(streamed).await.collect().await;
    assert_eq!(events[0]["id"], both[0]["id"]);
    assert_eq!(events.last().unwrap()["final"], true);
    assert_eq!(world.prompts().len(), 2);
}

#[tokio::test]
async fn parallel_turns_of_a_context_follow_each_other_and_are_all_kept() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
    join_all((0..8).map(|n| runtime.say("c", if n % 2 == 0 { "even" } else { "odd" }))).await;
    assert_eq!(runtime.sessions().await[0]["turns"].as_array().unwrap().len(), 8);
    let mut seen: Vec<_> =
        world.prompts().iter().map(|prompt| prompt["messages"].as_array().unwrap().len()).collect();
    seen.sort_unstable();
    assert_eq!(seen, [2, 4, 6, 8, 10, 12, 14, 16], "each turn saw all that came before it");
}

#[tokio::test]
async fn contexts_do_not_wait_for_each_other() {
    let (world, gate) = World::slow(|prompt| format!("re: {}", asked(prompt))).await;
    let runtime = Runtime::start(&world).await;
    let slow = runtime.result(in_background(old("message/send", "slow", text("slow")))).await;
    assert_eq!(slow["status"]["state"], "working");
    assert_eq!(runtime.ask("fast", "fast").await, "re: fast");
    gate.add_permits(1);
    let done = runtime.task_in(slow["id"].as_str().unwrap(), "completed").await;
    assert_eq!(reply_text(&done), "re: slow");
}

#[tokio::test]
async fn a_client_of_1_0_that_does_not_want_to_wait_gets_the_working_task() {
    let (world, gate) = World::slow(|_| "done".into()).await;
    let runtime = Runtime::start(&world).await;
    let mut request = crate::support::new("SendMessage", "c", json!([{ "text": "slow" }]));
    request["params"]["configuration"] = json!({ "returnImmediately": true });
    let task = runtime.result(request).await["task"].take();
    assert_eq!(task["status"]["state"], "TASK_STATE_WORKING");
    gate.add_permits(1);
    runtime.task_in(task["id"].as_str().unwrap(), "completed").await;
}

#[tokio::test]
async fn messages_of_a_context_are_answered_in_the_order_in_which_they_were_taken() {
    let (world, gate) = World::slow(|prompt| format!("re: {}", asked(prompt))).await;
    let runtime = Runtime::start(&world).await;
    let words: Vec<_> = (0..5).map(|n| format!("slow message {n}")).collect();
    let mut tasks = Vec::new();
    for words in &words {
        tasks.push(runtime.result(in_background(old("message/send", "c", text(words)))).await);
    }
    gate.add_permits(words.len());
    for (task, words) in tasks.iter().zip(&words) {
        let done = runtime.task_in(task["id"].as_str().unwrap(), "completed").await;
        assert_eq!(reply_text(&done), format!("re: {words}"));
    }
    let turns = runtime.sessions().await[0]["turns"].take();
    let kept: Vec<_> = turns.as_array().unwrap().iter().map(|turn| &turn["user"]["text"]).collect();
    assert_eq!(kept, words.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn five_hundred_contexts_at_once_each_know_their_own() {
    const CONTEXTS: usize = 500;
    let world = World::honest().await;
    let runtime = Runtime::start(&world).await;
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
