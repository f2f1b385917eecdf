//! One HTTP exchange, within its bounds and kept as evidence.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER},
    redirect::{Action, Attempt},
};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{Client, Flow, Watch};
use crate::{Dialect, Exchange, Limits, View, WireError, read};

/// langgraph-api answers 400 without it.
const ACCEPTED: &str = "application/json, text/event-stream";

impl Client {
    /// The body, or why there is none; whether `watch` hung up.
    pub(super) async fn call(
        &self,
        call: Call<'_>,
        limits: Limits,
        dialect: Dialect,
        id: &str,
        view: &mut View,
        watch: Watch<'_>,
    ) -> (Exchange, Result<(Bytes, Flow), WireError>) {
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
                    true => read::events(Box::pin(body.stream()), dialect, id, limits, view, watch).await,
                    false => body.drain().await.map(|()| Flow::GoOn),
                };
                exchange.response = body.kept.freeze();
                read.and_then(|flow| judge_status(status.as_u16(), &exchange.response).map(|()| flow))
            }
        };
        exchange.took = began.elapsed();
        let outcome = outcome.map(|flow| (exchange.response.clone(), flow));
        (exchange, outcome)
    }
}

pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) name: &'a str,
    pub(super) url: &'a Url,
    pub(super) version: Option<&'static str>,
    pub(super) body: Bytes,
}

/// Whether a JSON-RPC answer comes as events. Error pages and cards are read whole, whatever they say they are.
pub(super) fn is_streamed_answer(exchange: &Exchange) -> bool {
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
pub(super) fn same_origin(attempt: Attempt<'_>) -> Action {
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
