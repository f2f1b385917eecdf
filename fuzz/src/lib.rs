//! Fuzz targets: every reader of bytes that a hostile runtime can choose, with what must hold whatever it sends.
//!
//! A [`Target`] is a function that panics if something does not hold. The files in `corpus/<target>/` are its seeds:
//! what vendors' SDKs and real frameworks sent, and inputs that once broke a reader. Ordinary tests replay them;
//! `cargo xtask fuzz` mutates them, guided by coverage.

mod target;
mod text;
mod requests;
mod targets;
mod mutate;

pub use mutate::mutate;
pub use target::{TARGETS, Target};
