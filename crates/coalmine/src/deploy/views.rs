//! What can be seen of a runtime from outside, beside its answers.

use crate::event::{Code, Diagnosis};

/// How a runtime ended when it should not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// The exit code; `None` if a signal ended it or nothing is known.
    pub code: Option<i64>,
    /// The end in words: `exit code 3`, `signal 9`, `exit code 137 (out of memory)`.
    pub how: String,
    /// Whether it had written more to its disk than it may.
    pub disk_exceeded: bool,
}

impl Exit {
    /// Returns an end of which only this is known.
    pub(crate) fn new(code: Option<i64>, how: impl Into<String>) -> Self {
        Self { code, how: how.into(), disk_exceeded: false }
    }

    /// Returns the diagnosis of a runtime that ended this way, with a sentence that begins with `when`.
    pub(crate) fn diagnosis(&self, when: &str) -> Diagnosis {
        let code = if self.disk_exceeded { Code::BootDiskExceeded } else { Code::BootCrashed };
        Diagnosis::new(code, format!("{when}: {}", self.how))
    }
}

/// The folders of a runtime, as the runtime sees them; empty if the runtime runs elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders {
    /// The folder that the runtime may write its state to.
    pub state: String,
    /// The folder for its memories.
    pub memory: String,
}

/// Whether a runtime may write to a folder, with what was seen there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderCheck {
    /// The runtime may write there.
    Writable(String),
    /// The folder is missing, is not a folder, or cannot be written to.
    Unusable(String),
}

/// A file of the runtime's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFile {
    /// The path, as the runtime sees it.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Files of the runtime's store, as many as are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreFiles {
    /// The files, by path.
    pub files: Vec<StoreFile>,
    /// Whether these are all of them, each to its end.
    pub complete: bool,
}

/// A file that may be read, and when it was written last.
pub(super) struct Candidate<T> {
    pub(super) written: u64,
    pub(super) size: u64,
    pub(super) file: T,
}

impl StoreFiles {
    /// Reads the files that were written last, at most `max` bytes of them. `read` gets the number of bytes at the
    /// end of the file that still fit.
    pub(super) fn newest<T>(
        mut candidates: Vec<Candidate<T>>,
        mut complete: bool,
        max: usize,
        mut read: impl FnMut(T, u64) -> Option<StoreFile>,
    ) -> Self {
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.written));
        let (mut files, mut left) = (vec![], max as u64);
        for Candidate { size, file, .. } in candidates {
            if files.len() >= MAX_STORE_FILES || left == 0 {
                complete = false;
                break;
            }
            complete &= size <= left;
            if let Some(file) = read(file, size.min(left)) {
                left = left.saturating_sub(file.bytes.len() as u64);
                files.push(file);
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files, complete }
    }
}

/// Why a part of a running runtime cannot be inspected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// Returns why the output of a command is not used: what is cut cannot be read.
pub(super) fn too_long(command: &str) -> String {
    format!("`{command}` printed more than {} MiB", MAX_STORE_BYTES >> 20)
}

/// The most bytes that are read of a store.
pub(crate) const MAX_STORE_BYTES: usize = 16 << 20;
/// The most bytes that are read of a store in databases, which hold many old states of each session.
pub(crate) const MAX_DATABASE_BYTES: usize = 32 << 20;
/// The most files that are read of a store.
const MAX_STORE_FILES: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_files_are_read_first() {
        let candidate = |written, size| Candidate { written, size, file: written };
        let read = |file: u64, size: u64| {
            let bytes = vec![0; usize::try_from(size).unwrap()];
            Some(StoreFile { path: file.to_string(), bytes })
        };
        let max = MAX_STORE_BYTES as u64;
        let sizes =
            |files: &StoreFiles| files.files.iter().map(|file| file.bytes.len() as u64).collect::<Vec<_>>();
        let all = StoreFiles::newest(vec![candidate(1, 10), candidate(2, 20)], true, MAX_STORE_BYTES, read);
        assert_eq!((sizes(&all), all.complete), (vec![10, 20], true));
        let cut = StoreFiles::newest(
            vec![candidate(1, 10), candidate(3, 5), candidate(2, max)],
            true,
            MAX_STORE_BYTES,
            read,
        );
        assert_eq!((sizes(&cut), cut.complete), (vec![max - 5, 5], false), "the end of the second is read");
        let many = (0..1_001).map(|written| candidate(written, 1)).collect();
        let many = StoreFiles::newest(many, true, MAX_STORE_BYTES, read);
        assert_eq!((many.files.len(), many.complete), (MAX_STORE_FILES, false));
        assert!(!many.files.iter().any(|file| file.path == "0"), "the oldest is left out");
    }
}
