//! One HTTP exchange with a forge, within limits, and the retries of reads.

use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{
    Method, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK, RETRY_AFTER},
    redirect::Policy,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::{
    error::{Call, ErrorKind, ForgeError},
    path::Path,
};

/// The whole answer of Gitea to a route that it does not have.
const NO_ROUTE: &[u8] = b"404 page not found";

/// What waits between two attempts.
pub type Wait = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How patient the client is, and how much it reads.
#[derive(Clone)]
pub struct Options {
    /// The time for one attempt, the body included.
    pub timeout: Duration,
    /// The number of attempts of a read. Writes are made once.
    pub attempts: u32,
    /// The longest `Retry-After` that a read waits for.
    pub max_wait: Duration,
    /// The largest body of an answer, in bytes.
    pub max_body: usize,
    /// The largest file that is read, in bytes.
    pub max_file: usize,
    /// The largest number of pages of one list.
    pub max_pages: u32,
    /// What waits between two attempts.
    pub wait: Wait,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            attempts: 4,
            max_wait: Duration::from_secs(60),
            max_body: 8 << 20,
            max_file: 1 << 20,
            max_pages: 400,
            wait: Arc::new(|pause| Box::pin(tokio::time::sleep(pause))),
        }
    }
}

impl Debug for Options {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { timeout, attempts, max_wait, max_body, max_file, max_pages, wait: _ } = self;
        let mut debug = formatter.debug_struct("Options");
        debug.field("timeout", timeout).field("attempts", attempts).field("max_wait", max_wait);
        debug.field("max_body", max_body).field("max_file", max_file).field("max_pages", max_pages);
        debug.finish_non_exhaustive()
    }
}

/// A request, before it is encoded.
#[derive(Debug, Clone)]
pub(super) struct Request {
    method: Method,
    path: Path,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Request {
    pub(super) fn get(path: Path) -> Self {
        Self { method: Method::GET, path, query: vec![], body: None }
    }

    pub(super) fn write(method: Method, path: Path, body: Option<Value>) -> Self {
        Self { method, path, query: vec![], body }
    }

    pub(super) fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }
}

/// An answer of success, with its whole body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) call: Call,
    pub(super) status: u16,
    /// `X-Total-Count`.
    pub(super) total: Option<u64>,
    /// Whether `Link` names a next page.
    pub(super) next: bool,
    content_type: String,
    body: Bytes,
}

impl Answer {
    /// Reads the body.
    ///
    /// # Errors
    /// The body is not JSON, or lacks what the API promises.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ForgeError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let kind = if error.is_data() { ErrorKind::Unexpected } else { ErrorKind::NotJson };
            let message = format!("{error}, in {} bytes of `{}`", self.body.len(), self.content_type);
            self.error(kind, message)
        })
    }

    /// Returns an error about this answer.
    pub(super) fn error(&self, kind: ErrorKind, message: impl AsRef<str>) -> ForgeError {
        ForgeError::answered(self.call.clone(), self.status, kind, message)
    }
}

/// The client of one forge. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    /// The API's root.
    root: Url,
    headers: HeaderMap,
    pub(super) options: Options,
}

impl Client {
    /// Returns a client that sends the headers with every request to the API below `root`.
    ///
    /// # Errors
    /// The address is not `http` or `https` or contains credentials, or the TLS back end does not start.
    pub(super) fn new(
        root: Url,
        authorization: Option<HeaderValue>,
        mut headers: HeaderMap,
        options: Options,
    ) -> Result<Self, ForgeError> {
        let fail = |message: String| {
            let call = Call { method: "GET".to_owned(), path: root.path().to_owned() };
            ForgeError::new(call, ErrorKind::Invalid, message)
        };
        if !matches!(root.scheme(), "http" | "https") || root.host().is_none() {
            return Err(fail("invalid address of the forge: expected `https://…` or `http://…`".to_owned()));
        }
        if !root.username().is_empty() || root.password().is_some() {
            return Err(fail("invalid address of the forge: credentials do not belong into it".to_owned()));
        }
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value);
        }
        let http = connector(&root, &options).map_err(|error| fail(causes(&error)))?;
        Ok(Self { http, root, headers, options })
    }

    /// Sends a request. A read is tried again if that may help.
    ///
    /// # Errors
    /// There is no answer of success.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, ForgeError> {
        let url = self.url(request)?;
        let mut attempt = 1;
        loop {
            let error = match self.attempt(request, url.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match self.pause_after(request, attempt, &error) {
                Some(pause) => (self.options.wait)(pause).await,
                None => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Sends a read and reads its body.
    ///
    /// # Errors
    /// There is no answer of success, or it is not what the API promises.
    pub(super) async fn read<T: DeserializeOwned>(&self, request: &Request) -> Result<T, ForgeError> {
        self.send(request).await?.json()
    }

    /// Returns how a request is named in messages.
    pub(super) fn call(&self, request: &Request) -> Result<Call, ForgeError> {
        Ok(call(request, &self.url(request)?))
    }

    fn url(&self, request: &Request) -> Result<Url, ForgeError> {
        let segments = request.path.segments(request.method.as_str())?;
        let mut url = self.root.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        Ok(url)
    }

    /// Returns how long to wait before the next attempt, if there is one.
    fn pause_after(&self, request: &Request, attempt: u32, error: &ForgeError) -> Option<Duration> {
        if request.method != Method::GET || attempt >= self.options.attempts {
            return None;
        }
        let backoff = Duration::from_millis(500).saturating_mul(1 << attempt.min(6));
        let pause = match error.kind {
            ErrorKind::Unreachable | ErrorKind::Server => backoff,
            ErrorKind::RateLimited { retry_after } => retry_after.unwrap_or(backoff),
            _ => return None,
        };
        (pause <= self.options.max_wait).then_some(pause)
    }

    async fn attempt(&self, request: &Request, url: Url) -> Result<Answer, ForgeError> {
        let call = call(request, &url);
        let lost =
            |error: reqwest::Error| ForgeError::new(call.clone(), ErrorKind::Unreachable, causes(&error));
        let mut builder = self.http.request(request.method.clone(), url).headers(self.headers.clone());
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        let mut response = builder.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let header = |name: HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (content_type, link) = (header(CONTENT_TYPE), header(LINK));
        let total = header(HeaderName::from_static("x-total-count")).parse().ok();
        let retry_after = retry_after(&header(RETRY_AFTER));
        let limited = header(HeaderName::from_static("x-ratelimit-remaining")) == "0";
        let location = header(reqwest::header::LOCATION);
        let body = self.body(&mut response, &call).await?;
        if (200..300).contains(&status) {
            return Ok(Answer {
                call,
                status,
                total,
                next: link.contains("rel=\"next\""),
                content_type,
                body,
            });
        }
        let (kind, message) = match ErrorKind::of_status(status, retry_after) {
            ErrorKind::Redirected => (ErrorKind::Redirected, location),
            ErrorKind::Forbidden if limited || retry_after.is_some() => {
                (ErrorKind::RateLimited { retry_after }, message(&body))
            }
            // a route that the version does not have is answered in plain text, a missing thing in JSON
            ErrorKind::Missing if body.trim_ascii() == NO_ROUTE => (ErrorKind::Unsupported, message(&body)),
            ErrorKind::Missing if !is_json(&body) => (ErrorKind::NotJson, message(&body)),
            kind => (kind, message(&body)),
        };
        Err(ForgeError::answered(call, status, kind, message))
    }

    async fn body(&self, response: &mut Response, call: &Call) -> Result<Bytes, ForgeError> {
        let status = response.status().as_u16();
        let limit = self.options.max_body;
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(None) => return Ok(body.freeze()),
                Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) > limit => {
                    let message = format!("the answer is larger than {limit} bytes");
                    return Err(ForgeError::answered(call.clone(), status, ErrorKind::TooLarge, message));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Err(error) => {
                    return Err(ForgeError::answered(
                        call.clone(),
                        status,
                        ErrorKind::Unreachable,
                        causes(&error),
                    ));
                }
            }
        }
    }
}

/// Returns an HTTP client without connections. Proxies of the environment are used, except to this machine.
fn connector(root: &Url, options: &Options) -> reqwest::Result<reqwest::Client> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // somebody else may have been faster, which is as good
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let builder = reqwest::Client::builder()
        .user_agent(concat!("coalmine/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(options.timeout.min(Duration::from_secs(10)))
        .timeout(options.timeout);
    let builder = if root.scheme() == "https" { builder } else { builder.tls_certs_only([]) };
    let builder = if is_loopback(root) { builder.no_proxy() } else { builder };
    builder.build()
}

fn is_loopback(root: &Url) -> bool {
    match root.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn call(request: &Request, url: &Url) -> Call {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Call { method: request.method.to_string(), path: format!("{}{query}", url.path()) }
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok()
}

/// Returns what a forge says about a failure: `message` and `errors` if it is JSON, else the beginning.
fn message(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return String::from_utf8_lossy(body).trim().to_owned();
    };
    let message = value.get("message").and_then(Value::as_str).unwrap_or("no message");
    let errors: Vec<_> = value.get("errors").and_then(Value::as_array).into_iter().flatten().collect();
    let error = errors
        .iter()
        .find_map(|error| error.as_str().or_else(|| error.get("message").and_then(Value::as_str)));
    error.map_or_else(|| message.to_owned(), |error| format!("{message}: {error}"))
}

/// Reads a `Retry-After` in seconds.
fn retry_after(text: &str) -> Option<Duration> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = is_number.then(|| text.parse().unwrap_or(u64::MAX))?;
    Some(Duration::from_secs(seconds.min(24 * 60 * 60)))
}

/// Returns an error with its causes, without the URL.
fn causes(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the time for one attempt was up".to_owned();
    }
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        text = cause.to_string();
        next = cause.source();
    }
    if text.is_empty() { "the request could not be sent".to_owned() } else { text }
}
