//! The code under test of an imaginary project: a concierge that answers hotel guests with a language model.
//!
//! It knows nothing of coalmine. The interesting part is `tests/concierge.rs`, which tests it without a model.

use reqwest::Client;
use serde_json::{Value, json};

/// A conversation with one guest, over any provider that speaks OpenAI's Chat Completions.
#[derive(Debug)]
pub struct Concierge {
    http: Client,
    base_url: String,
    max_messages: usize,
    messages: Vec<Value>,
}

impl Concierge {
    /// Starts a conversation. Of a longer history than `max_messages`, the model is shown only the newest part.
    pub fn new(http: Client, base_url: impl Into<String>, max_messages: usize) -> Self {
        Self { http, base_url: base_url.into(), max_messages, messages: vec![] }
    }

    /// Sends what the guest says to the model and returns the answer.
    ///
    /// # Errors
    /// The provider could not be reached, refused the request, or did not answer with JSON.
    pub async fn ask(&mut self, guest: &str) -> reqwest::Result<String> {
        self.messages.push(json!({ "role": "user", "content": guest }));
        let newest = self.messages.len().saturating_sub(self.max_messages);
        let mut messages =
            vec![json!({ "role": "system", "content": "You are the concierge of a small hotel." })];
        messages.extend_from_slice(&self.messages[newest..]);
        let body = json!({ "model": "gpt-4o-mini", "messages": messages });
        let request = self.http.post(format!("{}/chat/completions", self.base_url));
        let response =
            request.header("content-type", "application/json").body(body.to_string()).send().await?;
        let completion: Value = response.error_for_status()?.json().await?;
        let answer = completion["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned();
        self.messages.push(json!({ "role": "assistant", "content": answer }));
        Ok(answer)
    }
}
