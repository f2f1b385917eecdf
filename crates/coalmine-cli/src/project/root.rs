//! The root of a repository. The author of a pull request decides what is below it: no symbolic link may lead out of
//! it, and nothing is read without a bound.

use camino::{Utf8Path, Utf8PathBuf};

use super::build::stays_inside;
use crate::{failure::Failure, files};

/// The folder of a repository's files.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    /// The folder as the user gave it, for messages and arguments.
    given: Utf8PathBuf,
    /// The folder without links.
    real: Utf8PathBuf,
}

impl Root {
    /// Opens a folder.
    pub(crate) fn open(folder: &Utf8Path) -> Result<Self, Failure> {
        let real = folder
            .canonicalize_utf8()
            .ok()
            .filter(|real| real.is_dir())
            .ok_or_else(|| Failure::new(format!("`{folder}` is not a folder")).hint("name a checkout"))?;
        Ok(Self { given: folder.to_owned(), real })
    }

    /// Returns the path of a file or a folder, as the user would write it.
    pub(crate) fn shown(&self, below: &Utf8Path) -> Utf8PathBuf {
        if self.given == "." { below.to_owned() } else { self.given.join(below) }
    }

    /// Returns whether there is anything under a name, even a link to nowhere.
    pub(crate) fn has(&self, below: &Utf8Path) -> bool {
        self.real.join(below).symlink_metadata().is_ok()
    }

    /// Returns the path of a regular file below the root.
    pub(crate) fn file(&self, below: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        let real = self.inside(below)?;
        if real.is_file() { Ok(real) } else { Err(self.not_a(below, "file")) }
    }

    /// Returns the path of a regular file below the root, or `None` if nothing has the name.
    pub(crate) fn file_if_any(&self, below: &Utf8Path) -> Result<Option<Utf8PathBuf>, Failure> {
        if self.has(below) { self.file(below).map(Some) } else { Ok(None) }
    }

    /// Returns the path of a folder below the root.
    pub(crate) fn folder(&self, below: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        let real = self.inside(below)?;
        if real.is_dir() { Ok(real) } else { Err(self.not_a(below, "folder")) }
    }

    /// Reads a file as UTF-8, within a bound.
    pub(crate) fn read(&self, below: &Utf8Path) -> Result<String, Failure> {
        files::read(&self.file(below)?)
    }

    /// Returns the path of what is or will be below the root. The caller checks for links.
    pub(crate) fn real_path(&self, below: &Utf8Path) -> Utf8PathBuf {
        self.real.join(below)
    }

    /// Returns the files of a folder with one of these endings, below the root, in the order of their names.
    pub(crate) fn files(
        &self,
        below: &Utf8Path,
        endings: &[&str],
        max: usize,
    ) -> Result<Vec<Utf8PathBuf>, Failure> {
        let shown = self.shown(below);
        let unreadable = |error| Failure::new(format!("could not read `{shown}`")).because(error);
        let mut found = vec![];
        for entry in self.folder(below)?.read_dir_utf8().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = below.join(entry.file_name());
            if path.extension().is_some_and(|ending| endings.contains(&ending)) {
                self.file(&path)?;
                found.push(path);
            }
            if found.len() > max {
                return Err(Failure::new(format!("more than {max} files in `{shown}`"))
                    .hint("name the files that are needed"));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Returns the path without links. It is below the root.
    fn inside(&self, below: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        let shown = self.shown(below);
        let out = || Failure::new(format!("`{shown}` leads out of the repository"));
        if !stays_inside(below) {
            return Err(out().hint("name a path inside the repository"));
        }
        let linked_out =
            || out().hint("a symbolic link must not lead out of the repository: put the file there");
        let path = self.real.join(below);
        let real = path.canonicalize_utf8().map_err(|error| {
            // in the gate, what the link names need not be there
            if path.read_link_utf8().is_ok_and(|to| to.is_absolute() && !to.starts_with(&self.real)) {
                return linked_out();
            }
            Failure::new(format!("could not read `{shown}`"))
                .because(error)
                .hint("correct the path, or create the file")
        })?;
        if real.starts_with(&self.real) { Ok(real) } else { Err(linked_out()) }
    }

    fn not_a(&self, below: &Utf8Path, what: &str) -> Failure {
        Failure::new(format!("`{}` is not a {what}", self.shown(below))).hint("correct the path")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_lead_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir_all(path.join("repo/inner")).unwrap();
        for file in ["secret", "repo/inner/file"] {
            std::fs::write(path.join(file), "text").unwrap();
        }
        for (to, name) in [
            ("../secret", "relative"),
            ("/etc/hostname", "absolute"),
            ("/absent/outside", "gone"),
            ("..", "folder"),
            ("nowhere", "dangling"),
            ("inner/file", "fine"),
            ("/dev/zero", "endless"),
        ] {
            symlink(to, path.join("repo").join(name)).unwrap();
        }
        let root = Root::open(&path.join("repo")).unwrap();
        assert_eq!(root.read("fine".into()).unwrap(), "text");
        for name in ["relative", "absolute", "gone", "folder/secret", "endless", "../secret", "/etc/hostname"]
        {
            let failure = format!("{:?}", root.read(name.into()).unwrap_err());
            assert!(failure.contains("leads out of the repository"), "{name}: {failure}");
        }
        assert!(root.file_if_any("dangling".into()).is_err());
        assert!(root.file_if_any("absent".into()).unwrap().is_none());
        assert!(root.folder("folder".into()).is_err() && root.folder("inner".into()).is_ok());
        assert!(root.file("inner".into()).is_err());
    }
}
