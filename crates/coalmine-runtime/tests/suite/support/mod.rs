//! What every test needs: a runtime, a world around it, and messages to send.

mod message;
mod runtime;
mod world;

pub(crate) use message::*;
pub(crate) use runtime::{Runtime, reply_text, until};
pub(crate) use world::{Reply, World, asked, prompt_text};
