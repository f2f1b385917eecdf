//! Other agents on the platform, and how one of them is asked: found by the control plane, spoken to over A2A.
//!
//! A peer gets the message that the model wrote and nothing of the conversation it comes from; what is said to it is a
//! conversation of its own.

mod answer;
mod contexts;
mod directory;
mod error;
mod fetch;
mod interface;
mod message;
mod peers;

pub(crate) use directory::Entry;
pub(crate) use message::Outgoing;
pub(crate) use peers::Peers;
