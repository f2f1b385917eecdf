//! Paths in the repository.

use camino::{Utf8Path, Utf8PathBuf};

/// Returns the root of the work tree.
pub(crate) fn root() -> &'static Utf8Path {
    let own = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Returns a folder below `target/`.
pub(crate) fn target(name: &str) -> Utf8PathBuf {
    root().join("target").join(name)
}
