//! The store of all sessions, which opens each session for one turn at a time.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::{
    OpenSession, Session,
    backend::Backend,
    crosstalk::ActiveTurns,
    queue::{Queues, Ticket},
};
use crate::fault::{Fault, Faults};

#[derive(Debug)]
pub(crate) struct SessionStore {
    pub(super) backend: Backend,
    pub(super) active_turns: ActiveTurns,
    pub(super) faults: Faults,
    queues: Queues,
}

/// Why a session could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the session store failed: {0}")]
    Io(#[from] std::io::Error),
    #[error("the session file `{path}` is damaged: {source}")]
    Damaged { path: Utf8PathBuf, source: serde_json::Error },
}

impl SessionStore {
    pub(crate) fn new(state_dir: &Utf8Path, slow: Duration, faults: Faults) -> Self {
        let backend = Backend::new(state_dir, slow, faults);
        Self { backend, active_turns: ActiveTurns::default(), faults, queues: Queues::default() }
    }

    /// Joins the queue for this session.
    pub(crate) fn queue(&self, key: &str) -> Ticket {
        if self.faults.is(Fault::SessionLastWriteWins) {
            return Ticket::without_queue(key);
        }
        self.queues.join(key)
    }

    /// Waits until no other turn holds this session, and reads it.
    pub(crate) async fn open(&self, ticket: Ticket) -> Result<OpenSession, StoreError> {
        let mut lock = ticket.wait().await;
        let active = self.active_turns.turn(&lock.key);
        let mut session = self.read(&lock.key).await?;
        if let Some(other) = self.wrong_session(&session) {
            drop(lock);
            lock = self.queue(&other).wait().await;
            session = self.read(&other).await?;
        }
        self.mix_in_other(&mut session).await?;
        Ok(OpenSession { session, backend: self.backend.clone(), active, faults: self.faults, _lock: lock })
    }

    /// Returns a session as it is stored, or an empty one.
    pub(super) async fn read(&self, key: &str) -> Result<Session, StoreError> {
        Ok(self.backend.read(key).await?.unwrap_or_else(|| Session::empty(key)))
    }

    /// Returns all sessions as they are stored, in the order of their keys.
    pub(crate) async fn all(&self) -> Result<Vec<Session>, StoreError> {
        self.backend.all().await
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
        let store =
            SessionStore::new(Utf8Path::from_path(dir.path()).unwrap(), Duration::ZERO, Faults::new(None));
        (dir, store)
    }

    #[tokio::test]
    async fn reads_back_what_it_stored() {
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
    async fn stores_a_repeated_unanswered_message_once() {
        let (_dir, store) = store();
        let mut open = store.open(store.queue("c")).await.unwrap();
        open.begin(turn("m", "first")).await.unwrap();
        open.begin(turn("n", "between")).await.unwrap();
        open.begin(turn("m", "again")).await.unwrap();
        let texts: Vec<_> = open.session().turns.iter().map(|turn| turn.user.text.as_str()).collect();
        assert_eq!(texts, ["between", "again"]);
    }

    #[tokio::test]
    async fn damaged_file_is_an_error() {
        let (dir, store) = store();
        fs::create_dir_all(dir.path().join("sessions")).unwrap();
        fs::write(dir.path().join("sessions/c.json"), "{").unwrap();
        assert!(store.open(store.queue("c")).await.unwrap_err().to_string().contains("c.json` is damaged"));
    }

    #[tokio::test]
    async fn opens_a_session_once_at_a_time() {
        let (_dir, store) = store();
        let open = store.open(store.queue("c")).await.unwrap();
        let second = store.open(store.queue("c"));
        tokio::pin!(second);
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(open);
        assert!(second.await.is_ok());
    }
}
