//! What a forge answers, the same for all forges. Texts are as the forge sent them, and are not escaped.

use jiff::Timestamp;

use super::context::RequiredContext;

/// A repository, and what the token may do in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Owner and name, as the forge writes them.
    pub full_name: String,
    /// The default branch.
    pub default_branch: String,
    /// Whether it is archived, and so read-only.
    pub archived: bool,
    /// Whether it has no commit.
    pub empty: bool,
    /// Whether the token may read.
    pub can_read: bool,
    /// Whether the token may push.
    pub can_write: bool,
    /// Whether the token is a repository admin's.
    pub can_administer: bool,
}

/// A branch, as any reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The name.
    pub name: String,
    /// The id of its newest commit.
    pub head: String,
    /// Whether a rule protects it.
    pub protected: bool,
    /// Whether the required contexts count. A forge can hold contexts while the switch is off.
    pub enforced: bool,
    /// The required contexts.
    pub contexts: Vec<RequiredContext>,
}

/// A file at a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub content: Vec<u8>,
    /// The id of its blob.
    pub sha: String,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name in the folder.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// The id of the blob or the tree.
    pub sha: String,
    /// The size in bytes.
    pub size: u64,
}

/// What an entry of a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Symlink,
    /// A submodule.
    Submodule,
    /// Something else, by the forge's name.
    Other(String),
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// The number in the repository.
    pub number: u64,
    /// The title.
    pub title: String,
    /// The id of its newest commit, also after its branch was deleted.
    pub head: String,
    /// The branch it comes from.
    pub head_ref: String,
    /// The repository it comes from, unless that was deleted. Another one than its own is a fork.
    pub head_repository: Option<String>,
    /// The branch it goes to.
    pub base_ref: String,
    /// Whether it is open.
    pub state: PullState,
    /// Whether it was merged.
    pub merged: bool,
    /// Whether it is a draft.
    pub draft: bool,
    /// The login of who opened it.
    pub author: String,
    /// The page for people.
    pub url: String,
    /// The time it was opened.
    pub created: Option<Timestamp>,
    /// The time of its last change.
    pub updated: Option<Timestamp>,
    /// The time it was closed or merged.
    pub closed: Option<Timestamp>,
}

/// Whether a pull request is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullState {
    /// Open.
    Open,
    /// Closed, merged or not.
    Closed,
}

/// Which pull requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullFilter {
    /// Open ones.
    Open,
    /// Closed ones, merged or not.
    Closed,
    /// All.
    All,
}

impl PullFilter {
    pub(super) fn parameter(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::All => "all",
        }
    }
}

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The id, which edits need.
    pub id: u64,
    /// The login of its author.
    pub author: String,
    /// The text.
    pub body: String,
    /// The time it was written.
    pub created: Option<Timestamp>,
    /// The time it was last edited.
    pub updated: Option<Timestamp>,
}

/// The user whose token this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: u64,
    /// The login.
    pub login: String,
}

/// Reads a time of a forge, which may be missing or nonsense.
pub(super) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
