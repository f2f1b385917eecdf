//! From a verdict to a required check. This crate knows forges and their workflows; of canaries it knows
//! only what a run's `summary.json` says.
//!
//! - [`lint`] reads workflow files and says what a forge's version makes of them.
//! - [`forge`] talks to a forge's API: Gitea, Forgejo or GitHub.
//! - [`rollout`] brings the gate to a fleet of repositories, and requires it where it has proven itself.

pub mod forge;
pub mod lint;
pub mod rollout;
