//! A runtime that answers, with what is needed to look at it, stop it and start it again.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use coalmine_a2a::{Client, WireError};
use tokio::sync::{RwLock, RwLockReadGuard, watch};
use url::Url;

use super::{DeploymentSpec, Exit, Outputs, Placeholders, ReadyRuntime, Target, ended, evidence};

/// The longest that a request for the store may take.
const STORE_WITHIN: Duration = Duration::from_secs(2);
/// The longest that a request for the card may take that shows whether the runtime still listens.
const CARD_WITHIN: Duration = Duration::from_secs(2);

/// A runtime that answers.
pub(crate) struct Runtime<'a> {
    pub(crate) spec: DeploymentSpec<'a>,
    /// The card, and where it was found.
    pub(crate) ready: ReadyRuntime,
    /// A client with the run's bounds and the profile's credentials.
    pub(crate) client: Client,
    /// The folder of memories, as the runtime sees it.
    pub(crate) memory_root: String,
    pub(super) outputs: Outputs<'a>,
    /// Read to inspect it, written to stop and start it.
    pub(super) target: &'a RwLock<Target>,
    /// What the runtime was started with.
    pub(super) fill: Placeholders,
    exited: watch::Receiver<Option<Exit>>,
    /// Where the runtime listens; a restart may change it.
    base: Mutex<Url>,
}

impl<'a> Runtime<'a> {
    pub(super) async fn new(
        spec: DeploymentSpec<'a>,
        outputs: Outputs<'a>,
        target: &'a RwLock<Target>,
        fill: Placeholders,
        ready: ReadyRuntime,
        client: Client,
        base: Url,
    ) -> Self {
        let memory_root = fill.memory.clone();
        let (exited, base) = (target.read().await.exited(), Mutex::new(base));
        Self { spec, ready, client, memory_root, outputs, target, fill, exited, base }
    }

    /// Returns the target, to inspect it.
    pub(crate) async fn target(&self) -> RwLockReadGuard<'_, Target> {
        self.target.read().await
    }

    /// Returns where the runtime listens.
    pub(crate) fn base(&self) -> Url {
        self.base.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fills in the placeholders in a text of the profile.
    pub(crate) fn filled(&self, text: &str) -> String {
        self.fill.at(&self.base()).apply(text)
    }

    pub(super) fn set_base(&self, base: Url) {
        self.client.moved(&base);
        *self.base.lock().unwrap_or_else(PoisonError::into_inner) = base;
    }

    /// Waits until the runtime ends by itself; `None` if nobody can know it any more.
    pub(crate) async fn ended(&self) -> Option<Exit> {
        ended(&mut self.exited.clone()).await
    }

    /// Returns whether nothing listens any more where the card was.
    pub(crate) async fn is_gone(&self) -> bool {
        let fetched = self.client.card(&self.ready.card_url, CARD_WITHIN).await;
        matches!(fetched.card, Err(WireError::Connect(_)))
    }

    /// Requests a path of the runtime with `GET`, bounded in time and size.
    pub(crate) async fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        let url = self.base().join(path).map_err(|error| error.to_string())?;
        match self.client.get(&url, STORE_WITHIN).await {
            Ok(body) => Ok(body.into()),
            Err(WireError::Http { status, .. }) => Err(format!("GET {path}: status {status}")),
            Err(error) => Err(format!("GET {path}: {error}")),
        }
    }

    /// Writes down what helps to understand a failure.
    pub(crate) async fn write_evidence(&self) {
        evidence::write(&*self.target().await, self.outputs.artifacts, self.outputs.log).await;
    }
}
