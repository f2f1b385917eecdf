//! The client: sends a message as the platform does and brings back what there is to see.

mod http;
mod task;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use tokio::time::Instant;
use url::Url;

use self::http::{Call, chain, is_streamed_answer, same_origin};
use crate::{Card, Dialect, Drift, Exchange, Limits, Outgoing, View, WireError, read};
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
    /// Whether this side ended it, in the middle of a stream.
    pub hung_up: bool,
}

/// Whether to go on following a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The next event is waited for.
    GoOn,
    /// The connection is dropped.
    HangUp,
}

/// Called after each event of a stream was taken in.
type Watch<'a> = &'a mut (dyn FnMut(&View) -> Flow + Send);

impl Sent {
    fn nothing_yet() -> Self {
        Self { exchanges: vec![], view: View::default(), error: None, hung_up: false }
    }
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
        let (mut exchange, body) = self.call(call, limits, Dialect::V1_0, "", &mut view, &mut follow).await;
        let card = body.and_then(|(body, _)| {
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
        let (_, body) = self.call(call, limits, Dialect::V0_3, "", &mut View::default(), &mut follow).await;
        body.map(|(body, _)| body)
    }

    /// Sends a message and waits until the turn is settled: blocking where the server blocks, by polling where it does
    /// not, never longer than the bound.
    pub async fn send(&self, endpoint: &Endpoint, message: &Outgoing) -> Sent {
        let deadline = Instant::now() + self.limits.time;
        let mut sent = Sent::nothing_yet();
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
            let body = endpoint.dialect.of_task(
                endpoint.dialect.get_method(),
                &id,
                &task,
                endpoint.tenant.as_deref(),
            );
            let left = deadline.saturating_duration_since(Instant::now());
            self.rpc(endpoint, endpoint.dialect.get_method(), body, &id, left, &mut sent).await;
        }
        sent.note_ids();
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
        self.rpc_watched(endpoint, (name, id, body), time, sent, &mut follow).await;
        if sent.exchanges.last().is_some_and(is_streamed_answer) {
            sent.view.note(Drift::StreamedSend);
        }
    }

    /// One call: its method, its id and its body.
    async fn rpc_watched(
        &self,
        endpoint: &Endpoint,
        (name, id, body): (&str, &str, Vec<u8>),
        time: Duration,
        sent: &mut Sent,
        watch: Watch<'_>,
    ) {
        let limits = Limits { time, ..self.limits };
        let version = endpoint.dialect.version_header();
        let call = Call { method: Method::POST, name, url: &endpoint.url, version, body: body.into() };
        let (mut exchange, answer) =
            self.call(call, limits, endpoint.dialect, id, &mut sent.view, watch).await;
        // an event stream was absorbed while it came
        let streamed = is_streamed_answer(&exchange);
        // a get or a cancel is answered by a bare task in both dialects
        let whole = endpoint.dialect.wraps_answer_of(name);
        let outcome = answer.and_then(|(body, flow)| match streamed {
            true => Ok(flow),
            false => read::answer(&body, id, limits, &mut sent.view).map(|result| {
                sent.view.absorb(endpoint.dialect, &result, whole);
                flow
            }),
        });
        sent.hung_up = outcome.as_ref().is_ok_and(|flow| *flow == Flow::HangUp);
        exchange.error = outcome.err();
        sent.error = exchange.error.clone();
        sent.exchanges.push(exchange);
    }
}

impl Sent {
    /// Notes what is odd about the ids of a turn that was answered.
    fn note_ids(&mut self) {
        if self.error.is_some() || self.hung_up {
            return;
        }
        self.view.note_place();
        match self.view.context_ids.as_slice() {
            [] => self.view.note(Drift::NoContextId),
            [_] => {}
            ids => {
                let ids = ids.iter().take(4).cloned().collect();
                self.view.note(Drift::ContextIdsDiffer(ids));
            }
        }
    }
}

/// Follows to the end.
fn follow(_: &View) -> Flow {
    Flow::GoOn
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
