//! Shared helpers: an engine with our images, runs that end, and what they leave behind.

mod ending;
mod engine;
mod images;
mod run;
mod engine_lock;

pub(crate) use ending::{Ended, wait};
pub(crate) use engine::{docker, leftovers, until};
pub(crate) use engine_lock::{own_engine, share_engine};
pub(crate) use images::build_with_shell;
pub(crate) use run::Run;

/// The image of the reference runtime.
pub(crate) const REFERENCE: &str = "coalmine/reference:dev";
/// The image of the `coalmine` command.
pub(crate) const COALMINE_IMAGE: &str = "coalmine/coalmine:dev";
/// The binary under test.
pub(crate) const COALMINE: &str = env!("CARGO_BIN_EXE_coalmine");
/// The root of the repository.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
