//! The gate that is rolled out: one workflow file, the same in every repository.

use sha2::{Digest, Sha256};

use crate::forge::ForgeKind;

/// The name of the workflow and of its only job.
pub const NAME: &str = "session-continuity-e2e";
/// GitHub's own Actions.
const GITHUB_ACTIONS: u64 = 15_368;

/// The canonical workflow file of one kind of forge, and what it posts.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The forge that it is for.
    pub kind: ForgeKind,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Gate {
    /// Returns the canonical file of a kind of forge.
    pub fn canonical(kind: ForgeKind) -> Self {
        let content: &[u8] = match kind {
            ForgeKind::Gitea | ForgeKind::Forgejo => {
                include_bytes!("../../../../local-e2e/templates/session-continuity-e2e.yml")
            }
            ForgeKind::GitHub => {
                include_bytes!("../../../../local-e2e/templates/session-continuity-e2e.github.yml")
            }
        };
        Self { kind, content: content.to_vec() }
    }

    /// Returns the SHA-256 of its bytes, in hexadecimal.
    pub fn sha256(&self) -> String {
        Sha256::digest(&self.content).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the path in a repository.
    pub fn path(&self) -> &'static str {
        match self.kind {
            ForgeKind::Gitea | ForgeKind::Forgejo => ".gitea/workflows/session-continuity-e2e.yml",
            ForgeKind::GitHub => ".github/workflows/session-continuity-e2e.yml",
        }
    }

    /// Returns the context that a pull request's run posts.
    pub fn context(&self) -> &'static str {
        match self.kind {
            ForgeKind::Gitea | ForgeKind::Forgejo => {
                "session-continuity-e2e / session-continuity-e2e (pull_request)"
            }
            ForgeKind::GitHub => NAME,
        }
    }

    /// Returns a context that looks like the gate's, was required by an older design, and is never posted.
    pub fn mistaken_context(&self) -> Option<&'static str> {
        match self.kind {
            ForgeKind::Gitea | ForgeKind::Forgejo => Some("session-continuity-e2e (pull_request)"),
            ForgeKind::GitHub => None,
        }
    }

    /// Returns the app that alone may satisfy the context, where a forge can pin one.
    pub fn app(&self) -> Option<u64> {
        (self.kind == ForgeKind::GitHub).then_some(GITHUB_ACTIONS)
    }

    /// Compares a file of a repository with the canonical one.
    pub fn compare(&self, file: Option<&[u8]>) -> FileState {
        match file {
            None => FileState::Missing,
            Some(content) if content == self.content => FileState::Identical,
            Some(_) => FileState::Differs,
        }
    }
}

/// How a repository's workflow file compares with the canonical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// Byte for byte the same.
    Identical,
    /// There is one, and it is another.
    Differs,
    /// There is none.
    Missing,
}
