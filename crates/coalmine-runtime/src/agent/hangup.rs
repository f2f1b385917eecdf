//! Clients that hang up in the middle of a stream. What is right does not care; the faults that do live here.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::Agent;
use crate::{
    fault::{Fault, Faults},
    model::Prompt,
    session::OpenSession,
    task::{Audience, Cell},
};

/// How often, at which distance and for how long at most the model is asked on after a hang-up.
const RUNS_ON: u32 = 300;
const DISTANCE: Duration = Duration::from_millis(10);
const FOR: Duration = Duration::from_secs(3);

/// The streams that are open.
#[derive(Debug)]
pub(crate) struct Streams {
    faults: Faults,
    /// Each cuts one of them off; kept only where a fault does that.
    open: Mutex<Vec<(Arc<Audience>, CancellationToken)>>,
}

/// A client that listens to a stream. Dropped before it has heard the last event, it has hung up.
#[derive(Debug)]
pub(crate) struct Listener {
    streams: Arc<Streams>,
    audience: Arc<Audience>,
    cut: CancellationToken,
    heard_out: bool,
}

impl Streams {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults, open: Mutex::default() }
    }

    /// Begins to listen to a task.
    pub(crate) fn listen(self: &Arc<Self>, audience: Arc<Audience>) -> Listener {
        let cut = CancellationToken::new();
        if self.faults.is(Fault::WireHangupEndsOthers) {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.push((Arc::clone(&audience), cut.clone()));
        }
        Listener { streams: Arc::clone(self), audience, cut, heard_out: false }
    }

    /// Streams of the same task are spared: a client that comes back to it listens there.
    fn hung_up(&self, audience: &Arc<Audience>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (other, cut) in open.drain(..) {
            if !Arc::ptr_eq(&other, audience) {
                cut.cancel();
            }
        }
    }
}

impl Listener {
    /// Comes to pass when the stream is cut off, which only a fault does.
    pub(crate) fn cut_off(&self) -> WaitForCancellationFutureOwned {
        self.cut.clone().cancelled_owned()
    }

    /// The last event is on its way.
    pub(crate) fn hear_out(&mut self) {
        self.heard_out = true;
        self.audience.heard_out.cancel();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Who was cut off did not hang up.
        if !self.heard_out && !self.cut.is_cancelled() {
            self.audience.hung_up.cancel();
            self.streams.hung_up(&self.audience);
        }
    }
}

impl Agent {
    /// Lets go of a session after a turn.
    pub(super) fn release(&self, session: OpenSession, cell: &Cell, streaming: bool) {
        if streaming && self.faults.is(Fault::SessionLockedAfterHangup) {
            let audience = cell.audience();
            tokio::spawn(async move {
                tokio::select! {
                    biased;
                    () = audience.hung_up.cancelled() => std::future::pending().await,
                    () = audience.heard_out.cancelled() => drop(session),
                }
            });
        }
    }

    /// Sees to it that the model is asked on and on after a hang-up, where a fault does that.
    pub(super) fn run_on(&self, audience: &Arc<Audience>, prompt: &Prompt) {
        if !self.faults.is(Fault::PromptRunsOnAfterHangup) {
            return;
        }
        let (model, prompt, audience) = (self.model.clone(), prompt.clone(), Arc::clone(audience));
        let asking = async move {
            for _ in 0..RUNS_ON {
                sleep(DISTANCE).await;
                let answer = model.complete(&prompt).await;
                tracing::debug!(ok = answer.is_ok(), "the model was asked once more");
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                () = audience.heard_out.cancelled() => Ok(()),
                () = audience.hung_up.cancelled() => timeout(FOR, asking).await,
            }
        });
    }
}
