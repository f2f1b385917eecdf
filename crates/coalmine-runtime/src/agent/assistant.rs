//! The agent and its parts.

use std::{net::SocketAddr, sync::Arc};

use reqwest::Client;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Streams;
use crate::{
    attachment::{Files, Uploads},
    config::Config,
    fault::Faults,
    memory::MemoryStore,
    model::ModelClient,
    peer::Peers,
    platform::Platform,
    session::SessionStore,
    skill::Skills,
    task::TaskStore,
};

#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) faults: Faults,
    /// Fires when a fault crashes the runtime.
    pub(crate) crashed: CancellationToken,
    pub(crate) tasks: TaskStore,
    pub(crate) sessions: SessionStore,
    pub(crate) streams: Arc<Streams>,
    pub(super) memory: MemoryStore,
    pub(super) skills: Skills,
    pub(super) peers: Peers,
    pub(super) model: ModelClient,
    pub(super) files: Files,
    pub(super) uploads: Uploads,
    pub(super) platform: Option<Arc<Platform>>,
    pub(super) canary_mode: bool,
    /// The turns under way.
    pub(super) turns: TaskTracker,
}

impl Agent {
    /// Returns an agent that works until `stop`. Except for its skills, it reads nothing from disk or network
    /// yet.
    pub(crate) async fn new(
        config: Config,
        http: Client,
        listening_on: SocketAddr,
        stop: &CancellationToken,
    ) -> Self {
        let faults = Faults::new(config.fault);
        let platform =
            Platform::connect(&config, http.clone(), listening_on, stop.child_token()).map(Arc::new);
        Self {
            faults,
            crashed: CancellationToken::new(),
            tasks: TaskStore::new(stop.child_token()),
            streams: Arc::new(Streams::new(faults)),
            sessions: SessionStore::new(&config.state_dir, config.slow.disk, faults),
            skills: Skills::load(&config.skills_dir, faults).await,
            memory: MemoryStore::new(&config.memory_root, &config.workspace, faults),
            peers: Peers::new(http.clone(), platform.clone(), &config.state_dir, faults),
            files: Files::new(http.clone(), platform.clone()),
            uploads: Uploads::new(&config.state_dir),
            platform,
            model: ModelClient::new(http, config.model, faults),
            canary_mode: config.canary_mode,
            turns: TaskTracker::new(),
        }
    }

    /// Waits until every turn has ended. The turns end by themselves, or at once when the agent stops.
    pub(crate) async fn wait_until_idle(&self) {
        self.turns.close();
        self.turns.wait().await;
    }
}
