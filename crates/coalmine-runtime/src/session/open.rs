//! A session while a turn has it. The faults that keep or lose it at the wrong moment live here.

use tokio::sync::OwnedMutexGuard;

use super::{Session, StoreError, Turn, medium::Medium, neighbours::Presence};
use crate::fault::{Fault, Faults};

/// A session that no other turn has at the same time.
#[derive(Debug)]
pub(crate) struct OpenSession {
    pub(super) session: Session,
    pub(super) medium: Medium,
    pub(super) presence: Presence,
    pub(super) faults: Faults,
    pub(super) _lock: OwnedMutexGuard<()>,
}

impl OpenSession {
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Writes down what the user said, before anything is done about it: it survives whatever happens next.
    pub(crate) async fn begin(&mut self, turn: Turn) -> Result<(), StoreError> {
        self.session.begin(turn);
        match self.faults.active() {
            Some(Fault::SessionLastWriteWins) => {}
            Some(Fault::SessionTornByKill) => self.medium.write(&Session::empty(&self.session.key)).await?,
            _ => self.save().await?,
        }
        self.presence.begin();
        Ok(())
    }

    /// Writes down the answer to the turn that was begun.
    pub(crate) async fn answer(&mut self, text: &str) -> Result<(), StoreError> {
        if let Some(turn) = self.session.turns.last_mut() {
            turn.agent = Some(text.to_owned());
        }
        self.save().await?;
        self.presence.end();
        Ok(())
    }

    /// Ends the turn that was begun without an answer: what the user said is written down already.
    pub(crate) async fn give_up(&mut self, model_failed: bool) -> Result<(), StoreError> {
        self.presence.end();
        match self.faults.active() {
            Some(Fault::SessionLastWriteWins | Fault::SessionTornByKill) => self.save().await,
            Some(Fault::SessionLostOnFailure) if model_failed => self.medium.remove(&self.session.key).await,
            _ => Ok(()),
        }
    }

    async fn save(&self) -> Result<(), StoreError> {
        self.medium.write(&self.session).await
    }
}
