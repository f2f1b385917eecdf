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

const INTRODUCTION: &str = "Hi, my name is Zorvane.";
const QUESTION: &str = "What's my name?";
const RECALLED: &str = "Your name is Zorvane.";
const UNKNOWN: &str = "I do not know.";

/// States a name, asks for it, and returns the task of the question.
async fn name_recall(fault: &str) -> (Runtime, ModelServer, Value) {
    let model = ModelServer::grounded().await;
    let runtime = Runtime::with_fault(&model, fault).await;
    runtime.say("a", INTRODUCTION).await;
    let task = runtime.say("a", QUESTION).await;
    (runtime, model, task)
}
