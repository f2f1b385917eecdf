//! Everything that a run is given beforehand.

use std::time::Duration;

use coalmine_a2a::Dialect;
use coalmine_world::ModelFault;

use crate::{
    baseline::Baseline,
    deploy::{DeploymentSpec, HostEnvironment, TargetSpec, WorldAddress},
    event::{ModelMode, RunInfo},
    plan::{Date, Profile, Script},
};

/// Everything that a run is given beforehand; nothing is read from the environment later.
#[derive(Debug, Clone)]
pub struct Options {
    /// Identity of the run.
    pub run: RunInfo,
    /// What to start.
    pub target: TargetSpec,
    /// The environment of this process.
    pub host: HostEnvironment,
    /// What the runtime promises.
    pub profile: Profile,
    /// What is known to be broken.
    pub baseline: Option<Baseline>,
    /// The canaries, in order.
    pub scripts: Vec<Script>,
    /// How often each canary is run; `None` for once, without a rate.
    pub repeat: Option<Repeat>,
    /// Overrides the profile and the card.
    pub dialect: Option<Dialect>,
    /// The world's address, if the user fixes it; else the target decides.
    pub world: Option<WorldAddress>,
    /// Whether the world answers what a real provider refuses, and reports it as a finding.
    pub lenient: bool,
    /// Whether what was started stays after the run.
    pub keep: bool,
    /// The fault that every answer of the model suffers from.
    pub model_fault: Option<ModelFault>,
    /// How many canaries may run at the same time, if they cannot disturb each other.
    pub jobs: usize,
    /// Whether no more canaries are run after the first that failed or could not be judged.
    pub fail_fast: bool,
    /// The longest wait for the runtime.
    pub ready_within: Duration,
    /// The longest that a turn may take.
    pub turn_within: Duration,
    /// The day of the run, in UTC.
    pub today: Date,
    /// The folder of artifacts as the user would type it.
    pub out_shown: String,
    /// A token for this run alone: issued to the runtime, redacted everywhere.
    pub token: String,
    /// Other texts that are redacted everywhere.
    pub secrets: Vec<String>,
}

/// How often each canary is run, and what is enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Rounds of each canary, at least 1.
    pub times: u32,
    /// The share of the judged rounds that must pass, from 0 to 1.
    pub min_pass: f64,
}

impl Options {
    /// Returns everything that must not be written down: the run's token, the credentials of the profile, and
    /// the other secrets.
    pub fn redacted(&self) -> Vec<String> {
        // short values occur in many places that are not secret
        let auth = self.profile.auth.iter().flat_map(|auth| auth.secrets(&self.token));
        let auth = auth.filter(|secret| secret.len() >= 8);
        self.secrets.iter().chain([&self.token]).cloned().chain(auth).collect()
    }

    /// Returns the ids of all canaries of the run, also those of its other parts.
    pub(crate) fn all_ids(&self) -> Vec<&str> {
        match &self.run.shard {
            Some(shard) => shard.canaries.iter().map(String::as_str).collect(),
            None => self.scripts.iter().map(|script| script.canary.id.as_str()).collect(),
        }
    }

    /// Returns whether the simulated model answers.
    pub(crate) fn simulated(&self) -> bool {
        self.run.model == ModelMode::Simulated
    }

    /// Returns what is to be deployed.
    pub(crate) fn deployment(&self) -> DeploymentSpec<'_> {
        DeploymentSpec {
            run: &self.run,
            target: &self.target,
            host: &self.host,
            profile: &self.profile,
            scripts: &self.scripts,
            world: self.world.as_ref(),
            lenient: self.lenient,
            model_fault: self.model_fault,
            token: &self.token,
            ready_within: self.ready_within,
            turn_within: self.turn_within,
        }
    }
}
