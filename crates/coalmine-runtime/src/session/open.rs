//! A session while a turn holds it. The faults that store or lose a session at the wrong moment are here.

use super::{Session, StoreError, Turn, backend::Backend, crosstalk::ActiveTurn, queue::SessionLock};
use crate::fault::{Fault, Faults};

/// A session that no other turn holds at the same time.
#[derive(Debug)]
pub(crate) struct OpenSession {
    pub(super) session: Session,
    pub(super) backend: Backend,
    pub(super) active: ActiveTurn,
    pub(super) faults: Faults,
    pub(super) _lock: SessionLock,
}

impl OpenSession {
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Stores the user's input before anything else happens, so that it survives whatever comes next.
    pub(crate) async fn begin(&mut self, turn: Turn) -> Result<(), StoreError> {
        self.session.begin(turn);
        match self.faults.active() {
            Some(Fault::SessionLastWriteWins) => {}
            Some(Fault::SessionTornByKill) => self.backend.write(&Session::empty(&self.session.key)).await?,
            _ => self.save().await?,
        }
        self.active.begin();
        Ok(())
    }

    /// Stores the answer to the turn.
    pub(crate) async fn answer(&mut self, text: &str) -> Result<(), StoreError> {
        if let Some(turn) = self.session.turns.last_mut() {
            turn.agent = Some(text.to_owned());
        }
        self.save().await?;
        self.active.end();
        Ok(())
    }

    /// Ends the turn without an answer. The user's input is already stored.
    pub(crate) async fn abandon(&mut self, model_failed: bool) -> Result<(), StoreError> {
        self.active.end();
        match self.faults.active() {
            Some(Fault::SessionLastWriteWins | Fault::SessionTornByKill) => self.save().await,
            Some(Fault::SessionLostOnFailure) if model_failed => self.backend.remove(&self.session.key).await,
            _ => Ok(()),
        }
    }

    async fn save(&self) -> Result<(), StoreError> {
        self.backend.write(&self.session).await
    }
}
