//! The platform this runtime lives on: registration, heartbeats, and where uploaded files are.

mod handle;
mod link;
mod load;
mod token_file;

pub(crate) use handle::Platform;
