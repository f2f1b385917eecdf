//! What to deploy, and where a deployment reports.

use std::time::Duration;

use coalmine_world::ModelFault;

use super::{HostEnvironment, LogTail, TargetSpec, WorldAddress};
use crate::{
    artifacts::Artifacts,
    event::{Emitter, RunInfo},
    plan::{Profile, Script},
};

/// What to deploy, and within which bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeploymentSpec<'a> {
    pub(crate) run: &'a RunInfo,
    pub(crate) target: &'a TargetSpec,
    pub(crate) host: &'a HostEnvironment,
    pub(crate) profile: &'a Profile,
    /// The canaries: the world plays the model and the peers that they need.
    pub(crate) scripts: &'a [Script],
    /// The world's address, if the user fixes it.
    pub(crate) world: Option<&'a WorldAddress>,
    /// Whether the world answers what a real provider refuses.
    pub(crate) lenient: bool,
    /// The fault that every answer of the model suffers from.
    pub(crate) model_fault: Option<ModelFault>,
    /// The token that is issued to the runtime.
    pub(crate) token: &'a str,
    /// The longest wait for the runtime.
    pub(crate) ready_within: Duration,
    /// The longest that a turn may take.
    pub(crate) turn_within: Duration,
}

/// Where a deployment reports and writes.
#[derive(Clone, Copy)]
pub(crate) struct Outputs<'a> {
    pub(crate) events: &'a Emitter,
    pub(crate) artifacts: &'a Artifacts,
    pub(crate) log: &'a LogTail,
}

impl DeploymentSpec<'_> {
    /// Returns `canary-<run>`: the workspace that the runtime is said to belong to.
    pub(crate) fn workspace(&self) -> String {
        format!("canary-{}", self.run.id)
    }
}
