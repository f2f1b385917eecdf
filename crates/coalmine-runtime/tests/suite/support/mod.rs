//! The helpers of all tests: a runtime, a model server, a platform, and requests to send.

mod runtime;
mod model_server;
mod peer_platform;
mod requests;

pub(crate) use model_server::{ModelServer, Reply, last_text, prompt_text};
pub(crate) use peer_platform::{PeerPlatform, task};
pub(crate) use requests::*;
pub(crate) use runtime::{Runtime, reply_text, wait_until};
