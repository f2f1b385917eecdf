//! Clients that hang up in the middle of a stream.

use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio::sync::Semaphore;

use crate::support::{Runtime, World, about, asked, old, reply_text, text};

/// Where `slow` is answered when there is a permit, and everything else at once.
pub(crate) async fn world() -> (World, Arc<Semaphore>) {
    World::slow(|prompt| if asked(prompt) == "slow" { "at last".into() } else { "at once".into() }).await
}

/// Begins a slow turn in a stream, hangs up, and says which task it was.
pub(crate) async fn hang_up(runtime: &Runtime, context: &str) -> String {
    let mut events = runtime.events(old("message/stream", context, text("slow"))).await;
    events.next().await.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_turn_goes_on_without_its_listener_once_and_its_context_stays_usable() {
    let (world, gate) = world().await;
    let runtime = Runtime::start(&world).await;
    let id = hang_up(&runtime, "c").await;
    gate.add_permits(1);
    assert_eq!(reply_text(&runtime.task_in(&id, "completed").await), "at last");
    assert_eq!(runtime.sessions().await[0]["turns"][0]["agent"], "at last");
    assert_eq!(runtime.ask("c", "and now?").await, "at once");
    assert_eq!(world.prompts().len(), 2, "the turn was taken once");
}

#[tokio::test]
async fn one_hang_up_ends_no_other_stream() {
    let (world, gate) = world().await;
    let runtime = Runtime::start(&world).await;
    let leaving = runtime.events(old("message/stream", "a", text("slow"))).await;
    let mut staying = runtime.events(old("message/stream", "b", text("slow"))).await;
    let id = staying.next().await.unwrap()["id"].as_str().unwrap().to_owned();
    let also_leaving = runtime.events(about("tasks/resubscribe", &id)).await;
    drop((leaving, also_leaving));
    gate.add_permits(2);
    let events: Vec<_> = staying.collect().await;
    assert_eq!(events.last().unwrap()["status"]["state"], "completed");
}
