//! Everything that a run is told beforehand.

use std::{net::SocketAddr, time::Duration};

use coalmine_a2a::Dialect;

use crate::{
    event::{BrainKind, RunInfo, TargetKind},
    plan::{Profile, Script},
    target::TargetSpec,
};

/// Everything that a run is told beforehand; nothing is read from the environment later.
#[derive(Debug, Clone)]
pub struct Options {
    /// Identity of the run.
    pub run: RunInfo,
    /// How the target is called in reports.
    pub kind: TargetKind,
    /// The image, command or URL as given, or the fault of the embedded runtime.
    pub subject: Option<String>,
    /// What to start.
    pub target: TargetSpec,
    /// What the runtime promises.
    pub profile: Profile,
    /// The canaries, in order.
    pub scripts: Vec<Script>,
    /// Overrides the profile and the card.
    pub dialect: Option<Dialect>,
    /// Where the world listens, where the user says so.
    pub world: Option<WorldAddress>,
    /// Whether the world answers what a real provider refuses, and tells it as a finding.
    pub lenient: bool,
    /// Whether what was started is to stay.
    pub keep: bool,
    /// The longest wait for the runtime.
    pub ready_within: Duration,
    /// The longest that a turn may take.
    pub turn_within: Duration,
    /// The folder of artifacts as the user would type it.
    pub out_shown: String,
    /// Made fresh for the run: issued to the runtime, redacted everywhere.
    pub token: String,
    /// What else is redacted everywhere.
    pub secrets: Vec<String>,
}

/// Where the world listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldAddress {
    /// Bound here.
    pub listen: SocketAddr,
    /// The base URL under which the runtime reaches it.
    pub advertised: String,
}

impl Options {
    /// `canary-<run>`: the workspace that the runtime is told to be.
    pub fn workspace(&self) -> String {
        format!("canary-{}", self.run.id)
    }

    /// Everything that must not be written down.
    pub fn redacted(&self) -> Vec<String> {
        self.secrets.iter().chain([&self.token]).cloned().collect()
    }

    /// Whether the honest model answers.
    pub(crate) fn simulated(&self) -> bool {
        self.run.brain == BrainKind::Simulated
    }
}
