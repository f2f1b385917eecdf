//! The client: sends a message as the platform does and brings back what there is to see.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::{Attempt, Policy},
};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{Card, Dialect, Drift, Exchange, Limits, Outgoing, View, WireError, read};

/// langgraph-api answers 400 without it.
const ACCEPTED: &str = "application/json, text/event-stream";
/// The first wait before a task is asked for again; doubled each time up to a second.
const FIRST_POLL: Duration = Duration::from_millis(20);
/// How often a message is sent in all where the server asks for pauses, and the pause where it names none.
const TRIES: usize = 4;
const PAUSE: Duration = Duration::from_secs(1);

/// Where and how to talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Address of the JSON-RPC interface.
    pub url: Url,
    /// The dialect to speak.
    pub dialect: Dialect,
    /// From the card's interface.
    pub tenant: Option<String>,
}

/// A turn on the wire: every exchange it took, and what came of it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The send first, then any polling.
    pub exchanges: Vec<Exchange>,
    /// What the answers say, also where they end in an error.
    pub view: View,
    /// Why there is no usable answer.
    pub error: Option<WireError>,
}

/// An A2A client with bounds. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    headers: Arc<HeaderMap>,
    limits: Limits,
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
        Ok(Self { http, headers: Arc::new(map), limits })
    }

    /// The bounds in force.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Gets and reads a card. The header asks for the 1.0 shape where a server has two (@a2a-js/sdk).
    pub async fn card(&self, url: &Url, within: Duration) -> (Exchange, Result<Card, WireError>) {
        let limits = Limits { time: within, bytes: self.limits.bytes.min(1 << 20), ..self.limits };
        let mut view = View::default();
        let call = Call { method: Method::GET, name: "GET", url, version: Some("1.0"), body: Bytes::new() };
        let (mut exchange, body) = self.call(call, limits, Dialect::V1_0, "", &mut view).await;
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
        self.call(call, limits, Dialect::V0_3, "", &mut View::default()).await.1
    }

    /// Sends a message and waits until the turn is settled: blocking where the server blocks, by polling where it does
    /// not, never longer than the bound.
    pub async fn send(&self, endpoint: &Endpoint, message: &Outgoing) -> Sent {
        let deadline = Instant::now() + self.limits.time;
        let mut sent = Sent { exchanges: vec![], view: View::default(), error: None };
        let body = endpoint.dialect.send(message, endpoint.tenant.as_deref());
        let name = endpoint.dialect.send_method();
        self.rpc(endpoint, name, body.clone(), &message.message_id, self.limits.time, &mut sent).await;
        // the same message again, as the server asks for it: nothing was executed
        while let Some((status, pause)) = asked_to_wait(&sent)
            && Instant::now() + pause < deadline
            && sent.exchanges.len() < TRIES
        {
            sent.view.note(Drift::AskedToWait(status));
            tokio::time::sleep(pause).await;
            let left = deadline.saturating_duration_since(Instant::now());
            self.rpc(endpoint, name, body.clone(), &message.message_id, left, &mut sent).await;
        }
        let mut pause = FIRST_POLL;
        while sent.error.is_none() && !sent.view.is_settled() {
            let state = sent.view.state.map_or("without a state", crate::State::name).to_owned();
            sent.view.note(Drift::NotBlocking(state.clone()));
            let Some(task) = sent.view.task_id.clone() else {
                sent.error = Some(WireError::Malformed {
                    reason: "the result is neither a message nor a task with an id".into(),
                    body: String::new(),
                });
                break;
            };
            if Instant::now() + pause >= deadline {
                sent.error = Some(WireError::NotFinished { state, within: self.limits.time });
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
            let id = format!("{}-get-{}", message.message_id, sent.exchanges.len());
            let body = endpoint.dialect.get_task(&id, &task, endpoint.tenant.as_deref());
            let left = deadline.saturating_duration_since(Instant::now());
            self.rpc(endpoint, endpoint.dialect.get_method(), body, &id, left, &mut sent).await;
        }
        if sent.error.is_none() {
            sent.view.note_place();
            match sent.view.context_ids.as_slice() {
                [] => sent.view.note(Drift::NoContextId),
                [_] => {}
                ids => {
                    let ids = ids.iter().take(4).cloned().collect();
                    sent.view.note(Drift::ContextIdsDiffer(ids));
                }
            }
        }
        sent
    }

    async fn rpc(
        &self,
        endpoint: &Endpoint,
        name: &str,
        body: Vec<u8>,
        id: &str,
        time: Duration,
        sent: &mut Sent,
    ) {
        let limits = Limits { time, ..self.limits };
        let version = endpoint.dialect.version_header();
        let call = Call { method: Method::POST, name, url: &endpoint.url, version, body: body.into() };
        let (mut exchange, answer) = self.call(call, limits, endpoint.dialect, id, &mut sent.view).await;
        // an event stream was absorbed while it came
        let streamed = is_streamed_answer(&exchange);
        let outcome = answer.and_then(|body| match streamed {
            true => Ok(()),
            false => read::answer(&body, id, limits, &mut sent.view).map(|result| {
                sent.view.absorb(endpoint.dialect, &result, name == endpoint.dialect.send_method());
            }),
        });
        if streamed {
            sent.view.note(Drift::StreamedSend);
        }
        exchange.error = outcome.err();
        sent.error = exchange.error.clone();
        sent.exchanges.push(exchange);
    }

    async fn call(
        &self,
        call: Call<'_>,
        limits: Limits,
        dialect: Dialect,
        id: &str,
        view: &mut View,
    ) -> (Exchange, Result<Bytes, WireError>) {
        let began = Instant::now();
        let deadline = began + limits.time;
        let mut exchange = Exchange {
            method: call.name.to_owned(),
            url: call.url.to_string(),
            request: call.body.clone(),
            status: None,
            content_type: None,
            response: Bytes::new(),
            retry_after: None,
            took: Duration::ZERO,
            error: None,
        };
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
        let response = match timeout_at(deadline, request.send()).await {
            Err(_) => Err(WireError::Timeout { within: limits.time, received: 0 }),
            Ok(Err(error)) if error.is_connect() => Err(WireError::Connect(chain(&error))),
            Ok(Err(error)) => Err(WireError::Lost(chain(&error))),
            Ok(Ok(response)) => Ok(response),
        };
        let outcome = match response {
            Err(error) => Err(error),
            Ok(response) => {
                let status = response.status();
                exchange.status = Some(status.as_u16());
                let header = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
                exchange.content_type = header.map(str::to_owned);
                let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                exchange.retry_after =
                    after.and_then(|after| after.trim().parse().ok()).map(Duration::from_secs);
                let mut body = Bounded::new(Box::pin(response.bytes_stream()), limits, deadline);
                let streamed = is_streamed_answer(&exchange);
                let read = match streamed {
                    true => read::events(Box::pin(body.stream()), dialect, id, limits, view).await,
                    false => body.drain().await,
                };
                exchange.response = body.kept.freeze();
                read.and_then(|()| judge_status(status.as_u16(), &exchange.response))
            }
        };
        exchange.took = began.elapsed();
        let outcome = outcome.map(|()| exchange.response.clone());
        (exchange, outcome)
    }
}

/// The status and the pause, where the last answer was to wait and send it again.
fn asked_to_wait(sent: &Sent) -> Option<(u16, Duration)> {
    match sent.error {
        Some(WireError::Http { status: status @ (429 | 503), .. }) => {
            Some((status, sent.exchanges.last()?.retry_after.unwrap_or(PAUSE)))
        }
        _ => None,
    }
}

struct Call<'a> {
    method: Method,
    name: &'a str,
    url: &'a Url,
    version: Option<&'static str>,
    body: Bytes,
}

/// Whether a JSON-RPC answer comes as events. Error pages and cards are read whole, whatever they say they are.
fn is_streamed_answer(exchange: &Exchange) -> bool {
    let content_type = exchange.content_type.as_deref().unwrap_or_default().trim_start();
    content_type.to_ascii_lowercase().starts_with("text/event-stream")
        && exchange.status.is_some_and(|status| (200..300).contains(&status))
        && exchange.method != "GET"
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
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
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

/// A body that is read no further than its bounds, and kept as evidence.
struct Bounded<S> {
    inner: S,
    limits: Limits,
    deadline: Instant,
    kept: BytesMut,
}

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Bounded<S> {
    fn new(inner: S, limits: Limits, deadline: Instant) -> Self {
        Self { inner, limits, deadline, kept: BytesMut::new() }
    }

    async fn chunk(&mut self) -> Option<Result<Bytes, WireError>> {
        let next = timeout_at(self.deadline, self.inner.next()).await;
        Some(match next {
            Err(_) => Err(WireError::Timeout { within: self.limits.time, received: self.kept.len() }),
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(WireError::Lost(chain(&error))),
            Ok(Some(Ok(bytes))) if self.kept.len() + bytes.len() > self.limits.bytes => {
                Err(WireError::TooLarge { limit: self.limits.bytes })
            }
            Ok(Some(Ok(bytes))) => {
                self.kept.extend_from_slice(&bytes);
                Ok(bytes)
            }
        })
    }

    async fn drain(&mut self) -> Result<(), WireError> {
        while let Some(chunk) = self.chunk().await {
            chunk?;
        }
        Ok(())
    }

    fn stream(&mut self) -> impl Stream<Item = Result<Bytes, WireError>> + '_ {
        futures_util::stream::unfold(self, |this| async move { Some((this.chunk().await?, this)) })
    }
}
