//! The layer `session`: conversations that get into each other.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{KNOWN, NAME, UNKNOWN, WHO, name_recall};
use crate::support::{Runtime, World, in_background, old, prompt_text, text, until};

/// A model that repeats the prompt, for `slow` when there is a permit, and a runtime with this fault.
async fn gated(fault: &str) -> (World, Runtime, Arc<Semaphore>) {
    let (world, gate) = World::slow(prompt_text).await;
    let runtime = Runtime::with_fault(&world, fault).await;
    (world, runtime, gate)
}

/// Says something that is answered later, and waits until the model was asked.
async fn begin(runtime: &Runtime, world: &World, context: &str, words: &str) -> String {
    let before = world.prompts().len();
    let task = runtime.result(in_background(old("message/send", context, text(words)))).await;
    until("the turn to begin", async || (world.prompts().len() > before).then_some(())).await;
    task["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn last_context_wins_mixes_contexts_that_take_turns() {
    let (runtime, _world, task) = name_recall("session.last-context-wins").await;
    assert_eq!(task["artifacts"][0]["parts"][0]["text"], KNOWN, "two turns in a row are right");
    assert_eq!(runtime.ask("b", WHO).await, UNKNOWN, "a new context begins its own session");
    assert_eq!(runtime.ask("a", WHO).await, UNKNOWN, "it goes on in the session of `b`");
    let sessions = runtime.sessions().await;
    let contexts = |at: usize| -> Vec<_> {
        sessions[at]["turns"].as_array().unwrap().iter().map(|turn| turn["context_id"].clone()).collect()
    };
    assert_eq!((contexts(0), contexts(1)), (vec!["a".into(), "a".into()], vec!["b".into(), "a".into()]));
    assert_eq!(runtime.ask("b", WHO).await, UNKNOWN, "it is the last one, and in its own");
}

#[tokio::test]
async fn last_context_wins_loses_no_turn_of_contexts_at_once() {
    let (world, runtime, gate) = gated("session.last-context-wins").await;
    for context in ["a", "b", "c"] {
        runtime.say(context, NAME).await;
    }
    let mut tasks = vec![begin(&runtime, &world, "c", "slow 1").await];
    for (context, words) in [("a", "slow 2"), ("b", "slow 3")] {
        let task = runtime.result(in_background(old("message/send", context, text(words)))).await;
        tasks.push(task["id"].as_str().unwrap().to_owned());
    }
    gate.add_permits(3);
    for task in tasks {
        runtime.task_in(&task, "completed").await;
    }
    let sessions = format!("{:?}", runtime.sessions().await);
    assert!(["slow 1", "slow 2", "slow 3"].iter().all(|words| sessions.contains(words)), "{sessions}");
}

#[tokio::test]
async fn mixed_under_load_takes_in_what_a_neighbour_says_and_only_then() {
    let (world, runtime, gate) = gated("session.mixed-under-load").await;
    runtime.say("a", "the first of a").await;
    runtime.say("b", "the first of b").await;
    assert!(!runtime.ask("b", "alone").await.contains("of a"));
    let task = begin(&runtime, &world, "a", "slow secret").await;
    let answer = runtime.ask("b", "beside it").await;
    assert!(answer.contains("the first of b") && answer.contains("the first of a"), "{answer}");
    assert!(answer.contains("slow secret"), "{answer}");
    gate.add_permits(1);
    runtime.task_in(&task, "completed").await;
    let sessions = runtime.sessions().await;
    assert!(
        sessions[1].to_string().contains("slow secret") && !sessions[0].to_string().contains("beside it")
    );
    assert!(!runtime.ask("c", "alone").await.contains("of a"));
}

#[tokio::test]
async fn last_write_wins_keeps_one_of_two_turns_at_once_and_all_in_a_row() {
    let (world, runtime, gate) = gated("session.last-write-wins").await;
    runtime.say("a", "the first").await;
    runtime.say("a", "the second").await;
    let tasks = [begin(&runtime, &world, "a", "slow 1").await, begin(&runtime, &world, "a", "slow 2").await];
    gate.add_permits(2);
    for task in tasks {
        runtime.task_in(&task, "completed").await;
    }
    let answer = runtime.ask("a", "and now?").await;
    assert!(answer.contains("the first") && answer.contains("the second"), "{answer}");
    assert_ne!(answer.contains("slow 1"), answer.contains("slow 2"), "{answer}");
}

#[tokio::test]
async fn last_write_wins_keeps_the_words_of_a_turn_that_is_canceled() {
    let (world, runtime, _gate) = gated("session.last-write-wins").await;
    let task = begin(&runtime, &world, "a", "slow words").await;
    runtime.result(crate::support::about("tasks/cancel", &task)).await;
    until("the words", async || {
        runtime
            .sessions()
            .await
            .first()
            .filter(|session| session.to_string().contains("slow words"))
            .map(drop)
    })
    .await;
}
