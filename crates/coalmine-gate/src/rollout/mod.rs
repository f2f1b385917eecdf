//! The rollout of the gate over a fleet of template repositories.
//!
//! - [`fleet`] reads `fleet.toml`: which repositories there are, in which order they follow, and how long each bakes.
//! - [`history`] is what a forge knows of a repository's pull requests, as far as the gate is concerned.
//! - [`bake`] counts what those show, without any forge.

pub mod bake;
pub mod calendar;
pub mod fleet;
pub mod history;
