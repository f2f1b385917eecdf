//! Sessions beside each other. The faults by which conversations get into each other live here; what is right never
//! looks to its side.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Session, SessionStore, StoreError};
use crate::fault::Fault;

#[derive(Clone, Debug, Default)]
pub(super) struct Neighbours(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The keys of the turns that have begun, the newest last.
    under_way: Vec<String>,
    /// The key of the session that was begun last.
    last: Option<String>,
}

/// A turn among others, until it is dropped.
#[derive(Debug)]
pub(super) struct Presence {
    neighbours: Neighbours,
    key: String,
    begun: bool,
}

impl Neighbours {
    pub(super) fn enter(&self, key: &str) -> Presence {
        Presence { neighbours: self.clone(), key: key.to_owned(), begun: false }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Presence {
    pub(super) fn begin(&mut self) {
        let mut state = self.neighbours.state();
        state.under_way.push(self.key.clone());
        self.begun = true;
    }

    pub(super) fn end(&mut self) {
        if !std::mem::take(&mut self.begun) {
            return;
        }
        let mut state = self.neighbours.state();
        if let Some(at) = state.under_way.iter().position(|key| *key == self.key) {
            state.under_way.remove(at);
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.end();
    }
}

impl SessionStore {
    /// The session in which a turn goes on by mistake; a context that has not spoken yet begins one of its own.
    pub(super) fn mistaken_for(&self, own: &Session) -> Option<String> {
        if !self.faults.is(Fault::SessionLastContextWins) {
            return None;
        }
        let mut state = self.neighbours.state();
        if own.turns.is_empty() {
            state.last = Some(own.key.clone());
        }
        state.last.clone().filter(|last| *last != own.key)
    }

    /// Takes the history of a neighbour into a session, where a fault does that.
    pub(super) async fn mix(&self, session: &mut Session) -> Result<(), StoreError> {
        if !self.faults.is(Fault::SessionMixedUnderLoad) {
            return Ok(());
        }
        let other = self.neighbours.state().under_way.iter().rfind(|key| **key != session.key).cloned();
        let Some(other) = other else { return Ok(()) };
        for turn in self.read(&other).await?.turns.into_iter().filter(|turn| turn.context_id == other) {
            session.begin(turn);
        }
        Ok(())
    }
}
