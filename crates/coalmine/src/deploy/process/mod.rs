//! A runtime that is a local process: the embedded one, or a command of the user's.

mod spec;
mod paths;
mod sandbox;
mod group;
mod search;
mod disk;
mod exec;

pub(super) use group::Process;
pub use spec::ProcessSpec;
