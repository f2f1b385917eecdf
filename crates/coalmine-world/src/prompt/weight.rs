//! How many bytes a prompt and its answer take in memory, which may be many times the length of the request.

use std::mem::size_of;

use serde_json::Value;

use super::{Answer, Message, Prompt, PromptFile, ResponseFormat, ToolCall, ToolChoice, ToolOffer};

/// The bytes that a JSON object takes beyond its fields, and each field beyond its key and its value.
const OBJECT: usize = 200;
const FIELD: usize = size_of::<String>() + 2 * size_of::<usize>();

impl Prompt {
    /// Returns the bytes that the prompt takes.
    pub(crate) fn weight(&self) -> usize {
        let messages = self.messages.iter().map(Message::weight).sum::<usize>();
        let stop = self.stop.iter().map(|text| of_text(text)).sum::<usize>();
        let format = match &self.response_format {
            ResponseFormat::Schema(schema) => of_value(schema),
            ResponseFormat::Text | ResponseFormat::Json => 0,
        };
        let choice = match &self.tool_choice {
            ToolChoice::Named(name) => name.len(),
            ToolChoice::Auto | ToolChoice::None | ToolChoice::Required => 0,
        };
        let previous = self.thread.as_ref().and_then(|thread| thread.previous_response.as_ref());
        let names = [self.model.len(), choice, previous.map_or(0, String::len)].iter().sum::<usize>();
        [size_of::<Self>(), names, messages, self.weight_of_tools(), stop, format].iter().sum()
    }

    /// Returns the bytes that the offered tools take.
    pub(crate) fn weight_of_tools(&self) -> usize {
        self.offers().map(ToolOffer::weight).sum()
    }
}

impl Message {
    /// Returns the bytes that the message takes.
    pub(crate) fn weight(&self) -> usize {
        let files = self.files.iter().map(PromptFile::weight).sum::<usize>();
        let calls = self.calls.iter().map(ToolCall::weight).sum::<usize>();
        [size_of::<Self>(), self.text.len(), files, calls].iter().sum()
    }
}

impl PromptFile {
    fn weight(&self) -> usize {
        let names = [&self.name, &self.mime].into_iter().flatten().map(String::len).sum::<usize>();
        [size_of::<Self>(), self.text.len(), names].iter().sum()
    }
}

impl ToolOffer {
    fn weight(&self) -> usize {
        [size_of::<Self>(), self.name.len(), of_value(&self.parameters)].iter().sum()
    }
}

impl ToolCall {
    fn weight(&self) -> usize {
        [size_of::<Self>(), self.id.len(), self.name.len(), of_value(&self.arguments)].iter().sum()
    }
}

impl Answer {
    /// Returns the bytes that the answer takes.
    pub(crate) fn weight(&self) -> usize {
        let calls = self.calls.iter().map(ToolCall::weight).sum::<usize>();
        [size_of::<Self>(), self.text.len(), calls].iter().sum()
    }
}

/// Returns the bytes that a text takes.
pub(crate) fn of_text(text: &str) -> usize {
    size_of::<String>().saturating_add(text.len())
}

fn of_value(value: &Value) -> usize {
    let inside = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(of_value).sum(),
        Value::Object(fields) => {
            let field =
                |(key, value): (&String, &Value)| [FIELD, key.len(), of_value(value)].iter().sum::<usize>();
            fields.iter().map(field).sum::<usize>().saturating_add(OBJECT)
        }
    };
    size_of::<Value>().saturating_add(inside)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Arrival, Role};

    #[test]
    fn texts_weigh_their_length_and_small_values_more() {
        let text =
            Prompt { messages: vec![Message::text(Role::User, "x".repeat(10_000))], ..Prompt::default() };
        assert!((10_000..11_000).contains(&text.weight()), "{}", text.weight());
        let parameters: Vec<_> = (0..1_000).map(|_| json!({ "a": 1 })).collect();
        let tool = ToolOffer { name: "f".into(), parameters: parameters.into() };
        let small = Prompt { tools: vec![tool], ..Prompt::default() };
        assert!((300_000..600_000).contains(&small.weight()), "{}", small.weight());
    }

    #[test]
    fn files_and_calls_weigh_too() {
        let mut message = Message::text(Role::User, "");
        message.files.push(PromptFile::with_content(Arrival::Inline, vec![b'x'; 5_000]));
        let call = ToolCall { id: "i".into(), name: "f".into(), arguments: "y".repeat(3_000).into() };
        message.calls.push(call.clone());
        assert!((8_000..9_000).contains(&message.weight()), "{}", message.weight());
        assert!(Answer { text: String::new(), calls: vec![call] }.weight() > 3_000);
    }
}
