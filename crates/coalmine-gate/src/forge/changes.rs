//! What the gate writes to a repository: files on a new branch, and a pull request.

use super::types::Pull;

/// One commit on a new branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// The branch to begin from.
    pub base: String,
    /// The branch to create. It must not exist.
    pub branch: String,
    /// The message.
    pub message: String,
    /// The files to write.
    pub files: Vec<FileChange>,
}

/// One file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The path in the repository, with `/`.
    pub path: String,
    /// The new bytes.
    pub content: Vec<u8>,
    /// The id of the blob that it replaces; `None` creates the file, and fails if it exists.
    pub replaces: Option<String>,
}

/// A commit that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The id.
    pub sha: String,
    /// The branch it is on.
    pub branch: String,
}

/// A pull request to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPull {
    /// The branch of the same repository that it comes from.
    pub head: String,
    /// The branch it goes to.
    pub base: String,
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
}

/// A pull request that is open now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedPull {
    /// The pull request.
    pub pull: Pull,
    /// Whether this call opened it; otherwise it was open already.
    pub created: bool,
}
