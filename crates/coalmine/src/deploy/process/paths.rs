//! Where the folders of a local process really are.

use camino::{Utf8Path, Utf8PathBuf};

/// The real paths of folders that a profile names. Links in them are followed before the runtime runs for the first
/// time, and never after that: then the runtime may have made them.
#[derive(Debug, Clone, Default)]
pub(super) struct RealPaths {
    /// Folders as they were named, and their real paths.
    known: Vec<(Utf8PathBuf, Utf8PathBuf)>,
}

impl RealPaths {
    /// Notes where a folder is, or the deepest one above it that exists.
    pub(super) fn note(&mut self, path: &Utf8Path) {
        let mut above = path.ancestors();
        let found = above.find_map(|named| Some((named.to_owned(), named.canonicalize_utf8().ok()?)));
        self.known.extend(found.filter(|(named, _)| named.is_absolute()));
    }

    /// Returns a path without the links that are known.
    pub(super) fn of(&self, path: &Utf8Path) -> Utf8PathBuf {
        let inner = |(named, real): &(Utf8PathBuf, Utf8PathBuf)| {
            let below = path.strip_prefix(named).ok()?;
            Some((
                named.as_str().len(),
                if below.as_str().is_empty() { real.clone() } else { real.join(below) },
            ))
        };
        let deepest = self.known.iter().filter_map(inner).max_by_key(|(length, _)| *length);
        deepest.map_or_else(|| path.to_owned(), |(_, real)| real)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_until_the_runtime_runs() {
        let scratch = tempfile::tempdir().unwrap();
        let scratch = Utf8PathBuf::from_path_buf(scratch.path().canonicalize().unwrap()).unwrap();
        std::fs::create_dir_all(scratch.join("disk/data")).unwrap();
        std::os::unix::fs::symlink("disk", scratch.join("link")).unwrap();
        let mut paths = RealPaths::default();
        paths.note(&scratch.join("link/data/not-yet"));
        assert_eq!(paths.of(&scratch.join("link/data/not-yet/x")), scratch.join("disk/data/not-yet/x"));
        assert_eq!(paths.of(&scratch.join("link/data")), scratch.join("disk/data"));
        assert_eq!(paths.of(&scratch.join("link/other")), scratch.join("link/other"));
        assert_eq!(paths.of("/elsewhere".into()), "/elsewhere");
    }
}
