//! Each fault breaks what its description says, and nothing else.

mod boot;
mod hangup;
mod prompt;
mod prompt_files;
mod reply;
mod session;
mod session_store;
mod session_crosstalk;
mod tool;
mod wire;

use serde_json::Value;

use crate::support::{ModelServer, Runtime};

const NAME: &str = "Hi, my name is Zorvane.";
const WHO: &str = "What's my name?";
const KNOWN: &str = "Your name is Zorvane.";
const UNKNOWN: &str = "I do not know.";

/// States a name, asks for it, and returns the task of the question.
async fn name_recall(fault: &str) -> (Runtime, ModelServer, Value) {
    let model = ModelServer::grounded().await;
    let runtime = Runtime::with_fault(&model, fault).await;
    runtime.say("a", NAME).await;
    let task = runtime.say("a", WHO).await;
    (runtime, model, task)
}
