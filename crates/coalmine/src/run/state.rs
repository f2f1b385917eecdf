//! What a run holds while it goes on.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use coalmine_a2a::Client;
use coalmine_world::World;
use tokio::sync::{RwLock, watch};
use url::Url;

use super::{Artifacts, Options};
use crate::{
    converse::Conversation,
    deploy::{Exit, LogTail, Placeholders, ReadyRuntime, Target},
    event::{Diagnosis, Emitter},
};

/// A runtime that answers, and everything around it.
pub(super) struct Running<'a> {
    pub(super) options: &'a Options,
    pub(super) events: &'a Emitter,
    pub(super) artifacts: &'a Artifacts,
    /// Read to look at it, written to stop and start it.
    pub(super) target: &'a RwLock<Target>,
    pub(super) exited: watch::Receiver<Option<Exit>>,
    pub(super) log: &'a LogTail,
    pub(super) world: Arc<World>,
    /// What the runtime was started with.
    pub(super) fill: Placeholders,
    pub(super) ready: ReadyRuntime,
    pub(super) client: Client,
    pub(super) conversation: Conversation,
    /// The folder of memories as the runtime sees it.
    pub(super) memory_root: String,
    pub(super) so_far: Mutex<SoFar>,
}

/// What is known so far.
#[derive(Debug)]
pub(super) struct SoFar {
    /// Where the runtime listens; elsewhere after a restart, perhaps.
    pub(super) base: Url,
    /// Whether the runtime ever showed a sign of a memory in this run.
    pub(super) memory_seen: bool,
    /// Whether the model was ever called in this run.
    pub(super) model_called: bool,
    /// Whether `GET` on the store was ever refused: it is then not asked again.
    pub(super) store_refused: Option<String>,
    /// Why no more turns are sent.
    pub(super) over: Option<Diagnosis>,
    /// Whether the runtime is gone, so that nothing else can be looked at either.
    pub(super) gone: bool,
    /// Turns in a row that ran out of time.
    pub(super) timeouts: u32,
    /// What users said in turns that are over.
    pub(super) said: Vec<String>,
}

/// The longest that a look at the store may take.
pub(super) const STORE_WITHIN: Duration = Duration::from_secs(2);

impl Running<'_> {
    pub(super) fn so_far(&self) -> MutexGuard<'_, SoFar> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why no more turns are sent.
    pub(super) fn over(&self) -> Option<Diagnosis> {
        self.so_far().over.clone()
    }

    /// No more turns are sent; the first reason stays.
    pub(super) fn end(&self, why: Diagnosis, gone: bool) {
        let mut so_far = self.so_far();
        so_far.over.get_or_insert(why);
        so_far.gone |= gone;
    }
}

impl SoFar {
    pub(super) fn new(base: Url) -> Mutex<Self> {
        Mutex::new(Self {
            base,
            memory_seen: false,
            model_called: false,
            store_refused: None,
            over: None,
            gone: false,
            timeouts: 0,
            said: vec![],
        })
    }
}
