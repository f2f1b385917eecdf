//! One HTTP exchange, within bounds and kept as evidence; and what is only got.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use reqwest::{
    Method, RequestBuilder,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::{Attempt, Policy},
};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{Bounded, Flow};
use crate::{
    Card, Exchange, Limits, WireError,
    read::{self, Listener},
};

/// langgraph-api answers 400 without it.
const ACCEPTED: &str = "application/json, text/event-stream";

/// An A2A client with bounds. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    headers: Arc<HeaderMap>,
    asked: Arc<AtomicU64>,
    pub(super) limits: Limits,
}

impl Client {
    /// A client for the server at `base` that sends `headers` with every request. Proxies of the environment are not
    /// used: a runtime is local. Certificates are loaded only where `base` is `https`.
    ///
    /// # Errors
    /// A header that is none, or a TLS back end that does not start.
    pub fn new(base: &Url, limits: Limits, headers: &[(String, String)]) -> Result<Self, WireError> {
        let failed = |what: String| WireError::Connect(what);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let header: HeaderName =
                name.parse().map_err(|_| failed(format!("`{name}` is no header name")))?;
            let mut value: HeaderValue = value
                .parse()
                .map_err(|_| failed(format!("the value of the header `{name}` is not allowed")))?;
            value.set_sensitive(true);
            map.insert(header, value);
        }
        let builder = reqwest::Client::builder();
        let builder = if base.scheme() == "https" { builder } else { builder.tls_certs_only([]) };
        let http = builder
            .no_proxy()
            .redirect(Policy::custom(same_origin))
            .connect_timeout(limits.time.min(Duration::from_secs(10)))
            .build()
            .map_err(|error| failed(chain(&error)))?;
        Ok(Self { http, headers: Arc::new(map), asked: Arc::default(), limits })
    }

    /// The bounds in force.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Gets and reads a card. The header asks for the 1.0 shape where a server has two (@a2a-js/sdk).
    pub async fn card(&self, url: &Url, within: Duration) -> (Exchange, Result<Card, WireError>) {
        let limits = Limits { time: within, bytes: self.limits.bytes.min(1 << 20), ..self.limits };
        let call = Call { method: Method::GET, name: "GET", url, version: Some("1.0"), body: Bytes::new() };
        let (mut exchange, body) = self.got(call, limits).await;
        let card = body.and_then(|body| {
            let malformed = |reason: String| WireError::Malformed { reason, body: read::excerpt(&body) };
            crate::scan(&body, limits).map_err(|error| malformed(error.to_string()))?;
            let json = serde_json::from_slice(&body)
                .map_err(|error| malformed(format!("the body is not JSON ({error})")))?;
            Card::parse(json).map_err(|problem| malformed(format!("this is no agent card: {problem}")))
        });
        exchange.error = card.as_ref().err().cloned();
        (exchange, card)
    }

    /// Gets something else of the same server, within the client's bounds and no longer than `within`.
    ///
    /// # Errors
    /// Whatever is not a complete body with a status of success.
    pub async fn get(&self, url: &Url, within: Duration) -> Result<Bytes, WireError> {
        let limits = Limits { time: within, ..self.limits };
        let call = Call { method: Method::GET, name: "GET", url, version: None, body: Bytes::new() };
        self.got(call, limits).await.1
    }

    async fn got(&self, call: Call<'_>, limits: Limits) -> (Exchange, Result<Bytes, WireError>) {
        let (exchange, answer) = self.exchange(call, limits, None).await;
        // what is only got is never listened to
        let body = answer.map(|_| exchange.response.clone());
        (exchange, body)
    }

    /// A JSON-RPC id for what has none of its own: no other request of this client has it.
    pub(super) fn next_id(&self) -> String {
        format!("ask-{}", self.asked.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends a request and reads the answer: as events where it is a stream of them and somebody listens, else whole.
    pub(super) async fn exchange(
        &self,
        call: Call<'_>,
        limits: Limits,
        listener: Option<Listener<'_>>,
    ) -> (Exchange, Result<Answer, WireError>) {
        let began = Instant::now();
        let deadline = began + limits.time;
        let mut exchange = call.begin();
        let response = match timeout_at(deadline, self.request(call).send()).await {
            Err(_) => Err(WireError::Timeout { within: limits.time, received: 0 }),
            Ok(Err(error)) if error.is_connect() => Err(WireError::Connect(chain(&error))),
            Ok(Err(error)) => Err(WireError::Lost(chain(&error))),
            Ok(Ok(response)) => Ok(response),
        };
        let outcome = match response {
            Err(error) => Err(error),
            Ok(response) => {
                let status = response.status().as_u16();
                let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
                exchange.status = Some(status);
                exchange.content_type = header(CONTENT_TYPE).map(str::to_owned);
                let seconds = header(RETRY_AFTER).and_then(|after| after.trim().parse().ok());
                exchange.retry_after = seconds.map(Duration::from_secs);
                let mut body = Bounded::new(Box::pin(response.bytes_stream()), limits, deadline);
                let listener = listener.filter(|_| is_event_stream(&exchange));
                let flow = match listener {
                    Some(listener) => read::events(Box::pin(body.stream()), listener).await.map(Some),
                    None => body.drain().await.map(|()| None),
                };
                // with the body the connection goes, unless its end was read
                exchange.response = body.into_kept();
                flow.and_then(|flow| match flow {
                    Some(flow) => Ok(Answer::Events(flow)),
                    None => judge_status(status, &exchange.response)
                        .map(|()| Answer::Whole(exchange.response.clone())),
                })
            }
        };
        exchange.took = began.elapsed();
        (exchange, outcome)
    }

    fn request(&self, call: Call<'_>) -> RequestBuilder {
        let mut request = self
            .http
            .request(call.method, call.url.clone())
            .headers((*self.headers).clone())
            .header(ACCEPT, ACCEPTED);
        if let Some(version) = call.version {
            request = request.header("A2A-Version", version);
        }
        if !call.body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(call.body);
        }
        request
    }
}

/// What is sent.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// For the record: the JSON-RPC method, or `GET`.
    pub(super) name: &'a str,
    pub(super) url: &'a Url,
    /// For the header `A2A-Version`.
    pub(super) version: Option<&'static str>,
    pub(super) body: Bytes,
}

impl Call<'_> {
    fn begin(&self) -> Exchange {
        Exchange {
            method: self.name.to_owned(),
            url: self.url.to_string(),
            request: self.body.clone(),
            status: None,
            content_type: None,
            response: Bytes::new(),
            retry_after: None,
            took: Duration::ZERO,
            error: None,
        }
    }
}

/// How an answer came.
pub(super) enum Answer {
    /// In one piece.
    Whole(Bytes),
    /// As events, which the listener has taken in: to their end, or until it hung up.
    Events(Flow),
}

/// Whether an answer comes as events. Error pages are read whole, whatever they say they are.
pub(super) fn is_event_stream(exchange: &Exchange) -> bool {
    let content_type = exchange.content_type.as_deref().unwrap_or_default().trim_start();
    content_type.to_ascii_lowercase().starts_with("text/event-stream")
        && exchange.status.is_some_and(|status| (200..300).contains(&status))
}

/// A JSON-RPC answer may come with any status; without one, the status is the news.
fn judge_status(status: u16, body: &[u8]) -> Result<(), WireError> {
    let is_rpc = || body.first() == Some(&b'{') && body.windows(9).any(|window| window == b"\"jsonrpc\"");
    if (200..300).contains(&status) || is_rpc() {
        return Ok(());
    }
    Err(WireError::Http { status, body: read::excerpt(body) })
}

/// Redirects are followed within the origin (frameworks add slashes), never out of it.
fn same_origin(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let same = attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
    match same && attempt.previous().len() <= 3 {
        true => attempt.follow(),
        false => attempt.stop(),
    }
}

/// An error with its causes, each once.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = error.source().or(Some(error));
    while let Some(error) = next {
        let sentence = error.to_string();
        if !text.contains(&sentence) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&sentence);
        }
        next = error.source();
    }
    text
}
