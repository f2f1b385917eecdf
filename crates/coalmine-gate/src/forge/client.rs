//! One HTTP exchange with a forge, within limits, and the retries of reads.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{
    Method, Response,
    header::{
        ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION, RETRY_AFTER,
    },
    redirect::Policy,
};
use serde::de::DeserializeOwned;
use url::Url;

pub(super) use super::request::{Answer, Request};
use super::{
    error::{Call, ErrorKind, ForgeError},
    options::Options,
    refusal::{self, RefusalHeaders, causes, retry_after},
};

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
    /// The forge refuses, or does not answer.
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
    /// The forge refuses or does not answer, or the answer is not what the API promises.
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
        let refusal = RefusalHeaders {
            location: header(LOCATION),
            retry_after: retry_after(&header(RETRY_AFTER)),
            none_left: header(HeaderName::from_static("x-ratelimit-remaining")) == "0",
        };
        let body = self.body(&mut response, &call).await?;
        if (200..300).contains(&status) {
            let next = link.contains("rel=\"next\"");
            return Ok(Answer { call, status, total, next, content_type, body });
        }
        let (kind, message) = refusal::read(status, refusal, &body);
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
