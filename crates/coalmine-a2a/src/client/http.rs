//! One HTTP exchange, within limits and kept as evidence.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
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
use url::{Origin, Url};

use super::{body::BoundedBody, pace::Pace};
use crate::{
    Exchange, Flow, HttpRequest, Limits, WireError,
    error::causes,
    events::{Listener, read_events},
    time::after,
};

/// The value of `Accept` in every request: langgraph-api answers 400 without it.
const ACCEPTED: &str = "application/json, text/event-stream";

/// The longest address, in bytes: what the `http` crate can hold, and more than servers accept.
const MAX_ADDRESS: usize = 65_534;

/// The longest chain of redirects that is followed.
const MAX_REDIRECTS: usize = 3;

/// The longest `Retry-After`, in seconds; a longer one is as good as this.
const MAX_RETRY_AFTER: u64 = 24 * 60 * 60;

/// Who gets the credentials of a client.
#[derive(Debug)]
struct Trusted {
    /// The server that the client is for.
    home: Origin,
    /// Other addresses that the user named.
    others: Vec<Origin>,
    /// Whether everybody gets them.
    all: bool,
}

/// An A2A client with limits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Whether certificates are needed.
    secure: bool,
    headers: Arc<HeaderMap>,
    /// A parameter that is added to the query of every URL, and to no evidence.
    query: Option<Arc<(String, String)>>,
    /// Who gets the headers and the parameter.
    trusted: Arc<Mutex<Trusted>>,
    asked: Arc<AtomicU64>,
    pace: Option<Arc<Pace>>,
    pub(super) limits: Limits,
}

impl Client {
    /// Returns a client for the server at `base` that sends `headers` with every request to it. Requests to other
    /// origins carry none, because an address on a card is not one that the user gave. Proxies of the
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
            trusted: Arc::new(Mutex::new(Trusted { home: base.origin(), others: vec![], all: false })),
            asked: Arc::default(),
            pace: None,
            limits,
        })
    }

    /// Returns a client that also sends a parameter in the query of every URL of its server. It is not kept as
    /// evidence.
    pub fn with_query(self, name: String, value: String) -> Self {
        Self { query: Some(Arc::new((name, value))), ..self }
    }

    /// Returns a client that sends its credentials to every address.
    #[must_use]
    pub fn trusting_all(self) -> Self {
        self.trusted().all = true;
        self
    }

    /// Sends the credentials to the origin of this address too: the user named it. Holds for all clones.
    pub fn trust(&self, url: &Url) {
        self.trusted().others.push(url.origin());
    }

    /// Sends the credentials to another origin from now on: the server has moved. Holds for all clones.
    pub fn moved(&self, base: &Url) {
        self.trusted().home = base.origin();
    }

    /// Returns whether the client has credentials that it does not send to an address.
    pub fn withholds_credentials_from(&self, url: &Url) -> bool {
        (!self.headers.is_empty() || self.query.is_some()) && !self.is_trusted(url)
    }

    fn is_trusted(&self, url: &Url) -> bool {
        let (trusted, origin) = (self.trusted(), url.origin());
        trusted.all || trusted.home == origin || trusted.others.contains(&origin)
    }

    fn trusted(&self) -> MutexGuard<'_, Trusted> {
        self.trusted.lock().unwrap_or_else(PoisonError::into_inner)
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
        let deadline = after(began, limits.time);
        let mut exchange = begin(&request);
        let length = request.url.as_str().len();
        if length > MAX_ADDRESS {
            let reason = format!("it has {length} characters, and HTTP clients send at most {MAX_ADDRESS}");
            return (exchange, Err(WireError::Address(reason)));
        }
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
        let mut headers = HeaderMap::new();
        if self.is_trusted(&url) {
            headers.clone_from(&self.headers);
            if let Some(query) = &self.query {
                url.query_pairs_mut().append_pair(&query.0, &query.1);
            }
        }
        let mut builder = self.http.request(request.method, url).headers(headers).header(ACCEPT, ACCEPTED);
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
        // it would hold the query, and the credentials in it
        .referer(false)
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
    exchange.retry_after = header(RETRY_AFTER).and_then(retry_after);
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

/// Reads a `Retry-After` in seconds, cut to [`MAX_RETRY_AFTER`].
fn retry_after(text: &str) -> Option<Duration> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = is_number.then(|| text.parse().unwrap_or(u64::MAX))?;
    Some(Duration::from_secs(seconds.min(MAX_RETRY_AFTER)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_of_any_length_is_read() {
        let seconds = |text| retry_after(text).map(|pause| pause.as_secs());
        assert_eq!((seconds("0"), seconds(" 7 ")), (Some(0), Some(7)));
        for long in ["100000000000", "9223372036854775807", "18446744073709551615", "99999999999999999999999"]
        {
            assert_eq!(seconds(long), Some(MAX_RETRY_AFTER), "{long}");
        }
        for date in ["", "-1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT"] {
            assert_eq!(seconds(date), None, "{date}");
        }
    }
}
