//! What a peer was asked.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::Value;

use crate::{prompt::of_text, text::start_of};

/// Maximum number of bytes of a text that are kept.
const MAX_BYTES: usize = 100_000;
/// Maximum length of an id that is kept.
const MAX_ID: usize = 1_000;

/// What a peer was asked, and what it answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inquiry {
    /// The id of the peer.
    pub id: String,
    /// The text of the message: its text parts, joined by line breaks.
    pub text: String,
    /// The `contextId` of the message, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_id: Option<String>,
    /// The `messageId` of the message, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// All strings of the request's parameters, including metadata and the content of files, joined by line
    /// breaks and cut at 100 kB. Everything that was sent along is in here.
    pub everything: String,
    /// What the peer answered; `None` if it refused the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

impl Inquiry {
    /// Returns the bytes that the inquiry takes.
    pub(crate) fn weight(&self) -> usize {
        let rest = [&self.context_id, &self.message_id, &self.answer].into_iter().flatten();
        rest.chain([&self.id, &self.text, &self.everything]).map(|text| of_text(text)).sum()
    }

    /// Reads as much of a message as possible, even if it is invalid.
    pub(super) fn read(peer: &str, params: &Value) -> Self {
        let message = &params["message"];
        let id = |name: &str| message[name].as_str().map(|id| clip(id, MAX_ID));
        let (mut text, mut everything) = (String::new(), String::new());
        for part in message["parts"].as_array().into_iter().flatten() {
            add(&mut text, part["text"].as_str().unwrap_or_default());
        }
        gather(params, &mut everything);
        Self {
            id: peer.to_owned(),
            text: clip(&text, MAX_BYTES),
            context_id: id("contextId"),
            message_id: id("messageId"),
            everything,
            answer: None,
        }
    }
}

/// Collects all strings, up to the bound. Files that are sent as base64 are decoded.
fn gather(value: &Value, into: &mut String) {
    match value {
        Value::String(text) => add(into, text),
        Value::Array(values) => values.iter().for_each(|value| gather(value, into)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let file = matches!(name.as_str(), "bytes" | "raw").then(|| value.as_str()).flatten();
                match file.and_then(|base64| STANDARD.decode(base64).ok()) {
                    Some(content) => add(into, &String::from_utf8_lossy(&content)),
                    None => gather(value, into),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Appends a line, as far as there is room.
fn add(into: &mut String, text: &str) {
    let room = MAX_BYTES.saturating_sub(into.len().saturating_add(1));
    if text.is_empty() || room == 0 {
        return;
    }
    if !into.is_empty() {
        into.push('\n');
    }
    into.push_str(start_of(text, room));
}

fn clip(text: &str, max: usize) -> String {
    start_of(text, max).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn keeps_everything_that_is_sent_along() {
        let params = json!({
            "message": {
                "messageId": "m1", "contextId": "c1", "role": "user",
                "parts": [
                    { "kind": "text", "text": "Will it rain?" },
                    { "kind": "file", "file": { "name": "a.txt", "bytes": "aGlzdG9yeQ==" } },
                    { "text": "Today?" },
                ],
            },
            "metadata": { "history": [{ "role": "user", "parts": [{ "text": "my name is Zorvane-4417" }] }], "n": 7 },
        });
        let inquiry = Inquiry::read("weather", &params);
        assert_eq!(inquiry.text, "Will it rain?\nToday?");
        assert_eq!((inquiry.context_id.as_deref(), inquiry.message_id.as_deref()), (Some("c1"), Some("m1")));
        for text in ["my name is Zorvane-4417", "history", "a.txt", "Today?"] {
            assert!(inquiry.everything.lines().any(|line| line == text), "{text}: {}", inquiry.everything);
        }
    }

    #[test]
    fn reads_nothing_from_invalid_messages() {
        for params in [json!(null), json!([1]), json!({ "message": { "parts": [7], "contextId": 3 } })] {
            assert_eq!(Inquiry::read("p", &params), Inquiry { id: "p".into(), ..Inquiry::default() });
        }
    }

    proptest! {
        #[test]
        fn keeps_a_bounded_number_of_bytes(texts in prop::collection::vec("\\PC{1,9}", 1..4), times in 1..20_000_usize) {
            let texts: Vec<_> = texts.iter().map(|text| json!({ "text": text.repeat(times) })).collect();
            let inquiry = Inquiry::read("p", &json!({ "message": { "parts": texts } }));
            prop_assert!(inquiry.everything.len() <= MAX_BYTES && inquiry.text.len() <= MAX_BYTES);
        }
    }
}
