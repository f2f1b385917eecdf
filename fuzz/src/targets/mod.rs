//! The targets, by what they read.

pub(crate) mod wire;
pub(crate) mod world;
pub(crate) mod model;
pub(crate) mod store;
pub(crate) mod attestation;
pub(crate) mod disk;
pub(crate) mod output;
pub(crate) mod plan;
pub(crate) mod report;
