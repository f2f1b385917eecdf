//! Each fault breaks what it says, and nothing beside it.
//!
//! `boot.crash-on-message` is not here: it would end the tests with it.

mod boot;
mod hangup;
mod prompt;
mod prompt_files;
mod reply;
mod session;
mod session_store;
mod session_neighbours;
mod tool;
mod wire;

use serde_json::Value;

use crate::support::{Runtime, World};

const NAME: &str = "Hi, my name is Zorvane.";
const WHO: &str = "What's my name?";
const KNOWN: &str = "Your name is Zorvane.";
const UNKNOWN: &str = "I do not know.";

/// What a runtime answers to the name and the question after it.
async fn name_recall(fault: &str) -> (Runtime, World, Value) {
    let world = World::honest().await;
    let runtime = Runtime::with_fault(&world, fault).await;
    runtime.say("a", NAME).await;
    let task = runtime.say("a", WHO).await;
    (runtime, world, task)
}
