//! Talking to the runtime as the platform does: one client, one endpoint, the contexts of all canaries.

mod candidates;
mod conversation;

pub use conversation::{Conversation, Delivered, Talk};
