//! What can be seen of a runtime from outside, beside its answers.

/// How a runtime ended when it should not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// The exit code; `None` if a signal ended it or nothing is known.
    pub code: Option<i64>,
    /// The end in words: `exit code 3`, `signal 9`, `exit code 137 (out of memory)`.
    pub how: String,
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

/// Why a part of a running runtime cannot be inspected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// The most bytes that are read of a store.
pub(super) const MAX_STORE_BYTES: usize = 16 << 20;
/// The most files that are read of a store.
pub(super) const MAX_STORE_FILES: usize = 1_000;
