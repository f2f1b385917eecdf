//! A runtime that is a container, in an internal network of its own: it reaches the world on the gateway, and has no
//! way out unless it is to ask a model of its own. What the host serves on all addresses can be reached all the same, and
//! is reported.
//!
//! There are no bind mounts (files go in and out by the archive API), no published ports and no credentials.

mod spec;
mod engine;
mod target;
mod network;
mod image;
mod digests;
mod container;
mod files;
mod watch;
mod usage;
mod lifecycle;
mod folder;
mod host_services;

pub use digests::{ImageDigests, image_digests};
pub(super) use engine::connect;
pub(crate) use files::read_archive;
pub(super) use network::{KEPT, OWNER, RUN};
pub use spec::{DockerSpec, PullPolicy};
pub(super) use target::Docker;
