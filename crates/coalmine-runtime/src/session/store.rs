//! The sessions that are kept: one truth about each, and one turn at a time that has it.

use camino::{Utf8Path, Utf8PathBuf};

use super::{
    OpenSession, Session,
    locks::{Locks, Place},
    medium::Medium,
    neighbours::Neighbours,
};
use crate::fault::{Fault, Faults};

#[derive(Debug)]
pub(crate) struct SessionStore {
    pub(super) medium: Medium,
    pub(super) neighbours: Neighbours,
    pub(super) faults: Faults,
    locks: Locks,
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
    pub(crate) fn new(state_dir: &Utf8Path, faults: Faults) -> Self {
        let medium = Medium::new(state_dir, faults);
        Self { medium, neighbours: Neighbours::default(), faults, locks: Locks::default() }
    }

    /// Takes the next place in the queue for this session.
    pub(crate) fn queue(&self, key: &str) -> Place {
        if self.faults.is(Fault::SessionLastWriteWins) {
            return Place::in_no_queue(key);
        }
        self.locks.queue(key)
    }

    /// Waits until no other turn has this session, and reads it.
    pub(crate) async fn open(&self, place: Place) -> Result<OpenSession, StoreError> {
        let (key, mut lock) = place.reached().await;
        let mut session = self.read(&key).await?;
        if let Some(other) = self.mistaken_for(&session) {
            drop(lock);
            lock = self.queue(&other).reached().await.1;
            session = self.read(&other).await?;
        }
        self.mix(&mut session).await?;
        let presence = self.neighbours.enter(&key);
        Ok(OpenSession { session, medium: self.medium.clone(), presence, faults: self.faults, _lock: lock })
    }

    /// A session as it is kept; a new one is empty.
    pub(super) async fn read(&self, key: &str) -> Result<Session, StoreError> {
        Ok(self.medium.read(key).await?.unwrap_or_else(|| Session::empty(key)))
    }

    /// All sessions as they are kept, in the order of their keys.
    pub(crate) async fn all(&self) -> Result<Vec<Session>, StoreError> {
        self.medium.all().await
    }
}

#[cfg(test)]
mod tests {
    use fs_err as fs;

    use super::{
        super::{Turn, UserInput},
        *,
    };

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
        let store = SessionStore::new(Utf8Path::from_path(dir.path()).unwrap(), Faults::new(None));
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
