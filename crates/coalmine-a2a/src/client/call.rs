//! One call: asked in a binding and a dialect, answered as a whole or as events, and kept.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Client, WireOutcome,
    http::{Received, is_event_stream},
};
use crate::{
    Ask, Drift, Endpoint, Flow, Limits, WireCall, WireError, events::Listener, time::after, watch::Watch,
};

/// How often a call is made in all if the server asks for pauses.
const MAX_TRIES: usize = 4;

/// The pause if the server asks for one without saying how long.
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);

impl Client {
    /// Makes a call, and repeats it after the pauses that the server asks for, because nothing was executed
    /// then. Does not go on beyond `deadline`.
    pub(super) async fn with_retries(
        &self,
        call: WireCall<'_>,
        deadline: Instant,
        watch: Watch<'_>,
        outcome: &mut WireOutcome,
    ) {
        self.call_once(call, watch, outcome).await;
        while let Some(busy) = busy(outcome)
            && after(Instant::now(), busy.pause) < deadline
            && outcome.exchanges.len() < MAX_TRIES
        {
            outcome.view.note(Drift::AskedToWait(busy.status));
            tokio::time::sleep(busy.pause).await;
            self.wait_for_slot().await;
            let time = deadline.saturating_duration_since(Instant::now());
            let again = WireCall { limits: Limits { time, ..call.limits }, ..call };
            self.call_once(again, watch, outcome).await;
        }
    }

    /// Makes a call once, for no longer than its limits allow, and reads the answer into the outcome.
    pub(super) async fn call_once(&self, call: WireCall<'_>, watch: Watch<'_>, outcome: &mut WireOutcome) {
        let binding = call.endpoint.binding;
        let listener = Listener { call, view: &mut outcome.view, watch: &mut *watch };
        let (mut exchange, received) =
            self.exchange(binding.request(&call), call.limits, Some(listener)).await;
        if is_event_stream(&exchange) && !call.ask.streams() {
            outcome.view.note(Drift::StreamedSend);
        }
        let flow = received.and_then(|received| match received {
            // the events were read while they came
            Received::Events(flow) => Ok(flow),
            Received::Whole { status, body } => {
                binding.read_answer(&call, status, &body, &mut outcome.view)?;
                if call.ask.streams() {
                    outcome.view.note(Drift::NotStreamed);
                }
                Ok(watch(&outcome.view))
            }
        });
        // a caller who hangs up on a settled turn cuts nothing short
        outcome.hung_up = flow == Ok(Flow::HangUp) && !outcome.view.is_settled();
        exchange.error = flow.err();
        outcome.error = exchange.error.clone();
        outcome.exchanges.push(exchange);
    }

    /// Returns a call with the client's limits.
    pub(super) fn call<'a>(&self, endpoint: &'a Endpoint, ask: Ask<'a>, id: &'a str) -> WireCall<'a> {
        WireCall { endpoint, ask, id, limits: self.limits }
    }
}

/// A server that asks the client to wait and repeat its request.
struct Busy {
    status: u16,
    pause: Duration,
}

fn busy(outcome: &WireOutcome) -> Option<Busy> {
    match outcome.error {
        Some(WireError::Http { status: status @ (429 | 503), .. }) => {
            let pause = outcome.exchanges.last()?.retry_after.unwrap_or(DEFAULT_PAUSE);
            Some(Busy { status, pause })
        }
        _ => None,
    }
}
