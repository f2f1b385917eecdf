//! Talking to the runtime as the platform does: one client, one endpoint, the contexts of all canaries.

mod attach;
mod attempt;
mod candidates;
mod conversation;
mod action;
mod route;

pub use action::{Done, MidTurnAction, PlannedAction, until};
pub use conversation::{Conversation, Delivered, Talk};
