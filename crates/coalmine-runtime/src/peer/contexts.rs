//! The conversations with peers: `<state>/peers/<own context>/<peer>` holds the peer's contextId.

use std::io::{ErrorKind, Result};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tokio::task::spawn_blocking;

use crate::encode::file_stem;

/// Longest id that is kept, in bytes.
const MAX_ID: usize = 1000;

#[derive(Debug)]
pub(super) struct Contexts {
    dir: Utf8PathBuf,
}

impl Contexts {
    pub(super) fn new(state_dir: &Utf8Path) -> Self {
        Self { dir: state_dir.join("peers") }
    }

    /// The conversation with this peer that belongs to a context of ours, if there is one.
    pub(super) async fn of(&self, own: &str, peer: &str) -> Result<Option<String>> {
        let path = self.path(own, peer);
        spawn_blocking(move || match fs::read_to_string(path) {
            Ok(id) => Ok(Some(id).filter(|id| !id.is_empty())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await?
    }

    /// Keeps it, so that the next question goes on there.
    pub(super) async fn keep(&self, own: &str, peer: &str, id: &str) -> Result<()> {
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
