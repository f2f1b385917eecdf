//! The way to the runtime: the endpoint in use, found among those that a card may mean.

use std::sync::{Mutex, MutexGuard, PoisonError};

use coalmine_a2a::{Card, Dialect, Drift, Endpoint, WireError, WireOutcome};
use url::Url;

use super::{
    attempt::{Attempt, Outcome},
    candidates,
};
use crate::plan::Profile;

/// Endpoints, of which the first is in use.
pub(super) struct Route {
    found: Mutex<Found>,
    /// The one for the dialect that is not in use, where the card names it.
    other: Mutex<Option<Endpoint>>,
}

#[derive(Clone)]
struct Found {
    /// The others are tried while nothing was ever answered.
    endpoints: Vec<Endpoint>,
    settled: bool,
}

impl Route {
    /// `dialect` overrides the profile, and that the card.
    pub(super) fn new(base: &Url, card: &Card, profile: &Profile, dialect: Option<Dialect>) -> Self {
        let rpc = profile.rpc.as_deref();
        let chosen = dialect.or(profile.dialect).or_else(|| card.dialect()).unwrap_or(Dialect::V0_3);
        let mut endpoints = candidates::endpoints(base, card, rpc, chosen);
        if dialect.is_none() && profile.dialect.is_none() {
            endpoints.extend(candidates::endpoints(base, card, rpc, chosen.other()));
        }
        Self {
            found: Mutex::new(Found { endpoints, settled: false }),
            other: Mutex::new(candidates::endpoints(base, card, rpc, chosen.other()).into_iter().next()),
        }
    }

    pub(super) fn current(&self) -> Option<Endpoint> {
        self.found().endpoints.first().cloned()
    }

    /// The endpoint in use, or the same in the other dialect.
    pub(super) fn endpoint(&self, other_dialect: bool) -> Option<Endpoint> {
        let current = self.current()?;
        match other_dialect {
            false => Some(current),
            true => {
                let other = self.other.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Some(match other.filter(|other| other.dialect != current.dialect) {
                    // where the card's path is wrong for one, it is wrong for both
                    Some(other) if self.found().settled && other.url.path() == current.url.path() => other,
                    _ => Endpoint { dialect: current.dialect.other(), tenant: None, ..current },
                })
            }
        }
    }

    /// Every endpoint has a new host and port.
    pub(super) fn moved(&self, base: &Url) {
        let mut other = self.other.lock().unwrap_or_else(PoisonError::into_inner);
        for endpoint in self.found().endpoints.iter_mut().chain(other.as_mut()) {
            let _ = endpoint.url.set_host(base.host_str());
            let _ = endpoint.url.set_port(base.port());
        }
    }

    /// Tries the other endpoints only while none has ever answered, and only after answers that executed nothing.
    pub(super) async fn deliver(&self, attempt: Attempt<'_>) -> Outcome {
        let Found { endpoints, settled } = self.found().clone();
        let mut first: Option<WireOutcome> = None;
        for endpoint in &endpoints {
            let (mut sent, done) = attempt.at(endpoint).await;
            let elsewhere =
                sent.error.as_ref().is_some_and(|error| error.is_wrong_address() || error.refuses_dialect());
            if settled || !elsewhere {
                if let Some(first) = first {
                    sent.view.drift.extend(drift(&endpoints[0], endpoint));
                    sent.exchanges.splice(0..0, first.exchanges);
                }
                self.settle(endpoint);
                return (sent, done);
            }
            first.get_or_insert(sent);
        }
        (first.unwrap_or_else(nowhere), None)
    }

    fn settle(&self, endpoint: &Endpoint) {
        let mut found = self.found();
        if let (false, Some(at)) = (found.settled, found.endpoints.iter().position(|known| known == endpoint))
        {
            found.endpoints.swap(0, at);
            found.settled = true;
        }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What using another endpoint than the first one says about the card.
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

/// There is no address to send anything to.
pub(super) fn nowhere() -> WireOutcome {
    let error = WireError::Connect("the card names no address".into());
    WireOutcome { error: Some(error), ..WireOutcome::default() }
}
