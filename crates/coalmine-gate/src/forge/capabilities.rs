//! What which version of which forge can do. All decisions by version are rows of one table.

use super::version::{ForgeKind, Number, Version};

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

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What it is about.
    pub capability: Capability,
    /// What it means, for documentation.
    pub meaning: &'static str,
    /// Gitea.
    pub gitea: Since,
    /// Forgejo, by its own versions.
    pub forgejo: Since,
    /// GitHub.
    pub github: Since,
    /// Whether it was measured on Gitea, which can only be on a version of [`MEASURED`].
    pub measured: bool,
}

/// The versions that were measured. Forgejo, GitHub and all other versions of Gitea were only read about.
pub const MEASURED: [Number; 2] = [Number(1, 22, 6), Number(1, 23, 6)];

const fn since(major: u32, minor: u32, patch: u32) -> Since {
    Since::Version(Number(major, minor, patch))
}

/// The table.
pub const TABLE: &[Row] = &[
    Row {
        capability: Capability::ProvenRuns,
        meaning: "the API lists runs, which nobody can forge",
        gitea: since(1, 23, 0),
        forgejo: Since::Unknown,
        github: Since::Always,
        measured: true,
    },
    Row {
        capability: Capability::JobLogs,
        meaning: "the API has logs of jobs",
        gitea: since(1, 24, 0),
        forgejo: Since::Unknown,
        github: Since::Always,
        measured: false,
    },
    Row {
        capability: Capability::WorkflowRuns,
        meaning: "`actions/runs` lists whole runs",
        gitea: since(1, 25, 0),
        forgejo: Since::Unknown,
        github: Since::Always,
        measured: true,
    },
    Row {
        capability: Capability::BindsAdmins,
        meaning: "a rule can bind repository admins too",
        gitea: since(1, 23, 0),
        forgejo: Since::Unknown,
        github: Since::Always,
        measured: true,
    },
    Row {
        capability: Capability::WholeGlobs,
        meaning: "a pattern as a required context checks all its matches",
        gitea: since(1, 24, 3),
        forgejo: Since::Unknown,
        github: Since::Never,
        measured: false,
    },
    Row {
        capability: Capability::SkippedState,
        meaning: "a skipped job has a state of its own",
        gitea: since(1, 25, 0),
        forgejo: Since::Unknown,
        github: Since::Always,
        measured: true,
    },
    Row {
        capability: Capability::PinnedApps,
        meaning: "a rule can name the app whose checks count",
        gitea: Since::Never,
        forgejo: Since::Never,
        github: Since::Always,
        measured: false,
    },
    Row {
        capability: Capability::JobTimeout,
        meaning: "`timeout-minutes` ends a job",
        gitea: since(1, 27, 0),
        forgejo: Since::Unknown,
        github: Since::Always,
        measured: true,
    },
    Row {
        capability: Capability::Concurrency,
        meaning: "`concurrency` and `permissions` of a workflow are read",
        gitea: since(1, 26, 0),
        forgejo: Since::Unknown,
        github: Since::Always,
        measured: true,
    },
    Row {
        capability: Capability::StepSummaries,
        meaning: "step summaries are shown",
        gitea: since(1, 27, 0),
        forgejo: Since::Unknown,
        github: Since::Always,
        measured: true,
    },
];

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
