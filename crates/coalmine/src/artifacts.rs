//! The run's folder: the evidence for the verdict, redacted, in files with names of our own.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::untrusted::Folder;

/// The most bytes of one file of evidence.
const MAX_BYTES: usize = 1 << 20;

/// The run's folder.
#[derive(Debug, Clone)]
pub struct Artifacts {
    root: Utf8PathBuf,
    /// The same folder by its real path.
    real: Utf8PathBuf,
    secrets: Vec<String>,
}

/// The run's folder cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write the run's folder")]
pub struct ArtifactsError(#[from] std::io::Error);

impl Artifacts {
    /// Creates the folder.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn create(root: &Utf8Path, secrets: Vec<String>) -> Result<Self, ArtifactsError> {
        fs::create_dir_all(root)?;
        Ok(Self { root: root.to_owned(), real: root.canonicalize_utf8()?, secrets })
    }

    /// Returns the folder.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Writes a file of evidence, cut after 1 MiB; the path is ours, never the runtime's. Evidence that
    /// cannot be written does not stop the run: `None` is returned, and nothing will point to the file.
    pub(crate) fn write(&self, path: &str, content: &[u8]) -> Option<String> {
        let cut = &content[..content.len().min(MAX_BYTES)];
        let target = self.real.join(path);
        // a local command can write here too, so what it put under that name is replaced, not opened
        let folder = Folder::create(target.parent()?).ok()?;
        folder.replace(target.file_name()?, &redact(cut, &self.secrets)).ok()?;
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
        let file = fs::File::create(self.root.join(path))?;
        Ok(Box::new(Redacting { file, secrets: self.secrets.clone() }))
    }
}

const REDACTED: &[u8; 10] = b"[redacted]";

fn redact(content: &[u8], secrets: &[String]) -> Vec<u8> {
    let mut clean = content.to_vec();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let secret = secret.as_bytes();
        let mut at = 0;
        while let Some(found) = clean[at..].windows(secret.len()).position(|window| window == secret) {
            clean.splice(at + found..at + found + secret.len(), *REDACTED);
            // past the replacement, which may hold the secret again
            at += found + REDACTED.len();
        }
    }
    clean
}

/// A file that redacts what is written; callers write whole lines, or at least whole secrets, at once.
struct Redacting {
    file: fs::File,
    secrets: Vec<String>,
}

impl Write for Redacting {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.file.write_all(&redact(buffer, &self.secrets))?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
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

    #[test]
    fn what_a_runtime_put_there_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let artifacts = Artifacts::create(root, vec![]).unwrap();
        std::fs::write(root.join("precious"), "precious").unwrap();
        std::fs::create_dir(root.join("wire")).unwrap();
        std::os::unix::fs::symlink("../precious", root.join("wire/a.txt")).unwrap();
        assert!(artifacts.write("wire/a.txt", b"evidence").is_some());
        assert_eq!(std::fs::read_to_string(root.join("wire/a.txt")).unwrap(), "evidence");
        assert_eq!(std::fs::read_to_string(root.join("precious")).unwrap(), "precious");
        std::os::unix::fs::symlink("wire", root.join("session-store")).unwrap();
        assert_eq!(
            artifacts.write("session-store/b.txt", b""),
            None,
            "nothing is written through a linked folder"
        );
    }

    #[test]
    fn secrets_are_redacted() {
        assert_eq!(redact(b"a tok b tok", &["tok".into()]), b"a [redacted] b [redacted]");
        assert_eq!(redact(b"it acted", &["acted".into()]), b"it [redacted]");
        assert_eq!(redact(b"nothing", &["tok".into(), String::new()]), b"nothing");
    }
}
