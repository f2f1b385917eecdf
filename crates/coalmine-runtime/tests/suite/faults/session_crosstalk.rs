//! The layer `session`: conversations that mix.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{INTRODUCTION, QUESTION, RECALLED, UNKNOWN, name_recall};
use crate::support::{
    ModelServer, Runtime, in_background, prompt_text, task_request, text, v0_3, wait_until,
};

/// Returns a model that repeats the prompt but waits for a permit for `slow`, and a runtime with this fault.
async fn gated(fault: &str) -> (ModelServer, Runtime, Arc<Semaphore>) {
    let (model, gate) = ModelServer::slow(prompt_text).await;
    let runtime = Runtime::with_fault(&model, fault).await;
    (model, runtime, gate)
}

/// Sends a slow text, waits until the model gets it, and returns the id of the task.
async fn begin(runtime: &Runtime, model: &ModelServer, context: &str, words: &str) -> String {
    let before = model.prompts().len();
    let task = runtime.result(in_background(v0_3("message/send", context, text(words)))).await;
    wait_until("the turn to begin", async || (model.prompts().len() > before).then_some(())).await;
    task["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn last_context_wins_mixes_alternating_contexts() {
    let (runtime, _model, task) = name_recall("session.last-context-wins").await;
    assert_eq!(task["artifacts"][0]["parts"][0]["text"], RECALLED, "two turns in a row stay correct");
    assert_eq!(runtime.ask("b", QUESTION).await, UNKNOWN, "a new context begins its own session");
    assert_eq!(runtime.ask("a", QUESTION).await, UNKNOWN, "`a` continues in the session of `b`");
    let sessions = runtime.sessions().await;
    let contexts = |at: usize| -> Vec<_> {
        sessions[at]["turns"].as_array().unwrap().iter().map(|turn| turn["context_id"].clone()).collect()
    };
    assert_eq!((contexts(0), contexts(1)), (vec!["a".into(), "a".into()], vec!["b".into(), "a".into()]));
    assert_eq!(runtime.ask("b", QUESTION).await, UNKNOWN, "`b` was opened last and stays in its own session");
}

#[tokio::test]
async fn last_context_wins_loses_no_parallel_turn() {
    let (model, runtime, gate) = gated("session.last-context-wins").await;
    for context in ["a", "b", "c"] {
        runtime.say(context, INTRODUCTION).await;
    }
    let mut tasks = vec![begin(&runtime, &model, "c", "slow 1").await];
    for (context, words) in [("a", "slow 2"), ("b", "slow 3")] {
        let task = runtime.result(in_background(v0_3("message/send", context, text(words)))).await;
        tasks.push(task["id"].as_str().unwrap().to_owned());
    }
    gate.add_permits(3);
    for task in tasks {
        runtime.wait_for_state(&task, "completed").await;
    }
    let sessions = format!("{:?}", runtime.sessions().await);
    assert!(["slow 1", "slow 2", "slow 3"].iter().all(|words| sessions.contains(words)), "{sessions}");
}

#[tokio::test]
async fn mixed_under_load_mixes_only_parallel_turns() {
    let (model, runtime, gate) = gated("session.mixed-under-load").await;
    runtime.say("a", "the first of a").await;
    runtime.say("b", "the first of b").await;
    assert!(!runtime.ask("b", "alone").await.contains("of a"));
    let task = begin(&runtime, &model, "a", "slow secret").await;
    let answer = runtime.ask("b", "beside it").await;
    assert!(answer.contains("the first of b") && answer.contains("the first of a"), "{answer}");
    assert!(answer.contains("slow secret"), "{answer}");
    gate.add_permits(1);
    runtime.wait_for_state(&task, "completed").await;
    let sessions = runtime.sessions().await;
    assert!(
        sessions[1].to_string().contains("slow secret") && !sessions[0].to_string().contains("beside it")
    );
    assert!(!runtime.ask("c", "alone").await.contains("of a"));
}

#[tokio::test]
async fn last_write_wins_loses_one_of_two_parallel_turns() {
    let (model, runtime, gate) = gated("session.last-write-wins").await;
    runtime.say("a", "the first").await;
    runtime.say("a", "the second").await;
    let tasks = [begin(&runtime, &model, "a", "slow 1").await, begin(&runtime, &model, "a", "slow 2").await];
    gate.add_permits(2);
    for task in tasks {
        runtime.wait_for_state(&task, "completed").await;
    }
    let answer = runtime.ask("a", "and now?").await;
    assert!(answer.contains("the first") && answer.contains("the second"), "{answer}");
    assert_ne!(answer.contains("slow 1"), answer.contains("slow 2"), "{answer}");
}

#[tokio::test]
async fn last_write_wins_stores_the_text_of_a_canceled_turn() {
    let (model, runtime, _gate) = gated("session.last-write-wins").await;
    let task = begin(&runtime, &model, "a", "slow words").await;
    runtime.result(task_request("tasks/cancel", &task)).await;
    wait_until("the words", async || {
        runtime
            .sessions()
            .await
            .first()
            .filter(|session| session.to_string().contains("slow words"))
            .map(drop)
    })
    .await;
}
