//! Sessions on disk: `<dir>/<stem>.json`, which is always replaced as a whole.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{Session, StoreError};
use crate::file_stem::file_stem;

#[derive(Clone, Debug)]
pub(super) struct Disk {
    dir: Utf8PathBuf,
    /// How much longer than usual a write takes.
    slow: Duration,
}

impl Disk {
    pub(super) fn new(dir: Utf8PathBuf, slow: Duration) -> Self {
        Self { dir, slow }
    }

    pub(super) async fn read(&self, key: &str) -> Result<Option<Session>, StoreError> {
        let path = self.path(key);
        blocking(move || read(&path)).await
    }

    /// Returns all sessions, in the order of their keys.
    pub(super) async fn all(&self) -> Result<Vec<Session>, StoreError> {
        let dir = self.dir.clone();
        blocking(move || read_all(&dir)).await
    }

    pub(super) async fn write(&self, session: &Session) -> Result<(), StoreError> {
        let path = self.path(&session.key);
        let json = serde_json::to_vec(session)
            .map_err(|source| StoreError::Damaged { path: path.clone(), source })?;
        if !self.slow.is_zero() {
            tokio::time::sleep(self.slow).await;
        }
        blocking(move || replace(&path, &json)).await
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), StoreError> {
        let path = self.path(key);
        blocking(move || Ok(fs::remove_file(path)?)).await
    }

    fn path(&self, key: &str) -> Utf8PathBuf {
        self.dir.join(format!("{}.json", file_stem(key)))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    spawn_blocking(work).await.map_err(std::io::Error::other)?
}

fn read(path: &Utf8Path) -> Result<Option<Session>, StoreError> {
    let json = match fs::read(path) {
        Ok(json) => json,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let session = serde_json::from_slice(&json)
        .map_err(|source| StoreError::Damaged { path: path.to_owned(), source })?;
    Ok(Some(session))
}

fn read_all(dir: &Utf8Path) -> Result<Vec<Session>, StoreError> {
    let mut sessions = Vec::new();
    if !dir.exists() {
        return Ok(sessions);
    }
    for entry in dir.read_dir_utf8()? {
        let entry = entry?;
        if entry.path().extension() == Some("json") {
            sessions.extend(read(entry.path())?);
        }
    }
    sessions.sort_by(|a: &Session, b| a.key.cmp(&b.key));
    Ok(sessions)
}

fn replace(path: &Utf8Path, json: &[u8]) -> Result<(), StoreError> {
    let temporary = path.with_extension(format!("{}.tmp", Uuid::new_v4().simple()));
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(&temporary, json)?;
    fs::rename(&temporary, path)?;
    Ok(())
}
