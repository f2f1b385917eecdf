//! Faults of several layers that a hang-up causes.

use futures_util::StreamExt as _;

use crate::{
    hangup::{hang_up, scripted_model},
    support::{Runtime, in_background, reply_text, text, v0_3, wait_until},
};

/// Enough turns elsewhere for a turn that is not blocked to reach the model.
const ROUNDS: usize = 20;

#[tokio::test]
async fn locked_after_hangup_blocks_the_context() {
    let (model, gate) = scripted_model().await;
    let runtime = Runtime::with_fault(&model, "session.locked-after-hangup").await;
    let events: Vec<_> = runtime.events(v0_3("message/stream", "a", text("heard out"))).await.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
    assert_eq!(runtime.ask("a", "sent").await, "at once", "a finished stream locks nothing");
    let id = hang_up(&runtime, "a").await;
    gate.add_permits(1);
    assert_eq!(reply_text(&runtime.wait_for_state(&id, "completed").await), "at last");
    let waiting = runtime.result(in_background(v0_3("message/send", "a", text("and now?")))).await;
    for _ in 0..ROUNDS {
        assert_eq!(runtime.ask("b", "elsewhere").await, "at once");
    }
    assert!(model.prompts().iter().all(|prompt| !prompt.to_string().contains("and now?")));
    runtime.wait_for_state(waiting["id"].as_str().unwrap(), "working").await;
}

#[tokio::test]
async fn hangup_ends_others_cuts_streams_but_not_turns() {
    let (model, gate) = scripted_model().await;
    let runtime = Runtime::with_fault(&model, "wire.hangup-ends-others").await;
    let mut other = runtime.events(v0_3("message/stream", "b", text("slow"))).await;
    let task = other.next().await.unwrap()["id"].as_str().unwrap().to_owned();
    hang_up(&runtime, "a").await;
    let rest: Vec<_> = other.collect().await;
    assert!(rest.iter().all(|event| event["final"] != true), "{rest:?}");
    gate.add_permits(2);
    assert_eq!(reply_text(&runtime.wait_for_state(&task, "completed").await), "at last");
    let later: Vec<_> = runtime.events(v0_3("message/stream", "a", text("later"))).await.collect().await;
    assert_eq!(later.last().unwrap()["status"]["state"], "completed");
    let after: Vec<_> = runtime.events(v0_3("message/stream", "b", text("after"))).await.collect().await;
    assert_eq!(after.last().unwrap()["status"]["state"], "completed", "a finished stream ends no other");
}

#[tokio::test]
async fn runs_on_after_hangup_repeats_the_model_call() {
    let (model, gate) = scripted_model().await;
    let runtime = Runtime::with_fault(&model, "prompt.runs-on-after-hangup").await;
    let _heard: Vec<_> = runtime.events(v0_3("message/stream", "a", text("heard out"))).await.collect().await;
    for _ in 0..ROUNDS {
        runtime.ask("b", "elsewhere").await;
    }
    assert_eq!(model.prompts().len(), 1 + ROUNDS, "a finished stream repeats no call");
    let id = hang_up(&runtime, "a").await;
    gate.add_permits(1000);
    assert_eq!(reply_text(&runtime.wait_for_state(&id, "completed").await), "at last");
    wait_until("more calls", async || (model.prompts().len() > ROUNDS + 10).then_some(())).await;
    assert_eq!(runtime.ask("a", "and now?").await, "at once");
    let turns = runtime.sessions().await[0]["turns"].take();
    assert_eq!(turns.as_array().unwrap().len(), 3, "the turn ran once");
}
