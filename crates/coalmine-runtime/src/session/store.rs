//! Sessions on disk: `<state>/sessions/<stem>.json`, replaced whole and never in part.

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tokio::sync::OwnedMutexGuard;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::encode::file_stem;

use super::locks::{Locks, Place};
use super::{Session, Turn};

#[derive(Debug)]
pub(crate) struct SessionStore {
    dir: Utf8PathBuf,
    locks: Locks,
}

/// A session that no other turn has at the same time.
#[derive(Debug)]
pub(crate) struct OpenSession {
    session: Session,
    path: Utf8PathBuf,
    _lock: OwnedMutexGuard<()>,
}

/// The session could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the session store cannot be used: {0}")]
    Io(#[from] std::io::Error),
    #[error("the session file `{path}` is damaged: {source}")]
    Damaged { path: Utf8PathBuf, source: serde_json::Error },
}

impl SessionStore {
    pub(crate) fn new(state_dir: &Utf8Path) -> Self {
        Self { dir: state_dir.join("sessions"), locks: Locks::default() }
    }

    /// Takes the next place in the queue for this session.
    pub(crate) fn queue(&self, key: &str) -> Place {
        self.locks.queue(key)
    }

    /// Waits until no other turn has this session, and reads it; a new one is empty.
    pub(crate) async fn open(&self, place: Place) -> Result<OpenSession, StoreError> {
        let key = &place.key.clone();
        let lock = place.reached().await;
        let path = self.dir.join(format!("{}.json", file_stem(key)));
        let session = blocking({
            let path = path.clone();
            move || read(&path)
        })
        .await?;
        Ok(OpenSession { session: session.unwrap_or_else(|| Session::empty(key)), path, _lock: lock })
    }

    /// All sessions as they are on disk.
    pub(crate) async fn all(&self) -> Result<Vec<Session>, StoreError> {
        let dir = self.dir.clone();
        blocking(move || read_all(&dir)).await
    }
}

impl OpenSession {
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Writes down what the user said, before anything is done about it: it survives whatever happens next.
    pub(crate) async fn begin(&mut self, turn: Turn) -> Result<(), StoreError> {
        self.session.begin(turn);
        self.save().await
    }

    /// Writes down the answer to the turn that was begun.
    pub(crate) async fn answer(&mut self, text: &str) -> Result<(), StoreError> {
        if let Some(turn) = self.session.turns.last_mut() {
            turn.agent = Some(text.to_owned());
        }
        self.save().await
    }

    async fn save(&self) -> Result<(), StoreError> {
        let json = serde_json::to_vec(&self.session)
            .map_err(|source| StoreError::Damaged { path: self.path.clone(), source })?;
        let path = self.path.clone();
        blocking(move || replace(&path, &json)).await
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

#[cfg(test)]
mod tests {
    use super::super::UserInput;
    use super::*;

    fn turn(message: &str, text: &str) -> Turn {
        Turn {
            context_id: "c".into(),
            task_id: "t".into(),
            message_id: message.into(),
            user: UserInput { text: text.into(), files: Vec::new() },
            agent: None,
        }
    }

    fn store() -> (tempfile::TempDir, SessionStore) {
        let dir = tempfile::tempdir().unwrap();
        let store = SessionStore::new(Utf8Path::from_path(dir.path()).unwrap());
        (dir, store)
    }

    #[tokio::test]
    async fn what_was_written_is_read_back() {
        let (_dir, store) = store();
        let mut open = store.open(store.queue("../c")).await.unwrap();
        open.begin(turn("m", "hello")).await.unwrap();
        open.answer("hi").await.unwrap();
        drop(open);
        let open = store.open(store.queue("../c")).await.unwrap();
        assert_eq!(open.session().answer_to("c", "m"), Some("hi"));
        assert_eq!(store.all().await.unwrap(), [open.session().clone()]);
    }

    #[tokio::test]
    async fn an_unanswered_message_that_comes_again_is_kept_once() {
        let (_dir, store) = store();
        let mut open = store.open(store.queue("c")).await.unwrap();
        open.begin(turn("m", "first")).await.unwrap();
        open.begin(turn("n", "between")).await.unwrap();
        open.begin(turn("m", "again")).await.unwrap();
        let texts: Vec<_> = open.session().turns.iter().map(|turn| turn.user.text.as_str()).collect();
        assert_eq!(texts, ["between", "again"]);
    }

    #[tokio::test]
    async fn a_damaged_file_is_an_error_not_an_empty_session() {
        let (dir, store) = store();
        fs::create_dir_all(dir.path().join("sessions")).unwrap();
        fs::write(dir.path().join("sessions/c.json"), "{").unwrap();
        assert!(store.open(store.queue("c")).await.unwrap_err().to_string().contains("c.json` is damaged"));
    }

    #[tokio::test]
    async fn a_session_is_open_once_at_a_time() {
        let (_dir, store) = store();
        let open = store.open(store.queue("c")).await.unwrap();
        let second = store.open(store.queue("c"));
        tokio::pin!(second);
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(open);
        assert!(second.await.is_ok());
    }
}
