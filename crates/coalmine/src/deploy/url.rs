//! A runtime that someone else started.

use tokio::sync::watch;
use url::Url;

use super::Exit;

/// Where it is; nothing else is ours.
#[derive(Debug)]
pub struct Running {
    pub(super) base: Url,
    exit: watch::Sender<Option<Exit>>,
}

impl Running {
    pub(super) fn new(base: Url) -> Self {
        Self { base, exit: watch::Sender::new(None) }
    }

    pub(super) fn exited(&self) -> watch::Receiver<Option<Exit>> {
        self.exit.subscribe()
    }
}
