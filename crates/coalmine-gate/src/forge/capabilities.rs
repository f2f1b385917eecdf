//! What which version of which forge can do.

use super::{
    capability_table::{MEASURED, TABLE},
    version::{ForgeKind, Number, Version},
};

/// Something that not every version can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// `actions/tasks`, or check runs, list what ran: with commit, event and state.
    ProvenRuns,
    /// The API has logs of jobs.
    JobLogs,
    /// `actions/runs` lists whole runs.
    WorkflowRuns,
    /// A rule can bind repository admins too.
    BindsAdmins,
    /// A required context that is a pattern checks all its matches, not only the first.
    WholeGlobs,
    /// A skipped job has a state of its own.
    SkippedState,
    /// Only an app that a rule names can satisfy a required context.
    PinnedApps,
    /// `timeout-minutes` ends a job.
    JobTimeout,
    /// `concurrency` and `permissions` of a workflow are read.
    Concurrency,
    /// Step summaries are shown.
    StepSummaries,
}

/// Since when a forge can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Always, as far as this tool goes back.
    Always,
    /// Since this version.
    Version(Number),
    /// Never yet.
    Never,
    /// Nobody looked.
    Unknown,
}

/// How something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A server of this version was asked.
    Measured,
    /// It was read in source or documentation.
    Read,
}

/// Whether a version can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It can.
    Yes(Evidence),
    /// It cannot.
    No(Evidence),
    /// Nobody knows, so ask the server.
    Unknown,
}

/// What one version can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    kind: ForgeKind,
    number: Option<Number>,
}

impl Capabilities {
    pub(super) fn of(version: &Version) -> Self {
        Self { kind: version.kind, number: version.number }
    }

    /// Returns whether the version can do something.
    pub fn support(self, capability: Capability) -> Support {
        let Some(row) = TABLE.iter().find(|row| row.capability == capability) else {
            return Support::Unknown;
        };
        let was_asked = self.kind == ForgeKind::Gitea && self.number.is_some_and(|n| MEASURED.contains(&n));
        let evidence = if row.measured && was_asked { Evidence::Measured } else { Evidence::Read };
        let since = match self.kind {
            ForgeKind::Gitea => row.gitea,
            ForgeKind::Forgejo => row.forgejo,
            ForgeKind::GitHub => row.github,
        };
        match (since, self.number) {
            (Since::Always, _) => Support::Yes(evidence),
            (Since::Never, _) => Support::No(evidence),
            (Since::Version(first), Some(number)) if number >= first => Support::Yes(evidence),
            (Since::Version(_), Some(_)) => Support::No(evidence),
            (Since::Unknown, _) | (Since::Version(_), None) => Support::Unknown,
        }
    }

    /// Returns whether the version is known to do something.
    pub fn can(self, capability: Capability) -> bool {
        matches!(self.support(capability), Support::Yes(_))
    }
}
