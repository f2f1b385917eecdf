//! One run's surroundings.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;

use crate::{
    Call, Journal, JournalError, Mark, Memory, Patience, Peer, Upload,
    brain::{Brain, RuleError},
    control::ControlPlane,
    peers::Peers,
    provider::{Files, Trouble},
};

/// What a world starts with.
pub struct WorldConfig {
    /// Issued to the runtime when it registers.
    pub token: String,
    /// Answers as the model.
    pub brain: Brain,
    /// Takes the journal, as NDJSON.
    pub journal: Box<dyn Write + Send>,
    /// What every answer of the model suffers from.
    pub trouble: Option<Trouble>,
    /// Whether what a real provider refuses is answered all the same, as well as it can be, and told in the journal.
    pub lenient: bool,
    /// Whether whoever reaches the world may look into it (`GET /journal`) and disturb it (`POST /trouble`): not a runtime
    /// under test, which could read its own prompts.
    pub journal_open: bool,
    /// How long clients are waited for.
    pub patience: Patience,
}

/// Provider, control plane, peers and journal of one run.
#[derive(Debug)]
pub struct World {
    pub(crate) brain: Brain,
    pub(crate) control: ControlPlane,
    pub(crate) peers: Peers,
    pub(crate) files: Files,
    pub(crate) journal: Journal,
    pub(crate) journal_open: bool,
    pub(crate) patience: Patience,
    pub(crate) lenient: bool,
    trouble: Mutex<Troubles>,
    /// Answers of the model that are on their way out.
    open: Arc<AtomicUsize>,
    ids: AtomicU64,
}

#[derive(Debug, Default)]
struct Troubles {
    /// What every answer suffers from, as the world was made.
    always: Option<Trouble>,
    /// What every answer suffers from for now, before that.
    now: Option<Trouble>,
    /// What the next answers suffer from, one each, before both.
    next: VecDeque<Trouble>,
}

/// An answer that is on its way, for as long as this lives.
#[derive(Debug)]
pub(crate) struct OpenAnswer(Arc<AtomicUsize>);

impl Drop for OpenAnswer {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl World {
    /// A world that nobody can reach yet; see [`crate::serve`].
    pub fn new(config: WorldConfig) -> Arc<Self> {
        let mut hasher = DefaultHasher::new();
        config.token.hash(&mut hasher);
        Arc::new(Self {
            brain: config.brain,
            control: ControlPlane::new(config.token),
            peers: Peers::default(),
            files: Files::default(),
            journal: Journal::new(config.journal),
            journal_open: config.journal_open,
            patience: config.patience,
            lenient: config.lenient,
            trouble: Mutex::new(Troubles { always: config.trouble, ..Troubles::default() }),
            open: Arc::default(),
            ids: AtomicU64::new(hasher.finish() >> 16),
        })
    }

    /// Lets the next answers of the model suffer, one each, in order; gives the number that is still to come.
    pub fn trouble_next(&self, troubles: impl IntoIterator<Item = Trouble>) -> usize {
        let mut all = self.troubles();
        all.next.extend(troubles);
        all.next.len()
    }

    /// Lets all answers of the model suffer from now on.
    pub fn trouble_all(&self, trouble: Trouble) {
        self.troubles().now = Some(trouble);
    }

    /// Ends what [`Self::trouble_next`] and [`Self::trouble_all`] began.
    pub fn calm_down(&self) {
        let mut troubles = self.troubles();
        troubles.now = None;
        troubles.next.clear();
    }

    pub(crate) fn next_trouble(&self) -> Option<Trouble> {
        let mut troubles = self.troubles();
        troubles.next.pop_front().or(troubles.now).or(troubles.always)
    }

    fn troubles(&self) -> MutexGuard<'_, Troubles> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many answers of the model are on their way out: begun, and neither whole nor given up by the runtime.
    pub fn open_answers(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Counts an answer as on its way until the guard is dropped.
    pub(crate) fn open_answer(&self) -> OpenAnswer {
        self.open.fetch_add(1, Ordering::Relaxed);
        OpenAnswer(Arc::clone(&self.open))
    }

    /// A number that no other answer has, nor one of a world with another token: runtimes keep answers by their ids.
    pub(crate) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// What a tool of this name is for, by the roles in force.
    pub fn role_of(&self, tool: &str) -> Option<&str> {
        self.brain.role_of(tool)
    }

    /// The place in the journal after the newest call.
    pub fn mark(&self) -> Mark {
        self.journal.mark()
    }

    /// The calls since a mark.
    pub fn since(&self, mark: Mark) -> Vec<Arc<Call>> {
        self.journal.since(mark)
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
