//! What reached the model and what it answered, independent of any provider's dialect.

mod request;
mod file;
mod tool;
mod thread;
mod weight;

pub use file::{Arrival, PromptFile};
pub use request::{RequestKind, ResponseFormat};
use serde::Serialize;
pub use thread::{ItemReference, Thread};
pub use tool::{ToolCall, ToolChoice, ToolOffer};
pub(crate) use weight::of_text;

/// The tool that takes the answer in frameworks whose models must always call one (smolagents).
pub(crate) const FINAL_ANSWER: &str = "final_answer";

/// The beginnings of results that say that a tool failed.
const ERRORS: [&str; 7] = [
    "error:",
    "error\":",
    "error executing",
    "error invoking",
    "traceback (most recent",
    "exception:",
    "error in ",
];

/// The usual proportion, used to count tokens and to cut answers.
pub(crate) const BYTES_PER_TOKEN: usize = 4;

/// Everything that a runtime sent to the model in one call.
///
/// The journal's keys are stable, so fields with another name carry them in an attribute.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Prompt {
    /// The name of the requested model.
    pub model: String,
    /// All messages in order, including system messages.
    pub messages: Vec<Message>,
    /// The tools that the model may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolOffer>,
    /// Functions that the model may call by writing code; the instructions list them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<ToolOffer>,
    /// Whether the model may, must or must not call tools.
    #[serde(skip_serializing_if = "ToolChoice::is_auto")]
    pub tool_choice: ToolChoice,
    /// Texts before which the answer ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// The length in tokens at which an answer is cut.
    #[serde(rename = "most_tokens", skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<usize>,
    /// The format that the answer must have.
    #[serde(rename = "form", skip_serializing_if = "ResponseFormat::is_text")]
    pub response_format: ResponseFormat,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// Whether a stream ends with a usage chunk.
    #[serde(skip)]
    pub stream_usage: bool,
    /// How the prompt continues what the vendor has stored, if the vendor stores anything.
    #[serde(skip)]
    pub thread: Option<Thread>,
    /// What is requested of the model: nearly always an answer.
    #[serde(rename = "wanted", skip_serializing_if = "RequestKind::is_answer")]
    pub request_kind: RequestKind,
}

/// The author of a message in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The instructions.
    System,
    /// The user, or the runtime on the user's behalf.
    User,
    /// The model.
    Assistant,
    /// A tool that was called; the message is its result.
    Tool,
}

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// The author.
    pub role: Role,
    /// All text, with parts joined by line breaks.
    pub text: String,
    /// Files, apart from the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PromptFile>,
    /// Tools that the model called in this message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// Whether the message is the result of a tool that failed, as far as the request or the result says so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
}

/// What the model answers: text, tool calls, or both.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Answer {
    /// The text; usually empty if tools are called.
    pub text: String,
    /// The tools to call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
}

impl Message {
    /// Creates a message of plain text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), files: vec![], calls: vec![], is_error: false }
    }

    /// Returns whether the text says that a tool failed, for vendors that have no field for it.
    fn reports_error(&self) -> bool {
        let text = self.text.trim_start();
        let text = text
            .strip_prefix("Observation:")
            .unwrap_or(text)
            .trim_start_matches(['{', '[', '"', '\'', ' ', '\n']);
        let is_beginning = |known: &str| {
            text.get(..known.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(known))
        };
        ERRORS.into_iter().any(is_beginning)
    }

    /// Returns the text of the message and of all its files, line by line.
    pub fn readable(&self) -> String {
        join_texts([self])
    }
}

/// Joins the texts of messages and of all their files, line by line.
fn join_texts<'a>(messages: impl IntoIterator<Item = &'a Message>) -> String {
    let mut all = String::new();
    for (index, message) in messages.into_iter().enumerate() {
        if index > 0 {
            all.push('\n');
        }
        all.push_str(&message.text);
        for file in &message.files {
            for text in [file.name.as_deref().unwrap_or_default(), &file.text] {
                if !text.is_empty() {
                    all.push('\n');
                    all.push_str(text);
                }
            }
        }
    }
    all
}

impl Prompt {
    /// Marks the results of tools that say that their tool failed.
    pub(crate) fn mark_failed_results(&mut self) {
        for message in &mut self.messages {
            message.is_error |= message.role == Role::Tool && message.reports_error();
        }
    }

    /// Returns the beginning of the answer, if the prompt gives it: a last message of the model.
    pub fn prefill(&self) -> Option<&str> {
        let last = self.messages.last().filter(|m| m.role == Role::Assistant && m.calls.is_empty());
        last.map(|m| m.text.as_str())
    }

    /// Returns the index at which the question begins: after the last message in which the model gave a final
    /// answer.
    fn question_start(&self) -> usize {
        let last_answer = (0..self.messages.len()).rfind(|index| self.is_final_answer(*index));
        last_answer.map_or(0, |index| index.saturating_add(1))
    }

    /// Returns whether a message is a final answer of the model. A message that only calls tools is not,
    /// unless it calls `final_answer` and the user says something later; nor is the given beginning of an
    /// answer.
    fn is_final_answer(&self, index: usize) -> bool {
        let Some((message, later)) = self.messages.get(index..).and_then(<[Message]>::split_first) else {
            return false;
        };
        if message.role != Role::Assistant {
            return false;
        }
        if message.calls.is_empty() {
            // a runtime that drops tool calls leaves an empty message before the result
            let dropped_calls =
                message.text.is_empty() && later.first().is_some_and(|next| next.role == Role::Tool);
            return !later.is_empty() && !dropped_calls;
        }
        message.calls.iter().any(|call| call.name == FINAL_ANSWER)
            && later.iter().any(|message| message.role == Role::User)
    }

    /// Returns the offered tools that the tool choice allows the model to call.
    pub fn callable(&self) -> impl Iterator<Item = &ToolOffer> {
        self.tools.iter().filter(|tool| match &self.tool_choice {
            ToolChoice::None => false,
            ToolChoice::Named(name) => tool.name == *name,
            ToolChoice::Auto | ToolChoice::Required => true,
        })
    }

    /// Returns whether the instructions contain a text.
    pub(crate) fn instructions_contain(&self, text: &str) -> bool {
        self.messages.iter().any(|message| message.role == Role::System && message.text.contains(text))
    }

    /// Returns everything that the model can call, as a tool or in code.
    pub fn offers(&self) -> impl Iterator<Item = &ToolOffer> {
        self.tools.iter().chain(&self.functions)
    }

    fn since_question(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().skip(self.question_start())
    }

    /// Returns the question: all user text, including files, after the last final answer of the model.
    pub fn question(&self) -> String {
        join_texts(self.since_question().filter(|m| m.role == Role::User))
    }

    /// Returns the text of all messages in order, including files.
    pub fn everything(&self) -> String {
        join_texts(&self.messages)
    }

    /// Returns everything except the question: system messages, earlier turns, tool results.
    #[cfg(test)]
    pub(crate) fn context(&self) -> String {
        let start = self.question_start();
        let rest =
            self.messages.iter().enumerate().filter(|(index, m)| *index < start || m.role != Role::User);
        join_texts(rest.map(|(_, m)| m))
    }

    /// Returns the calls of tools since the question was asked.
    pub fn calls_since_question(&self) -> impl Iterator<Item = &ToolCall> {
        self.since_question().flat_map(|m| &m.calls)
    }

    /// Returns the calls of tools since the first of the question's messages that asks what is meant; all of the question
    /// asks it if no single message does. Before that message stand calls for another question, whose answer is lost.
    pub(crate) fn calls_since(&self, asks: impl Fn(&str) -> bool) -> impl Iterator<Item = &ToolCall> {
        let is_asking = |message: &&Message| message.role == Role::User && asks(&message.readable());
        let before = self.since_question().position(|message| is_asking(&message)).unwrap_or_default();
        self.since_question().skip(before).flat_map(|message| &message.calls)
    }

    /// Returns the results of tools since the question was asked.
    pub fn results_since_question(&self) -> impl Iterator<Item = &Message> {
        self.since_question().filter(|m| m.role == Role::Tool)
    }

    /// Returns whether any message holds the text, in its own text, in a file or in a file name.
    pub fn contains(&self, needle: &str) -> bool {
        self.messages.iter().any(|m| {
            m.text.contains(needle)
                || m.files.iter().any(|file| {
                    file.text.contains(needle) || file.name.as_deref().is_some_and(|n| n.contains(needle))
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(messages: &[(Role, &str)]) -> Prompt {
        let messages = messages.iter().map(|(role, text)| Message::text(*role, *text)).collect();
        Prompt { messages, ..Prompt::default() }
    }

    fn with_call(mut prompt: Prompt, index: usize, tool: &str) -> Prompt {
        let call = ToolCall { id: "c".into(), name: tool.into(), arguments: serde_json::Value::Null };
        prompt.messages[index].calls.push(call);
        prompt
    }

    #[test]
    fn question_starts_after_the_last_answer() {
        let conversation = prompt(&[
            (Role::System, "be brief"),
            (Role::User, "my name is Zorvane-4417"),
            (Role::Assistant, "Noted."),
            (Role::User, "What is"),
            (Role::User, "my name?"),
        ]);
        assert_eq!(conversation.question(), "What is\nmy name?");
        assert_eq!(conversation.context(), "be brief\nmy name is Zorvane-4417\nNoted.");
    }

    #[test]
    fn tool_calls_do_not_end_a_question() {
        let messages =
            [(Role::User, "color?"), (Role::Assistant, ""), (Role::Tool, "teal"), (Role::User, "go on")];
        let called = with_call(prompt(&messages), 1, "recall");
        assert_eq!(called.question(), "color?\ngo on");
        assert_eq!(called.calls_since_question().count(), 1);
        assert_eq!(called.results_since_question().next().unwrap().text, "teal");
        assert_eq!(prompt(&messages).question(), "color?\ngo on", "the runtime dropped the call");
    }

    #[test]
    fn final_answer_ends_a_question_once_the_user_goes_on() {
        let messages =
            [(Role::User, "color?"), (Role::Assistant, ""), (Role::Tool, "teal"), (Role::User, "name?")];
        assert_eq!(with_call(prompt(&messages), 1, FINAL_ANSWER).question(), "name?");
        assert_eq!(with_call(prompt(&messages[..3]), 1, FINAL_ANSWER).question(), "color?");
    }

    #[test]
    fn prefill_does_not_end_a_question() {
        let begun = prompt(&[(Role::User, "name?"), (Role::Assistant, "Your name is")]);
        assert_eq!((begun.question().as_str(), begun.prefill()), ("name?", Some("Your name is")));
    }

    #[test]
    fn tool_choice_limits_callable_tools() {
        let offer = |name: &str| ToolOffer { name: name.into(), parameters: serde_json::Value::Null };
        let callable = |tool_choice| {
            let prompt = Prompt { tools: vec![offer("a"), offer("b")], tool_choice, ..Prompt::default() };
            prompt.callable().map(|tool| tool.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(callable(ToolChoice::Auto), ["a", "b"]);
        assert_eq!(callable(ToolChoice::Required), ["a", "b"]);
        assert_eq!(callable(ToolChoice::Named("b".into())), ["b"]);
        assert!(callable(ToolChoice::None).is_empty());
    }

    #[test]
    fn files_are_part_of_the_text() {
        let mut sent = prompt(&[(Role::User, "see")]);
        let file = PromptFile::with_content(Arrival::Inline, b"code 42".to_vec());
        sent.messages[0].files.push(file.named(Some("a.txt".into()), None));
        assert_eq!(sent.question(), "see\na.txt\ncode 42");
        assert!(sent.contains("a.txt") && sent.contains("code 42") && !sent.contains("code 43"));
    }

    #[test]
    fn results_of_failed_tools_are_marked() {
        for (text, is_error) in [
            ("Error: `action` is missing", true),
            (r#"{"error": "no such action"}"#, true),
            ("Error executing tool memory: 1 validation error", true),
            ("Traceback (most recent call last):", true),
            ("The error: none", false),
            ("errors are rare", false),
            ("", false),
        ] {
            let mut sent = prompt(&[(Role::Tool, text), (Role::User, text)]);
            sent.mark_failed_results();
            assert_eq!((sent.messages[0].is_error, sent.messages[1].is_error), (is_error, false), "{text}");
        }
    }

    #[test]
    fn keys_in_the_journal_are_stable() {
        let prompt = Prompt {
            max_tokens: Some(9),
            response_format: ResponseFormat::Json,
            request_kind: RequestKind::Tokens,
            ..prompt(&[(Role::User, "hi")])
        };
        let expected = serde_json::json!({
            "model": "", "messages": [{"role": "user", "text": "hi"}], "most_tokens": 9, "form": "json",
            "stream": false, "wanted": "tokens",
        });
        assert_eq!(serde_json::to_value(&prompt).unwrap(), expected);
    }
}
