//! `coalmine.toml`, the one file about how a template repository is judged.
//!
//! - [`mod@file`] is the file as a person writes it, and [`build`] its image.
//! - [`root`] finds files in a repository, and never outside of it.
//! - [`settings`] lays the file under the flags of a run.
//! - [`changes`] says what a pull request changes about its own gate, and [`plan`] what is judged because of it.
//! - [`verdict`] makes one exit code of several runs.

mod build;
mod changes;
mod file;
mod plan;
mod root;
mod settings;
mod verdict;

pub(crate) use build::Build;
pub(crate) use file::{FILE, ProjectFile};
pub(crate) use plan::{Plan, Whose};
pub(crate) use root::Root;
pub(crate) use verdict::worse;
