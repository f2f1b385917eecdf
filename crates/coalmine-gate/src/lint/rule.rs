//! What a rule is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Server, Version,
    scope::{FileScope, SetScope},
};

/// Whether a finding breaks the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The gate does not hold: the exit code is 1.
    Error,
    /// Worth a change, but the gate holds.
    Warning,
}

/// How it is known what a server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Real servers of Gitea 1.22.6 and 1.23.6 did it. For other versions and forges it was read.
    Measured,
    /// It was read in the source or the documentation of the forge.
    Read,
    /// It is a matter of policy or of the shell, and no forge decides it.
    Policy,
}

/// The servers that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applies {
    /// The versions of Gitea: the first, and the first that it no longer means. `None` if there are none.
    pub gitea: Option<(Option<Version>, Option<Version>)>,
    /// Whether it is about GitHub.
    pub github: bool,
}

impl Applies {
    /// All servers.
    pub(super) const EVERYWHERE: Self = Self { gitea: Some((None, None)), github: true };
    /// Gitea of any version.
    pub(super) const GITEA: Self = Self { gitea: Some((None, None)), github: false };

    /// Gitea before a version.
    pub(super) const fn gitea_before(major: u16, minor: u16, patch: u16) -> Self {
        Self { gitea: Some((None, Some(Version::new(major, minor, patch)))), github: false }
    }

    /// Gitea from a version on.
    pub(super) const fn gitea_from(major: u16, minor: u16) -> Self {
        Self { gitea: Some((Some(Version::new(major, minor, 0)), None)), github: false }
    }

    /// Returns whether a server is meant.
    pub fn to(&self, server: Server) -> bool {
        match (server, self.gitea) {
            (Server::Github, _) => self.github,
            (Server::Gitea(_), None) => false,
            (Server::Gitea(version), Some((since, until))) => {
                since.is_none_or(|since| version >= since) && until.is_none_or(|until| version < until)
            }
        }
    }
}

/// How a rule looks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Check {
    /// At each file.
    File(fn(&mut FileScope<'_>)),
    /// At all files of a server together.
    Set(fn(&mut SetScope<'_>)),
    /// At the ignores of the files, when everything else is known.
    Ignores,
}

/// A rule of the lint.
#[derive(Debug)]
pub struct Rule {
    /// The id, such as `GW004`.
    pub id: &'static str,
    /// How severe its findings are at most.
    pub severity: Severity,
    /// The servers that it is about.
    pub applies: Applies,
    /// How it is known.
    pub evidence: Evidence,
    /// What it finds, in one sentence.
    pub sentence: &'static str,
    /// The page that `coalmine explain` prints, in Markdown.
    pub page: &'static str,
    pub(super) check: Check,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}
