//! The conversations with peers: `<state>/peers/<own context>/<peer>` contains the peer's contextId.

use std::io::{ErrorKind, Result};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tokio::task::spawn_blocking;

use crate::file_stem::file_stem;

/// The longest id that is stored, in bytes.
const MAX_ID: usize = 1000;

#[derive(Debug)]
pub(super) struct PeerContexts {
    dir: Utf8PathBuf,
}

impl PeerContexts {
    pub(super) fn new(state_dir: &Utf8Path) -> Self {
        Self { dir: state_dir.join("peers") }
    }

    /// Returns the contextId of the conversation with a peer that belongs to one of our contexts.
    pub(super) async fn get(&self, own: &str, peer: &str) -> Result<Option<String>> {
        let path = self.path(own, peer);
        spawn_blocking(move || match fs::read_to_string(path) {
            Ok(id) => Ok(Some(id).filter(|id| !id.is_empty())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await?
    }

    /// Stores a contextId, so that the next question continues the conversation.
    pub(super) async fn set(&self, own: &str, peer: &str, id: &str) -> Result<()> {
        if id.len() > MAX_ID {
            return Ok(());
        }
        let (path, id) = (self.path(own, peer), id.to_owned());
        spawn_blocking(move || {
            if let Some(dir) = path.parent() {
                fs::create_dir_all(dir)?;
            }
            fs::write(path, id)
        })
        .await?
    }

    fn path(&self, own: &str, peer: &str) -> Utf8PathBuf {
        self.dir.join(file_stem(own)).join(file_stem(peer))
    }
}
