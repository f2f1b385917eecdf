//! Other agents on the platform, which the control plane knows and which answer over A2A.
//!
//! A peer gets only the message that the model writes, in a conversation of its own.

mod peers;
mod directory;
mod interface;
mod contexts;
mod message;
mod answer;

pub(crate) use directory::PeerEntry;
pub(crate) use message::PeerMessage;
pub(crate) use peers::Peers;
