//! The client of the model's API.

use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::{Body, Client, Request, Response};
use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use super::{Completion, ModelError, Prompt, event_stream::EventStream};
use crate::{
    config::ModelConfig,
    fault::{Fault, Faults},
    text::clip,
};

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 16 << 20;
/// How many characters of an error are shown.
const MAX_ERROR: usize = 500;
/// How long the fault `prompt.impatient` waits. A correct runtime waits as long as the connection lives.
const IMPATIENT_TIMEOUT: Duration = Duration::from_millis(150);

#[derive(Clone, Debug)]
pub(crate) struct ModelClient {
    http: Client,
    config: ModelConfig,
    url: Option<Url>,
    faults: Faults,
}

impl ModelClient {
    pub(crate) fn new(http: Client, config: ModelConfig, faults: Faults) -> Self {
        let url = config.base_url.clone().map(|mut url| {
            if let Ok(mut path) = url.path_segments_mut() {
                path.pop_if_empty().extend(["chat", "completions"]);
            }
            url
        });
        Self { http, config, url, faults }
    }

    /// Asks for a whole answer.
    pub(crate) async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let mut body = Vec::new();
        let mut stream = self.request(prompt, false).await?.bytes_stream();
        while let Some(bytes) = stream.next().await {
            body.extend_from_slice(&bytes.map_err(|_| ModelError::CutOff)?);
            check_size(body.len())?;
        }
        let body = serde_json::from_slice(&body).map_err(|error| ModelError::Invalid(error.to_string()))?;
        Completion::from_body(&body)
    }

    /// Asks for an answer in pieces, and passes each piece of text to `on_text` as it arrives.
    pub(crate) async fn stream(
        &self,
        prompt: &Prompt,
        mut on_text: impl FnMut(&str) + Send,
    ) -> Result<Completion, ModelError> {
        let mut completion = Completion::default();
        let mut events = EventStream::default();
        let mut finished = false;
        let mut stream = self.request(prompt, true).await?.bytes_stream();
        while let Some(bytes) = stream.next().await {
            for data in events.push(&bytes.map_err(|_| ModelError::CutOff)?) {
                if data == "[DONE]" {
                    return Ok(completion);
                }
                let chunk: Value =
                    serde_json::from_str(&data).map_err(|error| ModelError::Invalid(error.to_string()))?;
                if !chunk["error"].is_null() {
                    return Err(ModelError::Invalid(clip(&chunk["error"].to_string(), MAX_ERROR)));
                }
                let choice = &chunk["choices"][0];
                let text = completion.add(&choice["delta"])?;
                if !text.is_empty() {
                    on_text(text);
                }
                finished |= choice["finish_reason"].is_string();
            }
            check_size(completion.text.len() + events.pending())?;
        }
        // A stream that ends without a reason was cut off.
        if finished { Ok(completion) } else { Err(ModelError::CutOff) }
    }

    async fn request(&self, prompt: &Prompt, stream: bool) -> Result<Response, ModelError> {
        let url = self.url.clone().ok_or(ModelError::NotConfigured)?;
        let mut request = self.http.post(url).json(&json!({
            "model": self.config.name,
            "messages": prompt.messages(),
            "tools": prompt.tools(),
            "stream": stream,
        }));
        if let Some(key) = &self.config.api_key {
            request = request.bearer_auth(key);
        }
        let request = request.build()?;
        let response = match self.timeout(&request) {
            None => self.http.execute(request).await?,
            Some(limit) => {
                let answer = timeout(limit, self.http.execute(request)).await;
                answer.map_err(|_| ModelError::TimedOut(limit))??
            }
        };
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes_stream().next().await.and_then(Result::ok).unwrap_or_default();
        Err(ModelError::Refused { status, body: clip(&String::from_utf8_lossy(&body), MAX_ERROR) })
    }

    /// Returns how long an answer may take to begin, if a fault makes the agent impatient. A large prompt
    /// gets more time, because the model takes time to read it.
    fn timeout(&self, request: &Request) -> Option<Duration> {
        let bytes = request.body().and_then(Body::as_bytes).map_or(0, <[u8]>::len);
        let reading = Duration::from_millis(u64::try_from(bytes / 1000).unwrap_or_default());
        self.faults.is(Fault::PromptImpatient).then_some(IMPATIENT_TIMEOUT + reading)
    }
}

fn check_size(bytes: usize) -> Result<(), ModelError> {
    if bytes > MAX_ANSWER { Err(ModelError::TooLarge(MAX_ANSWER)) } else { Ok(()) }
}
