//! What a forge knows of a repository's pull requests, as far as the gate is concerned.

use jiff::Timestamp;
use serde::Serialize;

/// A pull request with the heads that it had, in the order in which they were pushed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PullHistory {
    /// Its number.
    pub number: u64,
    /// What became of it.
    pub fate: Fate,
    /// Its heads that the gate posted anything about.
    pub heads: Vec<Head>,
}

/// What became of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is open.
    Open,
    /// It was merged.
    Merged,
    /// It was closed and not merged.
    Closed,
}

/// A commit that was the head of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The commit.
    pub sha: String,
    /// What the gate said, by its newest status.
    pub outcome: Outcome,
    /// When that status was posted.
    pub at: Timestamp,
}

/// What the gate said about a head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "because")]
pub enum Outcome {
    /// The conversations survive, and the run is proven.
    Green,
    /// They do not, or the gate could not judge in a way that the forge does not tell apart.
    Red,
    /// Nothing was judged: the run is pending, or it was canceled or skipped.
    NotJudged(String),
    /// It is green, but nothing shows that the gate ran.
    Unproven(String),
}
