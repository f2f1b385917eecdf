//! Talking to the runtime as the platform does: one client, one endpoint, the contexts of all canaries.

mod attach;
mod attempt;
mod candidates;
mod conversation;
mod deed;
mod route;

pub use conversation::{Conversation, Delivered, Talk};
pub use deed::{Deed, Done, Meant, until};
