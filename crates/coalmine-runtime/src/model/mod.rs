//! The model: its prompt, its tools, and its API (OpenAI's chat completions).

mod prompt;
mod tools;
mod client;
mod event_stream;
mod completion;
mod error;

pub(crate) use client::ModelClient;
pub(crate) use completion::{Completion, ToolCall};
pub(crate) use error::ModelError;
pub(crate) use prompt::Prompt;
pub(crate) use tools::OfferedTools;
