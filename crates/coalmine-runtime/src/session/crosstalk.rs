//! The faults that mix conversations. A correct runtime never looks at another session.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Session, SessionStore, StoreError};
use crate::fault::Fault;

/// The turns under way in all sessions.
#[derive(Clone, Debug, Default)]
pub(super) struct ActiveTurns(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The session keys of the turns under way, with the newest last.
    under_way: Vec<String>,
    /// The key of the session that was opened last.
    last: Option<String>,
}

/// A turn that counts as under way from `begin` until `end` or until it is dropped.
#[derive(Debug)]
pub(super) struct ActiveTurn {
    turns: ActiveTurns,
    key: String,
    begun: bool,
}

impl ActiveTurns {
    pub(super) fn turn(&self, key: &str) -> ActiveTurn {
        ActiveTurn { turns: self.clone(), key: key.to_owned(), begun: false }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ActiveTurn {
    pub(super) fn begin(&mut self) {
        self.turns.state().under_way.push(self.key.clone());
        self.begun = true;
    }

    pub(super) fn end(&mut self) {
        if !std::mem::take(&mut self.begun) {
            return;
        }
        let mut state = self.turns.state();
        if let Some(at) = state.under_way.iter().position(|key| *key == self.key) {
            state.under_way.remove(at);
        }
    }
}

impl Drop for ActiveTurn {
    fn drop(&mut self) {
        self.end();
    }
}

impl SessionStore {
    /// Returns the key of the session in which a fault continues the turn instead of its own. A context
    /// without a turn begins its own session.
    pub(super) fn wrong_session(&self, own: &Session) -> Option<String> {
        if !self.faults.is(Fault::SessionLastContextWins) {
            return None;
        }
        let mut state = self.active_turns.state();
        if own.turns.is_empty() {
            state.last = Some(own.key.clone());
        }
        state.last.clone().filter(|last| *last != own.key)
    }

    /// Adds the history of another session with a turn under way, if the fault is active.
    pub(super) async fn mix_in_other(&self, session: &mut Session) -> Result<(), StoreError> {
        if !self.faults.is(Fault::SessionMixedUnderLoad) {
            return Ok(());
        }
        let other = self.active_turns.state().under_way.iter().rfind(|key| **key != session.key).cloned();
        let Some(other) = other else { return Ok(()) };
        for turn in self.read(&other).await?.turns.into_iter().filter(|turn| turn.context_id == other) {
            session.begin(turn);
        }
        Ok(())
    }
}
