//! The platform: registration, heartbeats and the URLs of uploaded files.

mod handle;
mod connection;
mod token_file;
mod heartbeat;

pub(crate) use handle::Platform;
