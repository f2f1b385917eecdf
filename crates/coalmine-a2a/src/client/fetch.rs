//! Fetches cards and other documents of the same server.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use url::Url;

use super::{
    Client,
    http::{Received, is_success},
};
use crate::{Card, Dialect, Exchange, HttpRequest, Limits, WireError, read_json};

/// The longest card, in bytes.
const MAX_CARD: usize = 1 << 20;

/// A card as it was fetched, with the exchange as evidence.
#[derive(Debug, Clone)]
pub struct FetchedCard {
    /// The exchange, which holds the error as well.
    pub exchange: Exchange,
    /// The card, or the reason why there is none.
    pub card: Result<Card, WireError>,
}

impl Client {
    /// Fetches and reads a card. The version header asks for the 1.0 shape if a server has two (@a2a-js/sdk).
    pub async fn card(&self, url: &Url, within: Duration) -> FetchedCard {
        let limits = Limits { time: within, bytes: self.limits.bytes.min(MAX_CARD), ..self.limits };
        let headers = Dialect::V1_0.version_header().into_iter().collect();
        let (mut exchange, body) = self.fetch(url, headers, limits).await;
        let card = body.and_then(|body| {
            let not_a_card =
                |problem| WireError::malformed(format_args!("not an agent card: {problem}"), &body);
            Card::parse(read_json(&body, limits)?).map_err(not_a_card)
        });
        exchange.error = card.as_ref().err().cloned();
        FetchedCard { exchange, card }
    }

    /// Fetches another document of the same server, within the client's limits and no longer than `within`.
    ///
    /// # Errors
    /// Anything but a complete body with a status of success.
    pub async fn get(&self, url: &Url, within: Duration) -> Result<Bytes, WireError> {
        self.fetch(url, vec![], Limits { time: within, ..self.limits }).await.1
    }

    async fn fetch(
        &self,
        url: &Url,
        headers: Vec<(&'static str, &'static str)>,
        limits: Limits,
    ) -> (Exchange, Result<Bytes, WireError>) {
        let (method, name) = (Method::GET, Method::GET.to_string());
        let request = HttpRequest { method, name, url: url.clone(), headers, body: Bytes::new() };
        let (exchange, received) = self.exchange(request, limits, None).await;
        let body = received.and_then(|received| match received {
            Received::Whole { status, body } if is_success(status) => Ok(body),
            Received::Whole { status, body } => Err(WireError::http(status, &body)),
            // without a listener every body is read as a whole
            Received::Events(_) => Ok(exchange.response.clone()),
        });
        (exchange, body)
    }
}
