//! Where things are in the repository.

use camino::{Utf8Path, Utf8PathBuf};

/// The root of the work tree.
pub(crate) fn root() -> &'static Utf8Path {
    let own = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// A target folder beside the usual one: other flags there do not make the usual one stale.
pub(crate) fn target(name: &str) -> Utf8PathBuf {
    root().join("target").join(name)
}
