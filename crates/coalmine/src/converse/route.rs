//! The route to the runtime: the endpoint in use, found among those that a card may mean.

use std::sync::{Mutex, MutexGuard, PoisonError};

use coalmine_a2a::{Card, Dialect, Drift, Endpoint, WireError, WireOutcome};
use url::Url;

use super::{Ports, Reply, attempt::Attempt, candidates};
use crate::plan::Profile;

/// The endpoints of a runtime, of which the first is in use.
pub struct Route {
    found: Mutex<Found>,
    /// The endpoint for the dialect that is not in use, if the card names it.
    other: Mutex<Option<Endpoint>>,
}

#[derive(Clone)]
struct Found {
    /// The endpoints after the first are tried until one answers.
    endpoints: Vec<Endpoint>,
    settled: bool,
}

impl Route {
    /// Returns the endpoints that a card may mean. `dialect` overrides the profile, which overrides the card.
    pub fn new(base: &Url, card: &Card, profile: &Profile, dialect: Option<Dialect>, ports: Ports) -> Self {
        let rpc = profile.rpc.as_deref();
        let chosen = dialect.or(profile.dialect).or_else(|| card.dialect()).unwrap_or(Dialect::V0_3);
        let mut endpoints = candidates::endpoints(base, card, rpc, chosen, ports);
        if dialect.is_none() && profile.dialect.is_none() {
            endpoints.extend(candidates::endpoints(base, card, rpc, chosen.other(), ports));
        }
        Self {
            found: Mutex::new(Found { endpoints, settled: false }),
            other: Mutex::new(
                candidates::endpoints(base, card, rpc, chosen.other(), ports).into_iter().next(),
            ),
        }
    }

    /// Returns the endpoint in use.
    pub(super) fn current(&self) -> Option<Endpoint> {
        self.found().endpoints.first().cloned()
    }

    /// Returns the endpoint for the dialect that is not in use.
    pub(super) fn other_dialect(&self) -> Option<Endpoint> {
        let current = self.current()?;
        let other = self.other.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(other) = other.filter(|other| other.dialect != current.dialect)
            // if the card's path is wrong for one dialect, it is wrong for both
            && self.found().settled
            && other.url.path() == current.url.path()
        {
            return Some(other);
        }
        Some(Endpoint { dialect: current.dialect.other(), tenant: None, ..current })
    }

    /// Gives every endpoint a new host and port.
    pub(super) fn moved(&self, base: &Url) {
        let mut other = self.other.lock().unwrap_or_else(PoisonError::into_inner);
        for endpoint in self.found().endpoints.iter_mut().chain(other.as_mut()) {
            let _ = endpoint.url.set_host(base.host_str());
            let _ = endpoint.url.set_port(base.port());
        }
    }

    /// Sends a message. Tries the other endpoints only until one has answered, and only after answers that
    /// executed nothing.
    pub(super) async fn deliver(&self, attempt: Attempt<'_>) -> Reply {
        let Found { endpoints, settled } = self.found().clone();
        let mut first: Option<WireOutcome> = None;
        let mut withheld: Option<Drift> = None;
        for endpoint in &endpoints {
            let mut reply = attempt.send_to(endpoint).await;
            if attempt.client.withholds_credentials_from(&endpoint.url) {
                withheld.get_or_insert_with(|| Drift::CredentialsWithheld(endpoint.url.to_string()));
            }
            let error = reply.sent.error.as_ref();
            let elsewhere = error.is_some_and(|error| error.is_wrong_address() || error.refuses_dialect());
            // a guess that leads nowhere says less than the answer of the first address
            let nowhere = first.is_some() && error.is_some_and(WireError::is_lost);
            if settled || !(elsewhere || nowhere) {
                if let Some(first) = first {
                    reply.sent.view.drift.extend(drift(&endpoints[0], endpoint));
                    reply.sent.exchanges.splice(0..0, first.exchanges);
                }
                self.settle(endpoint);
                reply.sent.view.drift.extend(withheld);
                return reply;
            }
            first.get_or_insert(reply.sent);
        }
        let mut last = first.unwrap_or_else(no_address);
        last.view.drift.extend(withheld);
        last.into()
    }

    fn settle(&self, endpoint: &Endpoint) {
        let mut found = self.found();
        if !found.settled
            && let Some(at) = found.endpoints.iter().position(|known| known == endpoint)
        {
            found.endpoints.swap(0, at);
            found.settled = true;
        }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what the use of another endpoint than the first one shows about the card.
fn drift(card: &Endpoint, used: &Endpoint) -> Vec<Drift> {
    let mut drift = vec![];
    if card.dialect != used.dialect {
        drift.push(Drift::DialectRefused { card: card.dialect.name(), spoken: used.dialect.name() });
    }
    if card.url != used.url {
        drift.push(Drift::CardUrl { card: card.url.to_string(), used: used.url.to_string() });
    }
    drift
}

/// Returns the answer to a message for which there is no address.
pub(super) fn no_address() -> WireOutcome {
    let error = WireError::Connect("the card names no address".into());
    WireOutcome { error: Some(error), ..WireOutcome::default() }
}
