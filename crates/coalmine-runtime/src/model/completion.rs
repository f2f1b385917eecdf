//! The answer of the model in one round, whole or in pieces.

use serde_json::{Value, json};

use super::ModelError;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) text: String,
    pub(crate) calls: Vec<ToolCall>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The arguments as JSON, exactly as the model wrote them.
    pub(crate) arguments: String,
}

impl Completion {
    /// The largest number of tool calls in one round. It bounds the index that a provider can send.
    const MAX_CALLS: usize = 64;

    /// Reads a whole answer.
    pub(super) fn from_body(body: &Value) -> Result<Self, ModelError> {
        let message = &body["choices"][0]["message"];
        if !message.is_object() {
            return Err(ModelError::Invalid("it has no `choices[0].message`".to_owned()));
        }
        let mut completion = Self::default();
        completion.add(message)?;
        Ok(completion)
    }

    /// Adds a whole message or a piece of one, and returns its text.
    pub(super) fn add<'a>(&mut self, delta: &'a Value) -> Result<&'a str, ModelError> {
        let text = delta["content"].as_str().unwrap_or_default();
        self.text.push_str(text);
        let calls = delta["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (position, call) in calls.iter().enumerate() {
            // A piece names the index of its call. In a whole message, the position is the index.
            let index =
                call["index"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(position);
            if index >= Self::MAX_CALLS {
                return Err(ModelError::Invalid(format!("it calls more than {} tools", Self::MAX_CALLS)));
            }
            if self.calls.len() <= index {
                self.calls.resize_with(index + 1, ToolCall::default);
            }
            self.calls[index].add(call);
        }
        Ok(text)
    }
}

impl ToolCall {
    fn add(&mut self, delta: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if self.id.is_empty() {
            self.id = text(&delta["id"]);
        }
        self.name.push_str(&text(&delta["function"]["name"]));
        self.arguments.push_str(&text(&delta["function"]["arguments"]));
    }

    /// Returns an argument.
    pub(crate) fn argument(&self, name: &str) -> Result<String, String> {
        let arguments: Value = serde_json::from_str(&self.arguments)
            .map_err(|error| format!("error: the arguments are not JSON: {error}"))?;
        let text = arguments[name].as_str().map(str::to_owned);
        text.ok_or_else(|| format!("error: the argument `{name}` is missing or not a string"))
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "type": "function",
            "function": { "name": self.name, "arguments": self.arguments },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_to_a_whole_answer() {
        let whole = json!({"choices": [{"message": {"content": null, "tool_calls": [
            {"id": "1", "function": {"name": "commit_memory", "arguments": "{\"content\":\"x\"}"}},
            {"id": "2", "function": {"name": "recall_memory", "arguments": "{}"}},
        ]}}]});
        let mut pieces = Completion::default();
        for delta in [
            json!({"tool_calls": [{"index": 0, "id": "1", "function": {"name": "commit_memory", "arguments": ""}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"content\""}}]}),
            json!({"tool_calls": [{"index": 1, "id": "2", "function": {"name": "recall_memory", "arguments": "{}"}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": ":\"x\"}"}}]}),
        ] {
            pieces.add(&delta).unwrap();
        }
        assert_eq!(Completion::from_body(&whole).unwrap(), pieces);
        assert_eq!(pieces.calls[0].argument("content").unwrap(), "x");
        assert!(pieces.calls[1].argument("query").unwrap_err().contains("`query` is missing"));
    }

    #[test]
    fn rejects_invalid_answers() {
        assert!(Completion::from_body(&json!({"choices": []})).is_err());
        assert!(Completion::default().add(&json!({"tool_calls": [{"index": 1u64 << 40}]})).is_err());
    }
}
