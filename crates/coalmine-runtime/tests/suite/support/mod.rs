//! What every test needs: a runtime, a world around it, and messages to send.

mod message;
mod platform;
mod runtime;
mod world;

pub(crate) use message::*;
pub(crate) use platform::{Platform, task};
pub(crate) use runtime::{Runtime, reply_text, until};
pub(crate) use world::{Reply, World, asked, prompt_text};
