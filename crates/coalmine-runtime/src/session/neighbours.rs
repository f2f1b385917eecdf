//! Sessions beside each other. The faults by which conversations get into each other live here; what is right never
//! looks to its side.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::fault::Fault;

use super::{OpenSession, Session, SessionStore, StoreError};

#[derive(Clone, Debug, Default)]
pub(super) struct Neighbours(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The keys of the turns that have begun, the newest last.
    under_way: Vec<String>,
    /// How many turns have begun.
    begun: u64,
    /// The key of the last turn that had the runtime to itself.
    last: Option<String>,
}

/// A turn among others, until it is dropped.
#[derive(Debug)]
pub(super) struct Presence {
    neighbours: Neighbours,
    key: String,
    /// The count of turns when this one began, if it had the runtime to itself.
    alone: Option<u64>,
    begun: bool,
}

impl Neighbours {
    pub(super) fn enter(&self, key: &str) -> Presence {
        Presence { neighbours: self.clone(), key: key.to_owned(), alone: None, begun: false }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Presence {
    pub(super) fn begin(&mut self) {
        let mut state = self.neighbours.state();
        state.begun += 1;
        self.alone = state.under_way.is_empty().then_some(state.begun);
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
        // Turns at once have no order in which one of them was the last.
        if self.alone == Some(state.begun) {
            state.last = Some(self.key.clone());
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.end();
    }
}

impl SessionStore {
    /// Confuses a session that was opened with another one, where a fault does that.
    pub(super) async fn confuse(&self, open: &mut OpenSession) -> Result<(), StoreError> {
        let own = open.session.key.clone();
        let other = {
            let state = self.neighbours.state();
            match self.faults.on() {
                // A context that has not spoken yet begins a session of its own.
                Some(Fault::SessionLastContextWins) if !open.session.turns.is_empty() => state.last.clone(),
                Some(Fault::SessionMixedUnderLoad) => {
                    state.under_way.iter().rfind(|key| **key != own).cloned()
                }
                _ => None,
            }
        };
        let Some(other) = other.filter(|other| *other != own) else { return Ok(()) };
        let neighbour = self.medium.read(&other).await?.unwrap_or_else(|| Session::empty(&other));
        if self.faults.is(Fault::SessionLastContextWins) {
            open.session = neighbour;
            return Ok(());
        }
        for turn in neighbour.turns.into_iter().filter(|turn| turn.context_id == other) {
            open.session.begin(turn);
        }
        Ok(())
    }
}
