//! Where sessions are stored: on disk, in the state folder. The faults that store them elsewhere are here.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Session, StoreError, disk::Disk};
use crate::{
    fault::{Fault, Faults},
    file_stem::file_stem,
};

#[derive(Clone, Debug)]
pub(super) enum Backend {
    Disk(Disk),
    /// Only in the process, by key.
    Process(Arc<Mutex<BTreeMap<String, Session>>>),
}

impl Backend {
    pub(super) fn new(state_dir: &Utf8Path, slow: Duration, faults: Faults) -> Self {
        match faults.active() {
            Some(Fault::SessionLostOnRestart) => Self::Process(Arc::default()),
            Some(Fault::SessionOutsideVolume) => Self::Disk(Disk::new(dir_outside_volume(state_dir), slow)),
            _ => Self::Disk(Disk::new(state_dir.join("sessions"), slow)),
        }
    }

    /// Returns the session with this key, if one is stored.
    pub(super) async fn read(&self, key: &str) -> Result<Option<Session>, StoreError> {
        match self {
            Self::Disk(disk) => disk.read(key).await,
            Self::Process(sessions) => Ok(lock(sessions).get(key).cloned()),
        }
    }

    /// Returns all sessions, in the order of their keys.
    pub(super) async fn all(&self) -> Result<Vec<Session>, StoreError> {
        match self {
            Self::Disk(disk) => disk.all().await,
            Self::Process(sessions) => Ok(lock(sessions).values().cloned().collect()),
        }
    }

    pub(super) async fn write(&self, session: &Session) -> Result<(), StoreError> {
        match self {
            Self::Disk(disk) => disk.write(session).await,
            Self::Process(sessions) => {
                lock(sessions).insert(session.key.clone(), session.clone());
                Ok(())
            }
        }
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), StoreError> {
        match self {
            Self::Disk(disk) => disk.remove(key).await,
            Self::Process(sessions) => {
                lock(sessions).remove(key);
                Ok(())
            }
        }
    }
}

/// Returns a folder that no volume holds. Each state folder gets its own.
fn dir_outside_volume(state_dir: &Utf8Path) -> Utf8PathBuf {
    let temp = Utf8PathBuf::from_path_buf(std::env::temp_dir()).unwrap_or_else(|_| Utf8PathBuf::from("/tmp"));
    temp.join(format!("coalmine-sessions-{}", file_stem(state_dir.as_str())))
}

fn lock(sessions: &Mutex<BTreeMap<String, Session>>) -> MutexGuard<'_, BTreeMap<String, Session>> {
    sessions.lock().unwrap_or_else(PoisonError::into_inner)
}
