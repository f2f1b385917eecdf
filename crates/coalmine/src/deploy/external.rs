//! A runtime that someone else started.

use tokio::sync::watch;
use url::Url;

use super::Exit;

/// A runtime of which only the address is known.
#[derive(Debug)]
pub struct External {
    pub(super) base: Url,
    exit: watch::Sender<Option<Exit>>,
}

impl External {
    pub(super) fn new(base: Url) -> Self {
        Self { base, exit: watch::Sender::new(None) }
    }

    /// Returns a channel on which nothing ever comes: nobody reports how the runtime ended.
    pub(super) fn exited(&self) -> watch::Receiver<Option<Exit>> {
        self.exit.subscribe()
    }
}
