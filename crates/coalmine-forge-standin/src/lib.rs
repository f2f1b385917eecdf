//! A stand-in forge for tests: a small server on this machine with repositories, pull requests, statuses and
//! protections, which behaves as the real forges do, refusals included.
//!
//! Gitea 1.22.6 and 1.23.6 answer as they were measured: `recorded/` holds the calls that were made to real servers, a
//! test repeats them here, and the bodies are made from the real ones. Later versions of Gitea, Forgejo and
//! GitHub are by their documentation only. Ids of commits and blobs look like git's, but are not.
//!
//! - [`StandIn`] is filled with what a test needs, and then served.
//! - [`Running`] is the server: its address, what it was asked, and what is in it by now.
//! - [`Fault`] makes it fail.

mod decode;
mod failing;
mod fault;
mod gitea;
mod github;
mod http;
mod model;
mod seed;
mod server;

pub use self::{
    fault::Fault,
    http::Asked,
    model::{ADMIN, Permission, READER, WRITER},
    seed::StandIn,
    server::Running,
};
