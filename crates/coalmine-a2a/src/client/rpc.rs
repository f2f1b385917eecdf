//! One JSON-RPC call: asked in a dialect, answered as a whole or as events, and kept.

use std::time::Duration;

use reqwest::Method;
use tokio::time::Instant;

use super::{
    Client, Endpoint, Flow, Sent,
    http::{Answer, Call, is_event_stream},
    turn::Watch,
};
use crate::{
    Drift, Limits, WireError,
    ask::Ask,
    read::{self, Listener},
};

/// How often something is asked in all where the server asks for pauses, and the pause where it names none.
const TRIES: usize = 4;
const PAUSE: Duration = Duration::from_secs(1);

impl Client {
    /// Asks, and asks the same again after the pauses that the server wants: nothing was executed. Not beyond `deadline`.
    pub(super) async fn patiently(
        &self,
        endpoint: &Endpoint,
        (ask, id): (Ask<'_>, &str),
        deadline: Instant,
        watch: Watch<'_>,
        sent: &mut Sent,
    ) {
        self.rpc(endpoint, (ask, id), self.limits.time, watch, sent).await;
        while let Some((status, pause)) = asked_to_wait(sent)
            && Instant::now() + pause < deadline
            && sent.exchanges.len() < TRIES
        {
            sent.view.note(Drift::AskedToWait(status));
            tokio::time::sleep(pause).await;
            let left = deadline.saturating_duration_since(Instant::now());
            self.rpc(endpoint, (ask, id), left, watch, sent).await;
        }
    }

    /// Asks once, for no longer than `time`, and takes in what comes.
    pub(super) async fn rpc(
        &self,
        endpoint: &Endpoint,
        (ask, id): (Ask<'_>, &str),
        time: Duration,
        watch: Watch<'_>,
        sent: &mut Sent,
    ) {
        let (dialect, limits) = (endpoint.dialect, Limits { time, ..self.limits });
        let call = Call {
            method: Method::POST,
            name: ask.method(dialect),
            url: &endpoint.url,
            version: dialect.version_header(),
            body: ask.encode(dialect, id, endpoint.tenant.as_deref()).into(),
        };
        let listener = Listener { dialect, id, limits, view: &mut sent.view, watch: &mut *watch };
        let (mut exchange, answer) = self.exchange(call, limits, Some(listener)).await;
        if is_event_stream(&exchange) && !ask.streams() {
            sent.view.note(Drift::StreamedSend);
        }
        let flow = answer.and_then(|answer| match answer {
            // the events were absorbed while they came
            Answer::Events(flow) => Ok(flow),
            Answer::Whole(body) => {
                let result = read::answer(&body, id, limits, &mut sent.view)?;
                sent.view.absorb(dialect, &result, ask.is_wrapped());
                if ask.streams() {
                    sent.view.note(Drift::NotStreamed);
                }
                Ok(watch(&sent.view))
            }
        });
        // who leaves when all was said has cut nothing short
        sent.hung_up = flow == Ok(Flow::HangUp) && !sent.view.is_settled();
        exchange.error = flow.err();
        sent.error = exchange.error.clone();
        sent.exchanges.push(exchange);
    }
}

/// The status and the pause, where the last answer was to wait and ask again.
fn asked_to_wait(sent: &Sent) -> Option<(u16, Duration)> {
    match sent.error {
        Some(WireError::Http { status: status @ (429 | 503), .. }) => {
            Some((status, sent.exchanges.last()?.retry_after.unwrap_or(PAUSE)))
        }
        _ => None,
    }
}
