//! Peer agents: small A2A servers next to the runtime, at `/peers/<id>/`, which the runtime should ask for
//! help.
//!
//! A peer speaks both dialects, and answers by rules from the message alone. The journal records what it is
//! asked, with everything else that the request carries.

mod roster;
mod peer;
mod card;
mod rpc;
mod wire;
mod inquiry;
mod task;

pub use inquiry::Inquiry;
pub use peer::{Peer, PeerRule};
pub(crate) use roster::{Peers, host, owns};
