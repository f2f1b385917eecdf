//! Peer agents: small A2A servers beside the runtime, below `/peers/<id>/`, for what it should ask somebody else.
//!
//! A peer speaks both dialects and answers by rules, from the message alone. What is asked of it is in the journal,
//! with everything else that came along.

mod card;
mod inquiry;
mod peer;
mod roster;
mod rpc;
mod task;
mod wire;

pub use inquiry::Inquiry;
pub use peer::{Peer, PeerRule};
pub(crate) use roster::{Peers, host, owns};
