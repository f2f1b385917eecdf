//! Packages of other languages: a virtual environment of Python, or the packages of Node.js.
//!
//! A folder names its packages loosely (`requirements.in`, `package.json`). Beside that stands a generated lock file with
//! the exact versions and their hashes (`requirements.txt`, `package-lock.json`), and only that is installed.

mod folder;
mod installer;
mod language;
mod lock;
mod problem;

pub(crate) use folder::Packages;
pub(crate) use installer::install;
