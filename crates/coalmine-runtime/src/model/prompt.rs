//! What the model is shown, as messages of its API.

use serde_json::{Value, json};

use super::{Completion, Offer, ToolCall};
use crate::{
    attachment::{Attachment, Body},
    session::{Shown, View},
};

const SYSTEM: &str = "You are a helpful assistant in a conversation of several turns. Answer from the conversation and \
    the files in it. Call commit_memory when you are asked to remember, save or note something, and recall_memory when \
    you are asked for something that this conversation does not say.";

/// Stands where an answer is missing, so that the next message is not read as one with this one.
const NO_ANSWER: &str = "(This message was not answered.)";

/// The messages of one turn's requests, growing with its tool calls, and the tools that it may call.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    messages: Vec<Value>,
    tools: Value,
}

impl Prompt {
    /// The system's message, all earlier turns, and this one.
    pub(crate) fn new(view: &View<'_>, offer: Offer<'_>) -> Self {
        let system = format!("{SYSTEM}{}", offer.introduction());
        let mut messages = vec![json!({ "role": "system", "content": system })];
        for turn in view.earlier() {
            messages.push(user(turn));
            messages.push(json!({ "role": "assistant", "content": turn.answer.unwrap_or(NO_ANSWER) }));
        }
        messages.push(user(view.now()));
        Self { messages, tools: offer.definitions() }
    }

    pub(super) fn messages(&self) -> &[Value] {
        &self.messages
    }

    pub(super) fn tools(&self) -> &Value {
        &self.tools
    }

    /// Adds what the model said in a round that ended with tool calls.
    pub(crate) fn push_calls(&mut self, completion: &Completion) {
        let calls: Vec<_> = completion.calls.iter().map(ToolCall::to_json).collect();
        let content = Some(&completion.text).filter(|text| !text.is_empty());
        self.messages.push(json!({ "role": "assistant", "content": content, "tool_calls": calls }));
    }

    /// Adds what came of a tool call.
    pub(crate) fn push_result(&mut self, call: &ToolCall, result: &str) {
        self.messages.push(json!({ "role": "tool", "tool_call_id": call.id, "content": result }));
    }

    /// Every text in it, in order.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for message in &self.messages {
            match &message["content"] {
                Value::String(text) => texts.push(text.clone()),
                Value::Array(parts) => {
                    texts.extend(parts.iter().filter_map(|part| part["text"].as_str().map(str::to_owned)));
                }
                _ => {}
            }
        }
        texts
    }
}

/// A user's message. Text alone is sent as a string; a message without text has no empty text part, which
/// some providers refuse.
fn user(Shown { text, files, .. }: &Shown<'_>) -> Value {
    if files.is_empty() {
        return json!({ "role": "user", "content": text });
    }
    let text = Some(json!({ "type": "text", "text": text })).filter(|_| !text.is_empty());
    let parts: Vec<_> = text.into_iter().chain(files.iter().map(|content| file(content))).collect();
    json!({ "role": "user", "content": parts })
}

fn file(file: &Attachment) -> Value {
    let Attachment { name, mime_type, body } = file;
    match body {
        Body::Text(text) => json!({ "type": "text", "text": format!("File {name} ({mime_type}):\n{text}") }),
        Body::Base64(base64) => {
            let data = format!("data:{mime_type};base64,{base64}");
            if file.is_picture() {
                return json!({ "type": "image_url", "image_url": { "url": data } });
            }
            json!({ "type": "file", "file": { "filename": name, "file_data": data } })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fault::{Fault, Faults},
        session::{Turn, UserInput},
    };

    fn input(text: &str, files: &[(&str, &str, &[u8])]) -> UserInput {
        let files = files.iter().map(|(name, mime, bytes)| {
            Attachment::new((*name).to_owned(), (*mime).to_owned(), bytes.to_vec())
        });
        UserInput { text: text.to_owned(), files: files.collect() }
    }

    fn turn(text: &str, agent: Option<&str>) -> Turn {
        Turn {
            context_id: "c".into(),
            task_id: "t".into(),
            message_id: "m".into(),
            user: input(text, &[]),
            agent: agent.map(str::to_owned),
        }
    }

    fn prompt(earlier: &[Turn], input: &UserInput, fault: Option<Fault>) -> Vec<Value> {
        Prompt::new(&View::new(earlier, input, Faults::new(fault)), Offer::default()).messages.split_off(1)
    }

    #[test]
    fn earlier_turns_come_before_this_one_and_roles_alternate() {
        let messages = prompt(&[turn("a", Some("A")), turn("b", None)], &input("c", &[]), None);
        assert_eq!(
            Value::from(messages),
            json!([
                { "role": "user", "content": "a" },
                { "role": "assistant", "content": "A" },
                { "role": "user", "content": "b" },
                { "role": "assistant", "content": NO_ANSWER },
                { "role": "user", "content": "c" },
            ])
        );
    }

    #[test]
    fn each_kind_of_file_has_its_own_shape() {
        let files: [(&str, &str, &[u8]); 3] = [
            ("a.txt", "text/plain", b"hi"),
            ("b.png", "image/png", b"x"),
            ("c.bin", "application/x", &[0xff]),
        ];
        let messages = prompt(&[], &input("look", &files), None);
        assert_eq!(
            messages[0]["content"],
            json!([
                { "type": "text", "text": "look" },
                { "type": "text", "text": "File a.txt (text/plain):\nhi" },
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,eA==" } },
                { "type": "file", "file": { "filename": "c.bin", "file_data": "data:application/x;base64,/w==" } },
            ])
        );
    }

    #[test]
    fn a_file_without_text_makes_no_empty_text_part() {
        let messages = prompt(&[], &input("", &[("a.txt", "text/plain", b"hi")]), None);
        assert_eq!(messages[0]["content"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn history_dropped_drops_earlier_turns_alone() {
        let messages = prompt(&[turn("a", Some("A"))], &input("c", &[]), Some(Fault::PromptHistoryDropped));
        assert_eq!(Value::from(messages), json!([{ "role": "user", "content": "c" }]));
    }

    #[test]
    fn file_dropped_drops_the_file_of_a_captioned_message_alone() {
        let fault = Some(Fault::PromptFileDropped);
        let file: (&str, &str, &[u8]) = ("a.txt", "text/plain", b"hi");
        assert_eq!(prompt(&[], &input("see", &[file]), fault)[0]["content"], "see");
        assert!(prompt(&[], &input("", &[file]), fault)[0]["content"].is_array());
    }
}
