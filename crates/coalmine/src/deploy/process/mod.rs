//! A runtime that is a local process: the embedded one, or a command of the user's.

mod spec;
mod group;
mod disk;

pub(super) use group::Process;
pub use spec::ProcessSpec;
