//! The lint for workflow files: what breaks a gate without anybody noticing.

pub mod context;
mod refusal;
mod shape;
mod target;
mod version;
pub mod workflow;
pub mod yaml;

pub use target::Target;
pub use version::{Server, Version};
