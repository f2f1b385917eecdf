//! Everything that a run is told beforehand.

use std::time::Duration;

use coalmine_a2a::Dialect;
use coalmine_world::ModelFault;

use crate::{
    deploy::{HostEnvironment, TargetSpec, WorldAddress},
    event::{ModelMode, RunInfo},
    plan::{Profile, Script},
};

/// Everything that a run is told beforehand; nothing is read from the environment later.
#[derive(Debug, Clone)]
pub struct Options {
    /// Identity of the run.
    pub run: RunInfo,
    /// What to start.
    pub target: TargetSpec,
    /// The surroundings of this process.
    pub host: HostEnvironment,
    /// What the runtime promises.
    pub profile: Profile,
    /// The canaries, in order.
    pub scripts: Vec<Script>,
    /// How often each canary is taken; once, without a rate, where nothing is said.
    pub repeat: Option<Repeat>,
    /// Overrides the profile and the card.
    pub dialect: Option<Dialect>,
    /// The world's address, if the user fixes it; else the target decides.
    pub world: Option<WorldAddress>,
    /// Whether the world answers what a real provider refuses, and tells it as a finding.
    pub lenient: bool,
    /// Whether what was started is to stay.
    pub keep: bool,
    /// What every answer of the model suffers from.
    pub model_fault: Option<ModelFault>,
    /// How many canaries may be run at once, where they cannot disturb each other.
    pub jobs: usize,
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

/// How often each canary is taken, and what is enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Rounds of each canary, at least 1.
    pub times: u32,
    /// The least share of the judged rounds that must pass, from 0 to 1.
    pub min_pass: f64,
}

impl Options {
    /// `canary-<run>`: the workspace that the runtime is told to be.
    pub fn workspace(&self) -> String {
        format!("canary-{}", self.run.id)
    }

    /// Everything that must not be written down.
    pub fn redacted(&self) -> Vec<String> {
        let secrets = self.secrets.iter().chain([&self.token]);
        // as it is, and as it stands in JSON
        let both = |secret: &String| {
            let quoted = serde_json::Value::from(secret.as_str()).to_string();
            [secret.clone(), quoted[1..quoted.len() - 1].to_owned()]
        };
        let mut all: Vec<String> = secrets.flat_map(both).collect();
        // the longest first: one may be a part of another
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.dedup();
        all
    }

    /// Whether the honest model answers.
    pub(crate) fn simulated(&self) -> bool {
        self.run.model == ModelMode::Simulated
    }
}
