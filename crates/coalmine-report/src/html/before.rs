//! What reached the model last in a conversation.

use super::journal::{Call, Message, ToolCall};

/// The role of the model, as the journal names it.
const ASSISTANT: &str = "assistant";

/// What reached the model last in a conversation.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Where that was, such as `turn 1`.
    pub(super) place: String,
    pub(super) messages: Vec<Kept>,
}

/// A message, or the answer after the last one.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) role: String,
    pub(super) text: String,
    /// The text with what came beside it.
    pub(super) whole: String,
}

impl Kept {
    /// Returns the answer to a prompt.
    pub(super) fn answer(text: &str, calls: &[ToolCall]) -> Self {
        Self { role: ASSISTANT.to_owned(), text: text.to_owned(), whole: with_calls(text, calls) }
    }
}

impl Before {
    pub(super) fn of(place: String, call: &Call) -> Self {
        let messages = call.prompt.as_ref().map_or(&[][..], |prompt| &prompt.messages);
        let answer = call.answer.as_ref().map(|answer| Kept::answer(&answer.text, &answer.calls));
        Self::new(place, messages, answer)
    }

    pub(super) fn new(place: String, messages: &[Message], answer: Option<Kept>) -> Self {
        let kept = |message: &Message| Kept {
            role: message.role.clone(),
            text: message.text.clone(),
            whole: readable(message),
        };
        Self { place, messages: messages.iter().map(kept).chain(answer).collect() }
    }
}

/// Returns the text of a message with what came beside the text.
pub(super) fn readable(message: &Message) -> String {
    let mut text = with_calls(&message.text, &message.calls);
    for file in &message.files {
        let name = file.name.as_deref().or(file.mime.as_deref()).unwrap_or("file");
        let head: String = file.text.chars().take(200).collect();
        add_line(&mut text, &format!("[{name}, {} bytes, {}] {head}", file.bytes, file.arrived));
    }
    text
}

fn with_calls(text: &str, calls: &[ToolCall]) -> String {
    let mut text = text.to_owned();
    for call in calls {
        add_line(&mut text, &format!("→ calls {} {}", call.name, call.arguments));
    }
    text
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}
