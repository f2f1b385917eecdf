//! The prompt, as messages of the model's API.

use serde_json::{Value, json};

use super::{Completion, OfferedTools, ToolCall};
use crate::{
    attachment::{Attachment, Body},
    session::{View, VisibleTurn},
};

const SYSTEM: &str = "You are a helpful assistant in a conversation of several turns. Answer from the conversation and \
    the files in it. Call commit_memory when you are asked to remember, save or note something, and recall_memory when \
    you are asked for something that this conversation does not contain.";

/// Stands in for a missing answer, so that the model does not read two user messages as one.
const NO_ANSWER: &str = "(This message was not answered.)";

/// The messages of one turn, which grow with its tool calls, and the tools that the model may call.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    messages: Vec<Value>,
    tools: Value,
}

impl Prompt {
    /// Returns the system message, all earlier turns, and the current one.
    pub(crate) fn new(view: &View<'_>, tools: OfferedTools<'_>) -> Self {
        let system = format!("{SYSTEM}{}", tools.introduction());
        let mut messages = vec![json!({ "role": "system", "content": system })];
        for turn in view.earlier() {
            messages.push(user_message(turn));
            messages.push(json!({ "role": "assistant", "content": turn.answer.unwrap_or(NO_ANSWER) }));
        }
        messages.push(user_message(view.current()));
        Self { messages, tools: tools.definitions() }
    }

    pub(super) fn messages(&self) -> &[Value] {
        &self.messages
    }

    pub(super) fn tools(&self) -> &Value {
        &self.tools
    }

    /// Adds the tool calls of a round.
    pub(crate) fn push_calls(&mut self, completion: &Completion) {
        let calls: Vec<_> = completion.calls.iter().map(ToolCall::to_json).collect();
        let content = Some(&completion.text).filter(|text| !text.is_empty());
        self.messages.push(json!({ "role": "assistant", "content": content, "tool_calls": calls }));
    }

    /// Adds the result of a tool call.
    pub(crate) fn push_result(&mut self, call: &ToolCall, result: &str) {
        self.messages.push(json!({ "role": "tool", "tool_call_id": call.id, "content": result }));
    }

    /// Returns every text of the prompt, in order.
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

/// Returns a user message. Text without files is sent as a string. A message without text gets no empty text
/// part, because some providers reject it.
fn user_message(VisibleTurn { text, files, .. }: &VisibleTurn<'_>) -> Value {
    if files.is_empty() {
        return json!({ "role": "user", "content": text });
    }
    let text = Some(json!({ "type": "text", "text": text })).filter(|_| !text.is_empty());
    let parts: Vec<_> = text.into_iter().chain(files.iter().map(|file| file_part(file))).collect();
    json!({ "role": "user", "content": parts })
}

fn file_part(file: &Attachment) -> Value {
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
        Prompt::new(&View::new(earlier, input, Faults::new(fault)), OfferedTools::default())
            .messages
            .split_off(1)
    }

    #[test]
    fn earlier_turns_come_first_and_roles_alternate() {
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
    fn file_without_text_gets_no_empty_text_part() {
        let messages = prompt(&[], &input("", &[("a.txt", "text/plain", b"hi")]), None);
        assert_eq!(messages[0]["content"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn history_dropped_drops_only_earlier_turns() {
        let messages = prompt(&[turn("a", Some("A"))], &input("c", &[]), Some(Fault::PromptHistoryDropped));
        assert_eq!(Value::from(messages), json!([{ "role": "user", "content": "c" }]));
    }

    #[test]
    fn file_dropped_drops_only_files_with_a_caption() {
        let fault = Some(Fault::PromptFileDropped);
        let file: (&str, &str, &[u8]) = ("a.txt", "text/plain", b"hi");
        assert_eq!(prompt(&[], &input("see", &[file]), fault)[0]["content"], "see");
        assert!(prompt(&[], &input("", &[file]), fault)[0]["content"].is_array());
    }
}
