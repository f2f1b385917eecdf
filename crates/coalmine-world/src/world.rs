//! One run's surroundings.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;

use crate::{
    Call, Journal, JournalError, Mark, Memory, Patience, Peer, Upload,
    control::ControlPlane,
    model::{RuleError, SimulatedModel},
    peers::Peers,
    provider::{FaultGuard, FaultPlan, Files, ModelFault, Threads},
};

/// What a world starts with.
pub struct WorldConfig {
    /// Issued to the runtime when it registers.
    pub token: String,
    /// Answers as the model.
    pub model: SimulatedModel,
    /// Takes the journal, as NDJSON.
    pub journal: Box<dyn Write + Send>,
    /// What every answer of the model suffers from.
    pub model_fault: Option<ModelFault>,
    /// Whether what a real provider refuses is answered all the same, as well as it can be, and told in the journal.
    pub lenient: bool,
    /// Whether whoever reaches the world may look into it (`GET /journal`) and inject faults (`POST /model-fault`): not a runtime
    /// under test, which could read its own prompts.
    pub journal_open: bool,
    /// How long clients are waited for.
    pub patience: Patience,
}

/// Provider, control plane, peers and journal of one run.
#[derive(Debug)]
pub struct World {
    pub(crate) model: SimulatedModel,
    pub(crate) control: ControlPlane,
    pub(crate) peers: Peers,
    pub(crate) files: Files,
    pub(crate) threads: Threads,
    pub(crate) journal: Journal,
    pub(crate) journal_open: bool,
    pub(crate) patience: Patience,
    pub(crate) lenient: bool,
    pub(crate) fault_plan: FaultPlan,
    ids: AtomicU64,
}

impl World {
    /// A world that nobody can reach yet; see [`crate::serve`].
    pub fn new(config: WorldConfig) -> Arc<Self> {
        let mut hasher = DefaultHasher::new();
        config.token.hash(&mut hasher);
        Arc::new(Self {
            model: config.model,
            control: ControlPlane::new(config.token),
            peers: Peers::default(),
            files: Files::default(),
            threads: Threads::default(),
            journal: Journal::new(config.journal),
            journal_open: config.journal_open,
            patience: config.patience,
            lenient: config.lenient,
            fault_plan: FaultPlan::new(config.model_fault),
            ids: AtomicU64::new(hasher.finish() >> 16),
        })
    }

    /// Lets the next answers of the model suffer, one each, in order; gives the number that is still to come.
    pub fn inject_next(&self, model_faults: impl IntoIterator<Item = ModelFault>) -> usize {
        self.fault_plan.next(model_faults)
    }

    /// Lets answers of the model suffer for as long as what it gives lives: the first of them one model fault each, in order,
    /// those after them `then`. PlannedAction are answers to questions that hold one of the `words`; without words, all.
    pub fn inject(&self, words: Vec<String>, first: Vec<ModelFault>, then: Option<ModelFault>) -> FaultGuard {
        self.fault_plan.add(words, first, then)
    }

    /// A number that no other answer has, nor one of a world with another token: runtimes keep answers by their ids.
    pub(crate) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// What a tool of this name is for, by the roles in force.
    pub fn role_of(&self, tool: &str) -> Option<&str> {
        self.model.role_of(tool)
    }

    /// The place in the journal after the newest call.
    pub fn mark(&self) -> Mark {
        self.journal.mark()
    }

    /// The calls since a mark.
    pub fn since(&self, mark: Mark) -> Vec<Arc<Call>> {
        self.journal.since(mark)
    }

    /// Whether all calls since a mark are still in memory: whoever calls too often, or says too much, pushes older ones out.
    pub fn has_all_since(&self, mark: Mark) -> bool {
        self.journal.has_all_since(mark)
    }

    /// Puts peer agents beside the runtime, at `/peers/<id>/`; the control plane tells of them from now on.
    ///
    /// # Errors
    /// The first pattern that is no regular expression, or an id that is none or is taken; no peer is added then.
    pub fn add_peers(&self, peers: impl IntoIterator<Item = Peer>) -> Result<(), RuleError> {
        self.peers.add(peers)
    }

    /// The calls since a mark in which a peer was sent a message, whether or not it took it.
    pub fn asked(&self, mark: Mark) -> Vec<Arc<Call>> {
        self.since(mark).into_iter().filter(|call| call.said.peer.is_some()).collect()
    }

    /// The memories that the runtime committed to the control plane.
    pub fn memories(&self) -> Vec<Memory> {
        self.control.memories()
    }

    /// Hands a file to the platform, as a user's client does before it sends the link.
    pub fn upload(&self, workspace: &str, name: &str, bytes: Bytes) -> Option<Upload> {
        self.control.keep_upload(workspace, name, bytes)
    }

    /// Completes the journal.
    ///
    /// # Errors
    /// The journal could not be written, whenever that happened.
    pub async fn close(&self) -> Result<(), JournalError> {
        self.journal.close().await
    }
}
