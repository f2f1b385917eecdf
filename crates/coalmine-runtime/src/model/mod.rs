//! The model: what it is shown, what it may call, and the API it is behind (OpenAI's chat completions).

mod client;
mod completion;
mod error;
mod event_stream;
mod prompt;
mod tools;

pub(crate) use client::ModelClient;
pub(crate) use completion::{Completion, ToolCall};
pub(crate) use error::ModelError;
pub(crate) use prompt::Prompt;
pub(crate) use tools::Offer;
