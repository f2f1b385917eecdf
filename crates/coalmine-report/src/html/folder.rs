//! Files of evidence in the run's folder. A local command can write there too, so links are not followed and every read has a
//! bound.

use std::io;

use camino::{Utf8Component, Utf8Path};
use coalmine::untrusted::{Folder, RegularFile};

/// The run's folder.
#[derive(Debug)]
pub(super) struct RunFolder(Option<Folder>);

/// What came of reading a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Whole(String),
    /// It has more bytes than are read.
    TooLarge(u64),
    /// The file does not exist, or is not a regular file. A run in which everything passed keeps no evidence.
    Missing,
}

impl RunFolder {
    pub(super) fn open(path: &Utf8Path) -> Self {
        Self(path.canonicalize_utf8().and_then(|path| Folder::open(&path)).ok())
    }

    /// Opens a file by its path in the folder.
    pub(super) fn file(&self, path: &str) -> io::Result<RegularFile> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let root = self.0.as_ref().ok_or_else(missing)?;
        let mut names = Vec::new();
        for part in Utf8Path::new(path).components() {
            let Utf8Component::Normal(name) = part else { return Err(missing()) };
            names.push(name);
        }
        let name = names.pop().ok_or_else(missing)?;
        let Some((first, rest)) = names.split_first() else { return root.file(name) };
        let mut folder = root.folder(first)?;
        for next in rest {
            folder = folder.folder(next)?;
        }
        folder.file(name)
    }

    /// Reads a file of at most `max` bytes.
    pub(super) fn read(&self, path: &str, max: u64) -> Content {
        let Ok(file) = self.file(path) else { return Content::Missing };
        let size = file.size();
        match file.read_whole(max) {
            Ok(bytes) => Content::Whole(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Content::TooLarge(size),
            Err(_) => Content::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_are_read_within_a_bound_and_within_the_folder() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        fs::create_dir_all(root.join("run/wire")).unwrap();
        fs::write(root.join("precious"), "precious").unwrap();
        fs::write(root.join("run/wire/a.json"), "12345").unwrap();
        std::os::unix::fs::symlink("../../precious", root.join("run/wire/link")).unwrap();
        let folder = RunFolder::open(&root.join("run"));
        assert_eq!(folder.read("wire/a.json", 5), Content::Whole("12345".into()));
        assert_eq!(folder.read("wire/a.json", 4), Content::TooLarge(5));
        for path in ["", "wire", "wire/b.json", "../precious", "wire/link", "/etc/passwd"] {
            assert_eq!(folder.read(path, 99), Content::Missing, "{path}");
        }
        let gone = RunFolder::open(&root.join("gone"));
        assert_eq!(gone.read("wire/a.json", 5), Content::Missing);
    }
}
