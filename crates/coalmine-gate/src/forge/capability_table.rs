//! The table of capabilities: every decision by version is one of its rows.

use super::{
    capabilities::{Capability, Since},
    version::Number,
};

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
