//! The statuses of a commit, and the runs that prove them.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// One status of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The id, which grows with time.
    pub id: u64,
    /// Where it comes from.
    pub source: StatusSource,
    /// The context.
    pub context: String,
    /// The state.
    pub state: StatusState,
    /// The description. Gitea before 1.25 tells a skipped job apart only here.
    pub description: String,
    /// The address it names; without a host if Gitea Actions posted it.
    pub target_url: String,
    /// The login of the user who posted it. Gitea Actions has none, and neither has a job's own token, so that
    /// `None` proves nothing.
    pub creator: Option<String>,
    /// The time it was posted, by the forge's clock.
    pub created: Option<Timestamp>,
}

impl Status {
    /// Returns whether the job behind it did not run: a state of its own since Gitea 1.25, before that `success`
    /// with a description.
    pub fn is_skipped(&self) -> bool {
        self.state == StatusState::Skipped || self.description.trim() == "Has been skipped"
    }
}

/// Where a status comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusSource {
    /// A commit status.
    CommitStatus,
    /// A check run of GitHub, whose app is known.
    CheckRun {
        /// The id of the app.
        app: Option<u64>,
    },
}

/// The state of a status or a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusState {
    /// Success, which Gitea before 1.25 also says of a skipped job.
    Success,
    /// Waiting or running.
    Pending,
    /// Failure.
    Failure,
    /// Error.
    Error,
    /// Warning, which blocks a required context like a failure.
    Warning,
    /// Skipped.
    Skipped,
    /// Anything else, as it is written: forges store what they are given.
    Other(String),
}

impl StatusState {
    /// Returns the state with this name.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "success" => Self::Success,
            "pending" => Self::Pending,
            "failure" => Self::Failure,
            "error" => Self::Error,
            "warning" => Self::Warning,
            "skipped" => Self::Skipped,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Returns the state of a run with this name: those that have not ended are pending.
    pub(super) fn of_run(name: &str) -> Self {
        match name {
            "queued" | "waiting" | "running" | "in_progress" | "blocked" | "requested" => Self::Pending,
            other => Self::of(other),
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        match self {
            Self::Success => "success",
            Self::Pending => "pending",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Skipped => "skipped",
            Self::Other(name) => name,
        }
    }
}

/// All statuses of a commit, the oldest id first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statuses {
    all: Vec<Status>,
}

impl Statuses {
    pub(crate) fn new(mut all: Vec<Status>) -> Self {
        all.sort_by_key(|status| (status.id, status.source));
        Self { all }
    }

    /// Returns every status, the oldest id first.
    pub fn all(&self) -> &[Status] {
        &self.all
    }

    /// Returns the statuses of one context, the oldest id first.
    pub fn history<'a>(&'a self, context: &'a str) -> impl DoubleEndedIterator<Item = &'a Status> {
        self.all.iter().filter(move |status| status.context == context)
    }

    /// Returns the status of each context that counts, by context: the one with the newest id, because times
    /// have only seconds. On GitHub, each source of a context counts for itself.
    pub fn newest(&self) -> Vec<&Status> {
        let newest: BTreeMap<_, _> =
            self.all.iter().map(|status| ((&status.context, status.source), status)).collect();
        newest.into_values().collect()
    }
}

/// What a forge says about runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProvenRuns {
    /// The runs for the commits that were asked for, the oldest id first.
    Listed(Vec<Run>),
    /// This version has no list of runs, so it can prove none.
    NotAvailable,
}

/// A job that a forge's own Actions ran. No user and no job's token can forge one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The id of the task or the check run.
    pub id: u64,
    /// The name of the job, on GitHub of the check run.
    pub job: String,
    /// The file of the workflow without its folder, if the forge says it.
    pub workflow: Option<String>,
    /// The event, such as `pull_request`, if the forge says it.
    pub event: Option<String>,
    /// The branch it ran for, if the forge says it.
    pub branch: Option<String>,
    /// The id of the commit.
    pub head: String,
    /// The state.
    pub state: StatusState,
    /// The app behind a check run: an id and a short name. GitHub's own Actions are `github-actions`.
    pub app: Option<App>,
    /// The page for people.
    pub url: String,
    /// The time it was created, by the forge's clock.
    pub created: Option<Timestamp>,
}

/// An app of GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The id.
    pub id: u64,
    /// The short name.
    pub slug: String,
}
