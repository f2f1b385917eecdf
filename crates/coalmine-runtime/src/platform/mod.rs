//! The platform: registration, heartbeats and the URLs of uploaded files.

mod handle;
mod connection;
mod heartbeat;
mod token_file;

pub(crate) use handle::Platform;
