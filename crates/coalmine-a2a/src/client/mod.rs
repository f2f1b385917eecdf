//! The client: says something as the platform does and brings back what there is to see.
//!
//! `turn` is what is handed over and back; `send` and `follow` are the calls that others make; `rpc` is one JSON-RPC call
//! of theirs, `http` one exchange, `body` its answer within bounds.

mod body;
mod follow;
mod http;
mod rpc;
mod send;
mod turn;

use body::Bounded;
pub use http::Client;
pub(crate) use turn::Watch;
pub use turn::{Endpoint, Flow, Sent};
