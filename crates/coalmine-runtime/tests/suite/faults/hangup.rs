//! The faults of a hang-up, of several layers.

use futures_util::StreamExt as _;

use crate::{
    hangup::{hang_up, world},
    support::{Runtime, in_background, old, reply_text, text, until},
};

/// More than enough for a turn that waits for nothing to get to the model.
const ROUNDS: usize = 20;

#[tokio::test]
async fn locked_after_hangup_lets_nothing_more_into_that_context() {
    let (world, gate) = world().await;
    let runtime = Runtime::with_fault(&world, "session.locked-after-hangup").await;
    let events: Vec<_> = runtime.events(old("message/stream", "a", text("heard out"))).await.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    assert_eq!(runtime.ask("a", "sent").await, "at once", "a stream that was heard out locks nothing");
    let id = hang_up(&runtime, "a").await;
    gate.add_permits(1);
    assert_eq!(reply_text(&runtime.task_in(&id, "completed").await), "at last");
    let waiting = runtime.result(in_background(old("message/send", "a", text("and now?")))).await;
    for _ in 0..ROUNDS {
        assert_eq!(runtime.ask("b", "elsewhere").await, "at once");
    }
    assert!(world.prompts().iter().all(|prompt| !prompt.to_string().contains("and now?")));
    runtime.task_in(waiting["id"].as_str().unwrap(), "working").await;
}

#[tokio::test]
async fn hangup_ends_others_cuts_streams_and_not_turns() {
    let (world, gate) = world().await;
    let runtime = Runtime::with_fault(&world, "wire.hangup-ends-others").await;
    let mut other = runtime.events(old("message/stream", "b", text("slow"))).await;
    let task = other.next().await.unwrap()["id"].as_str().unwrap().to_owned();
    hang_up(&runtime, "a").await;
    let rest: Vec<_> = other.collect().await;
    assert!(rest.iter().all(|event| event["final"] != true), "{rest:?}");
    gate.add_permits(2);
    assert_eq!(reply_text(&runtime.task_in(&task, "completed").await), "at last");
    let later: Vec<_> = runtime.events(old("message/stream", "a", text("later"))).await.collect().await;
    assert_eq!(later.last().unwrap()["status"]["state"], "completed");
    let after: Vec<_> = runtime.events(old("message/stream", "b", text("after"))).await.collect().await;
    assert_eq!(after.last().unwrap()["status"]["state"], "completed", "a stream heard out ends no other");
}

#[tokio::test]
async fn runs_on_after_hangup_asks_the_model_again_and_again() {
    let (world, gate) = world().await;
    let runtime = Runtime::with_fault(&world, "prompt.runs-on-after-hangup").await;
    let _heard: Vec<_> = runtime.events(old("message/stream", "a", text("heard out"))).await.collect().await;
    for _ in 0..ROUNDS {
        runtime.ask("b", "elsewhere").await;
    }
    assert_eq!(world.prompts().len(), 1 + ROUNDS, "after a stream that was heard out it does not");
    let id = hang_up(&runtime, "a").await;
    gate.add_permits(1000);
    assert_eq!(reply_text(&runtime.task_in(&id, "completed").await), "at last");
    until("more calls", async || (world.prompts().len() > ROUNDS + 10).then_some(())).await;
    assert_eq!(runtime.ask("a", "and now?").await, "at once");
    let turns = runtime.sessions().await[0]["turns"].take();
    assert_eq!(turns.as_array().unwrap().len(), 3, "the turn was taken once");
}
