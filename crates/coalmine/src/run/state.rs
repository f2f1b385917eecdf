//! What a run holds while it goes on.

use std::{sync::Arc, time::Duration};

use coalmine_a2a::Client;
use coalmine_world::World;
use tokio::sync::watch;
use url::Url;

use super::{Artifacts, Options};
use crate::{
    converse::Conversation,
    event::{Diagnosis, Emitter},
    target::{Exit, LogTail, ReadyRuntime, Target},
};

/// A runtime that answers, and everything around it.
pub(super) struct Running<'a> {
    pub(super) options: &'a Options,
    pub(super) events: &'a Emitter,
    pub(super) artifacts: &'a Artifacts,
    pub(super) target: &'a Target,
    pub(super) exited: watch::Receiver<Option<Exit>>,
    pub(super) log: &'a LogTail,
    pub(super) world: Arc<World>,
    pub(super) ready: ReadyRuntime,
    pub(super) base: Url,
    pub(super) client: Client,
    pub(super) conversation: Conversation,
    /// The folder of memories as the runtime sees it.
    pub(super) memory_root: String,
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
}

/// The longest that a look at the store may take.
pub(super) const STORE_WITHIN: Duration = Duration::from_secs(2);
