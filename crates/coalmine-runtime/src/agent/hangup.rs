//! Clients that hang up in the middle of a stream. A correct runtime ignores them; the faults that
//! react to them are here.

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
    task::{LiveTask, StreamSignals},
};

/// How many calls of the model follow a hang-up, at which interval and for how long at most.
const EXTRA_CALLS: u32 = 300;
const EXTRA_CALL_INTERVAL: Duration = Duration::from_millis(10);
const EXTRA_CALLS_TIMEOUT: Duration = Duration::from_secs(3);

/// The open streams.
#[derive(Debug)]
pub(crate) struct Streams {
    faults: Faults,
    /// The tokens that cut the streams off. It stays empty unless a fault does that.
    open: Mutex<Vec<(Arc<StreamSignals>, CancellationToken)>>,
}

/// A client that reads a stream. It has hung up if it is dropped before the last event.
#[derive(Debug)]
pub(crate) struct StreamClient {
    streams: Arc<Streams>,
    signals: Arc<StreamSignals>,
    cut: CancellationToken,
    finished: bool,
}

impl Streams {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults, open: Mutex::default() }
    }

    /// Opens a stream of a task.
    pub(crate) fn open(self: &Arc<Self>, signals: Arc<StreamSignals>) -> StreamClient {
        let cut = CancellationToken::new();
        if self.faults.is(Fault::WireHangupEndsOthers) {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.push((Arc::clone(&signals), cut.clone()));
        }
        StreamClient { streams: Arc::clone(self), signals, cut, finished: false }
    }

    /// Cuts off the streams of all other tasks. Those of the same task stay open for a client that
    /// resubscribes.
    fn cut_off_others(&self, signals: &Arc<StreamSignals>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (other, cut) in open.drain(..) {
            if !Arc::ptr_eq(&other, signals) {
                cut.cancel();
            }
        }
    }
}

impl StreamClient {
    /// Returns a future that resolves if a fault cuts the stream off.
    pub(crate) fn cut_off(&self) -> WaitForCancellationFutureOwned {
        self.cut.clone().cancelled_owned()
    }

    /// Notes that the last event is on its way.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
        self.signals.finished.cancel();
    }
}

impl Drop for StreamClient {
    fn drop(&mut self) {
        // A client that was cut off did not hang up.
        if !self.finished && !self.cut.is_cancelled() {
            self.signals.hung_up.cancel();
            self.streams.cut_off_others(&self.signals);
        }
    }
}

impl Agent {
    /// Releases a session after a turn, unless a fault holds it because the client hung up.
    pub(super) fn release(&self, session: OpenSession, task: &LiveTask, streaming: bool) {
        if streaming && self.faults.is(Fault::SessionLockedAfterHangup) {
            let signals = task.signals();
            tokio::spawn(async move {
                tokio::select! {
                    biased;
                    () = signals.hung_up.cancelled() => std::future::pending().await,
                    () = signals.finished.cancelled() => drop(session),
                }
            });
        }
    }

    /// Calls the model again and again after a hang-up, if the fault is active.
    pub(super) fn call_model_after_hangup(&self, signals: &Arc<StreamSignals>, prompt: &Prompt) {
        if !self.faults.is(Fault::PromptRunsOnAfterHangup) {
            return;
        }
        let (model, prompt, signals) = (self.model.clone(), prompt.clone(), Arc::clone(signals));
        let calls = async move {
            for _ in 0..EXTRA_CALLS {
                sleep(EXTRA_CALL_INTERVAL).await;
                let answer = model.complete(&prompt).await;
                tracing::debug!(ok = answer.is_ok(), "called the model after a hang-up");
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                () = signals.finished.cancelled() => Ok(()),
                () = signals.hung_up.cancelled() => timeout(EXTRA_CALLS_TIMEOUT, calls).await,
            }
        });
    }
}
