//! The run's folder: the evidence for the verdict, redacted, in files with names of our own.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::redact::{Redacting, Redactor};

/// The most bytes of one file of evidence.
const MAX_BYTES: usize = 1 << 20;

/// The run's folder.
#[derive(Debug, Clone)]
pub struct Artifacts {
    root: Utf8PathBuf,
    redactor: Redactor,
}

/// The run's folder cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write the run's folder")]
pub struct ArtifactsError(#[from] std::io::Error);

impl Artifacts {
    /// Creates the folder. The secrets are redacted in every file.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn create(root: &Utf8Path, secrets: Vec<String>) -> Result<Self, ArtifactsError> {
        fs::create_dir_all(root)?;
        Ok(Self { root: root.to_owned(), redactor: Redactor::new(&secrets) })
    }

    /// Returns the folder.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Writes a file of evidence, cut after 1 MiB; the path is ours, never the runtime's. Evidence that
    /// cannot be written does not stop the run: `None` is returned, and nothing will point to the file.
    pub(crate) fn write(&self, path: &str, content: &[u8]) -> Option<String> {
        let target = self.root.join(path);
        fs::create_dir_all(target.parent()?).ok()?;
        fs::write(&target, self.redactor.evidence(content, MAX_BYTES)).ok()?;
        Some(path.to_owned())
    }

    /// Renames the files of evidence whose names begin with `prefix`, so that later ones of that name do not
    /// replace them. Files that cannot be renamed stay.
    pub(crate) fn set_aside(&self, folder: &str, prefix: &str, new_prefix: &str) {
        let Ok(entries) = self.root.join(folder).read_dir_utf8() else { return };
        for entry in entries.flatten() {
            if let Some(rest) = entry.file_name().strip_prefix(prefix) {
                let renamed = entry.path().with_file_name(format!("{new_prefix}{rest}"));
                let _ = fs::rename(entry.path(), renamed);
            }
        }
    }

    /// Creates a file that is written piece by piece, redacted.
    ///
    /// # Errors
    /// The file cannot be created.
    pub(crate) fn stream(&self, path: &str) -> Result<Box<dyn Write + Send>, ArtifactsError> {
        Ok(Box::new(Redacting::new(self.create_file(path)?, &self.redactor)))
    }

    /// Creates a file that is written piece by piece, by something that redacts it.
    ///
    /// # Errors
    /// The file cannot be created.
    pub(crate) fn file(&self, path: &str) -> Result<Box<dyn Write + Send>, ArtifactsError> {
        Ok(Box::new(self.create_file(path)?))
    }

    /// Returns the secrets of the run.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    fn create_file(&self, path: &str) -> Result<fs::File, ArtifactsError> {
        Ok(fs::File::create(self.root.join(path))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_set_aside_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let artifacts = Artifacts::create(root, vec![]).unwrap();
        artifacts.write("wire/x-turn-1.txt", b"first");
        artifacts.write("wire/xy-turn-1.txt", b"other");
        artifacts.set_aside("wire", "x-turn-", "x-beside-others-turn-");
        artifacts.write("wire/x-turn-1.txt", b"second");
        let read = |name: &str| std::fs::read_to_string(root.join("wire").join(name)).unwrap();
        assert_eq!(read("x-turn-1.txt") + &read("x-beside-others-turn-1.txt"), "secondfirst");
        assert_eq!(read("xy-turn-1.txt"), "other");
    }
}
