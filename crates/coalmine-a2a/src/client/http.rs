//! One HTTP exchange, within limits and kept as evidence.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use reqwest::{
    RequestBuilder, Response,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::{Attempt, Policy},
};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{body::BoundedBody, pace::Pace};
use crate::{
    Exchange, Flow, HttpRequest, Limits, WireError,
    error::causes,
    events::{Listener, read_events},
};

/// The value of `Accept` in every request: langgraph-api answers 400 without it.
const ACCEPTED: &str = "application/json, text/event-stream";

/// The longest chain of redirects that is followed.
const MAX_REDIRECTS: usize = 3;

/// An A2A client with limits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Whether certificates are needed.
    secure: bool,
    headers: Arc<HeaderMap>,
    /// A parameter that is added to the query of every URL, and to no evidence.
    query: Option<Arc<(String, String)>>,
    asked: Arc<AtomicU64>,
    pace: Option<Arc<Pace>>,
    pub(super) limits: Limits,
}

impl Client {
    /// Returns a client for the server at `base` that sends `headers` with every request. Proxies of the
    /// environment are not used, because a runtime is local. Certificates are loaded only if `base` is
    /// `https`.
    ///
    /// # Errors
    /// An invalid header, or a TLS back end that does not start.
    pub fn new(base: &Url, limits: Limits, headers: &[(String, String)]) -> Result<Self, WireError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let (name, value) = header(name, value).map_err(WireError::Connect)?;
            map.insert(name, value);
        }
        let secure = base.scheme() == "https";
        let http = connector(secure, limits).map_err(|error| WireError::Connect(causes(&error)))?;
        Ok(Self {
            http,
            secure,
            headers: Arc::new(map),
            query: None,
            asked: Arc::default(),
            pace: None,
            limits,
        })
    }

    /// Returns a client that also sends a parameter in the query of every URL. It is not kept as evidence.
    pub fn with_query(self, name: String, value: String) -> Self {
        Self { query: Some(Arc::new((name, value))), ..self }
    }

    /// Returns the same client with connections of its own: its first request opens one, and its later ones
    /// share it while the server keeps it open. A clone shares the connections instead.
    #[must_use]
    pub fn reconnected(&self) -> Self {
        match connector(self.secure, self.limits) {
            Ok(http) => Self { http, ..self.clone() },
            // the same settings were accepted before
            Err(_) => self.clone(),
        }
    }

    /// Returns the same client that begins its calls, polls included, no faster than one in each interval.
    /// Clones and [`reconnected`](Self::reconnected) clients keep to the same pace together.
    #[must_use]
    pub fn paced(self, interval: Duration) -> Self {
        Self { pace: Some(Arc::new(Pace::new(interval))), ..self }
    }

    /// Waits until the pace allows another call. Returns how long that took.
    pub(super) async fn wait_for_slot(&self) -> Duration {
        match &self.pace {
            Some(pace) => pace.wait().await,
            None => Duration::ZERO,
        }
    }

    /// Returns the limits in force.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns an id for a request that has none of its own; no other request of this client has it.
    pub(super) fn next_id(&self) -> String {
        format!("ask-{}", self.asked.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends a request and reads the answer: event by event if it is a stream and there is a listener, else
    /// as a whole.
    pub(super) async fn exchange(
        &self,
        request: HttpRequest,
        limits: Limits,
        listener: Option<Listener<'_>>,
    ) -> (Exchange, Result<Received, WireError>) {
        let began = Instant::now();
        let deadline = began + limits.time;
        let mut exchange = begin(&request);
        let received = match timeout_at(deadline, self.prepare(request).send()).await {
            Err(_) => Err(WireError::Timeout { within: limits.time, received: 0 }),
            Ok(Err(error)) if error.is_connect() => Err(WireError::Connect(causes(&error))),
            Ok(Err(error)) => Err(WireError::Lost(causes(&error))),
            Ok(Ok(response)) => receive(response, limits, deadline, listener, &mut exchange).await,
        };
        exchange.took = began.elapsed();
        (exchange, received)
    }

    fn prepare(&self, request: HttpRequest) -> RequestBuilder {
        let mut url = request.url;
        if let Some(query) = &self.query {
            url.query_pairs_mut().append_pair(&query.0, &query.1);
        }
        let mut builder =
            self.http.request(request.method, url).headers((*self.headers).clone()).header(ACCEPT, ACCEPTED);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if request.body.is_empty() { builder } else { builder.body(request.body) }
    }
}

/// Returns an HTTP client without connections.
fn connector(secure: bool, limits: Limits) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder();
    let builder = if secure { builder } else { builder.tls_certs_only([]) };
    builder
        .no_proxy()
        .redirect(Policy::custom(same_origin))
        .connect_timeout(limits.time.min(Duration::from_secs(10)))
        .build()
}

/// How an answer came.
pub(super) enum Received {
    /// In one piece, with its HTTP status.
    Whole { status: u16, body: Bytes },
    /// As events, which the listener has read: to their end, or until it hung up.
    Events(Flow),
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let header: HeaderName = name.parse().map_err(|_| format!("invalid header name `{name}`"))?;
    let mut value: HeaderValue =
        value.parse().map_err(|_| format!("invalid value for the header `{name}`"))?;
    value.set_sensitive(true);
    Ok((header, value))
}

fn begin(request: &HttpRequest) -> Exchange {
    Exchange {
        method: request.name.clone(),
        url: request.url.to_string(),
        request: request.body.clone(),
        status: None,
        content_type: None,
        response: Bytes::new(),
        retry_after: None,
        took: Duration::ZERO,
        error: None,
    }
}

async fn receive(
    response: Response,
    limits: Limits,
    deadline: Instant,
    listener: Option<Listener<'_>>,
    exchange: &mut Exchange,
) -> Result<Received, WireError> {
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    exchange.status = Some(status);
    exchange.content_type = header(CONTENT_TYPE).map(str::to_owned);
    let seconds = header(RETRY_AFTER).and_then(|after| after.trim().parse().ok());
    exchange.retry_after = seconds.map(Duration::from_secs);
    let mut body = BoundedBody::new(Box::pin(response.bytes_stream()), limits, deadline);
    let flow = match listener.filter(|_| is_event_stream(exchange)) {
        Some(listener) => read_events(Box::pin(body.stream()), listener).await.map(Some),
        None => body.drain().await.map(|()| None),
    };
    // dropping the body drops the connection, unless its end was read
    exchange.response = body.into_kept();
    Ok(match flow? {
        Some(flow) => Received::Events(flow),
        None => Received::Whole { status, body: exchange.response.clone() },
    })
}

/// Returns whether an answer comes as events. Error pages are read as a whole, whatever type they claim.
pub(super) fn is_event_stream(exchange: &Exchange) -> bool {
    let content_type = exchange.content_type.as_deref().unwrap_or_default().trim_start();
    content_type.to_ascii_lowercase().starts_with("text/event-stream")
        && exchange.status.is_some_and(is_success)
}

/// Returns whether a status is one of success.
pub(super) fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Follows redirects within the origin (frameworks add slashes), never out of it.
fn same_origin(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let same = attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
    if same && attempt.previous().len() <= MAX_REDIRECTS { attempt.follow() } else { attempt.stop() }
}
