//! The surroundings of one run.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;

use crate::{
    Call, Callers, ForeignCallers, Journal, JournalError, JournalPosition, Limits, Memory, Peer, Timeouts,
    ToolOffer, Upload,
    budget::Budget,
    callers::ForeignLog,
    control::ControlPlane,
    model::{RuleError, SimulatedModel},
    peers::Peers,
    provider::{FaultGuard, FaultPlan, ModelFault, StoredResponses, UploadedFiles},
};

/// What a world is created from.
pub struct WorldConfig {
    /// The token issued to the runtime when it registers.
    pub token: String,
    /// The model that answers.
    pub model: SimulatedModel,
    /// Receives the journal as NDJSON.
    pub journal: Box<dyn Write + Send>,
    /// The fault injected into every answer of the model that no other fault is planned for.
    pub model_fault: Option<ModelFault>,
    /// Whether a request that a real provider refuses is answered as far as it can be read, and the violation
    /// recorded in the journal.
    pub lenient: bool,
    /// How long an answer waits that says something from its prompt. A runtime that replies without waiting for
    /// it then replies before it, which shows that the reply did not come from the model.
    pub recall_pause: Duration,
    /// Whether any client may read the journal (`GET /journal`) and inject faults (`POST /model-fault`). Must
    /// be false while a runtime is tested, because it could read its own prompts.
    pub journal_open: bool,
    /// How long the world waits for clients.
    pub timeouts: Timeouts,
    /// How much the runtime can make the world hold.
    pub limits: Limits,
    /// Who may call it.
    pub callers: Callers,
}

/// The provider, the control plane, the peers and the journal of one run.
#[derive(Debug)]
pub struct World {
    pub(crate) model: SimulatedModel,
    pub(crate) control: ControlPlane,
    pub(crate) peers: Peers,
    pub(crate) files: UploadedFiles,
    pub(crate) stored_responses: StoredResponses,
    pub(crate) journal: Journal,
    pub(crate) journal_open: bool,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) budget: Budget,
    pub(crate) callers: Callers,
    pub(crate) foreign: ForeignLog,
    pub(crate) lenient: bool,
    recall_pause: Duration,
    /// Whether [`Self::recall_pause`] is left out.
    recalls_at_once: AtomicBool,
    pub(crate) fault_plan: FaultPlan,
    ids: AtomicU64,
}

impl World {
    /// Creates a world that is not reachable yet; see [`crate::serve`].
    pub fn new(config: WorldConfig) -> Arc<Self> {
        SimulatedModel::prepare();
        let mut hasher = DefaultHasher::new();
        config.token.hash(&mut hasher);
        let budget = Budget::new(config.limits.bytes);
        Arc::new(Self {
            model: config.model,
            control: ControlPlane::new(config.token, budget.clone()),
            peers: Peers::default(),
            files: UploadedFiles::default(),
            stored_responses: StoredResponses::default(),
            journal: Journal::new(config.journal),
            journal_open: config.journal_open,
            timeouts: config.timeouts,
            limits: config.limits,
            budget,
            callers: config.callers,
            foreign: ForeignLog::default(),
            lenient: config.lenient,
            recall_pause: config.recall_pause,
            recalls_at_once: AtomicBool::new(false),
            fault_plan: FaultPlan::new(config.model_fault),
            ids: AtomicU64::new(hasher.finish() >> 16),
        })
    }

    /// Sets whether answers that recall something come without the pause of [`WorldConfig::recall_pause`].
    pub fn recall_at_once(&self, at_once: bool) {
        self.recalls_at_once.store(at_once, Ordering::Relaxed);
    }

    /// Returns how much later than its call an answer comes that recalls something.
    pub(crate) fn recall_pause(&self) -> Duration {
        if self.recalls_at_once.load(Ordering::Relaxed) { Duration::ZERO } else { self.recall_pause }
    }

    /// Injects faults into the next answers of the model, one each, in order. Returns how many are still
    /// pending.
    pub fn inject_next(&self, model_faults: impl IntoIterator<Item = ModelFault>) -> usize {
        self.fault_plan.inject_next(model_faults)
    }

    /// Injects faults into answers of the model until the guard is dropped: those of `first` into one answer
    /// each, in order, and `then` into every later one. Only questions that hold one of the `words` are
    /// affected; without words, all are. If a question holds words of several injections, the words that stand
    /// last decide.
    pub fn inject(&self, words: Vec<String>, first: Vec<ModelFault>, then: Option<ModelFault>) -> FaultGuard {
        self.fault_plan.inject(words, first, then)
    }

    /// Returns a number for a response. No other response has it, nor one of a world with another token,
    /// because runtimes keep responses by their ids.
    pub(crate) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the role of a tool by its name, if it has one.
    pub fn role_of(&self, tool: &str) -> Option<&str> {
        self.model.role_of(tool)
    }

    /// Returns the role of an offered tool by its name and its arguments, if it has one. A tool that takes
    /// nobody to ask does not ask peers.
    pub fn role_of_offer(&self, tool: &ToolOffer) -> Option<&str> {
        self.model.role_of_offer(tool)
    }

    /// Returns the position in the journal after the newest call.
    pub fn journal_position(&self) -> JournalPosition {
        self.journal.position()
    }

    /// Returns the calls since a position, as far as they are still in memory.
    pub fn calls_since(&self, position: JournalPosition) -> Vec<Arc<Call>> {
        self.journal.calls_since(position)
    }

    /// Returns whether all calls since a position are still in memory. A runtime that calls too often, or
    /// sends too much, pushes older ones out.
    pub fn has_all_calls_since(&self, position: JournalPosition) -> bool {
        self.journal.has_all_calls_since(position)
    }

    /// Adds peer agents at `/peers/<id>/`; the control plane lists them from then on.
    ///
    /// # Errors
    /// Fails on the first invalid pattern, and on an id that is invalid or already used; no peer is added then.
    pub fn add_peers(&self, peers: impl IntoIterator<Item = Peer>) -> Result<(), RuleError> {
        self.peers.add(peers)
    }

    /// Returns the calls since a position that sent a message to a peer, whether or not the peer accepted it.
    pub fn peer_calls_since(&self, position: JournalPosition) -> Vec<Arc<Call>> {
        let calls = self.calls_since(position).into_iter();
        calls.filter(|call| call.content.peer.is_some()).collect()
    }

    /// Returns the memories that the runtime committed to the control plane, in order.
    pub fn memories(&self) -> Vec<Arc<Memory>> {
        self.control.memories()
    }

    /// Returns how often the runtime was refused because it sent more than the world holds, or opened more
    /// connections than it serves.
    pub fn refused_as_too_much(&self) -> u64 {
        self.budget.refused()
    }

    /// Returns who called the world and was not allowed to. Their calls are not in the journal.
    pub fn foreign_callers(&self) -> ForeignCallers {
        self.foreign.seen()
    }

    /// Uploads a file to the platform, as a user's client does before it sends the link. Returns `None` if
    /// there are too many uploads.
    pub fn upload(&self, workspace: &str, name: &str, bytes: Bytes) -> Option<Upload> {
        self.control.add_upload(workspace, name, bytes)
    }

    /// Completes the journal.
    ///
    /// # Errors
    /// Fails if the journal could not be written at any time.
    pub async fn close(&self) -> Result<(), JournalError> {
        self.journal.close().await
    }
}
