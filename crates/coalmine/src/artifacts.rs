//! The run's folder: the evidence for the verdict, redacted, in files with names of our own.

use std::{
    io::{self, Write},
    sync::{Arc, OnceLock},
};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::{
    event::EscapedJson,
    redact::{Redacting, Redactor},
    untrusted::Folder,
};

/// The most bytes of one file of evidence.
const MAX_BYTES: usize = 1 << 20;

/// The run's folder.
#[derive(Debug, Clone)]
pub struct Artifacts {
    root: Utf8PathBuf,
    /// The same folder by its real path.
    real: Utf8PathBuf,
    redactor: Redactor,
    /// What could not be written first, and why.
    lost: Arc<OnceLock<String>>,
}

/// The run's folder cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write the run's folder")]
pub struct ArtifactsError(#[from] io::Error);

impl Artifacts {
    /// Creates the folder. The secrets are redacted in every file.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn create(root: &Utf8Path, secrets: Vec<String>) -> Result<Self, ArtifactsError> {
        fs::create_dir_all(root)?;
        Ok(Self {
            root: root.to_owned(),
            real: root.canonicalize_utf8()?,
            redactor: Redactor::new(&secrets),
            lost: Arc::default(),
        })
    }

    /// Returns the folder.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Writes a file of evidence, cut after 1 MiB; the path is ours, never the runtime's. Evidence that
    /// cannot be written does not stop the run: `None` is returned, nothing will point to the file, and
    /// [`Self::lost`] says so.
    pub(crate) fn write(&self, path: &str, content: &[u8]) -> Option<String> {
        let target = self.real.join(path);
        let (folder, name) = (target.parent()?, target.file_name()?);
        let redacted = self.redactor.evidence(content, MAX_BYTES);
        // a local command can write here too, so what it put under that name is replaced, not opened
        let written = Folder::create(folder).and_then(|folder| folder.replace(name, &redacted));
        if let Err(error) = written {
            let _ = self.lost.set(format!("`{path}`: {error}"));
            return None;
        }
        Some(path.to_owned())
    }

    /// Returns why a file of evidence is missing, if one is.
    pub(crate) fn lost(&self) -> Option<String> {
        self.lost.get().cloned()
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

    /// Creates a file of JSON, one value a line, that is written piece by piece, redacted and without hidden characters.
    /// If it ends within a line, that line is cut off.
    ///
    /// # Errors
    /// The file cannot be created.
    pub(crate) fn stream(&self, path: &str) -> Result<Box<dyn Write + Send>, ArtifactsError> {
        let lines = WholeLines { file: self.create_file(path)?, length: 0, complete: 0 };
        let redacting = Redacting::new(lines, &self.redactor);
        Ok(Box::new(EscapedJson::new(redacting)))
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

/// A file of lines, of which the last one is cut off when the file is closed, unless it is complete.
struct WholeLines {
    file: fs::File,
    /// How much was written.
    length: u64,
    /// How much of that are complete lines.
    complete: u64,
}

impl Write for WholeLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        if let Some(end) = bytes[..written].iter().rposition(|byte| *byte == b'\n') {
            self.complete = self.length + end as u64 + 1;
        }
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeLines {
    fn drop(&mut self) {
        if self.complete < self.length {
            // what cannot be cut off is evidence all the same
            let _ = self.file.set_len(self.complete);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_that_is_not_complete_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let artifacts = Artifacts::create(root, vec!["a-secret".to_owned()]).unwrap();
        let written = |pieces: &[&str]| {
            let mut stream = artifacts.stream("lines.ndjson").unwrap();
            pieces.iter().for_each(|piece| stream.write_all(piece.as_bytes()).unwrap());
            drop(stream);
            std::fs::read_to_string(root.join("lines.ndjson")).unwrap()
        };
        assert_eq!(written(&["{\"a\":1}\n{\"b\":", "2}\n{\"c\": \"a-sec"]), "{\"a\":1}\n{\"b\":2}\n");
        assert_eq!(written(&["{\"a\":", "1}\n"]), "{\"a\":1}\n");
        assert_eq!(written(&["{\"a\":"]), "");
    }

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
    fn evidence_that_cannot_be_written_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let artifacts = Artifacts::create(root, vec![]).unwrap();
        assert_eq!(artifacts.write("wire", b"a file where a folder should be").as_deref(), Some("wire"));
        assert_eq!(artifacts.lost(), None);
        assert_eq!(artifacts.clone().write("wire/x-turn-1.txt", b"lost"), None);
        assert!(artifacts.lost().is_some_and(|lost| lost.contains("wire")), "{:?}", artifacts.lost());
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
}
