//! What reached the model and what it answered, free of any provider's dialect.

mod file;
mod thread;
mod tool;
mod wish;

pub use file::{Arrival, PromptFile};
use serde::Serialize;
pub use thread::Thread;
pub use tool::{ToolCall, ToolChoice, ToolOffer};
pub use wish::{Form, Wanted};

/// The tool by which a model answers where it must call one (smolagents).
pub(crate) const FINAL_ANSWER: &str = "final_answer";

/// The usual proportion, by which tokens are counted and answers are cut.
pub(crate) const BYTES_A_TOKEN: usize = 4;

/// Everything that a runtime put before the model in one call.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Prompt {
    /// The model that was asked for.
    pub model: String,
    /// In order; system messages too.
    pub messages: Vec<Message>,
    /// The tools that the model may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolOffer>,
    /// Functions that the model may call by writing code; its instructions tell them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<ToolOffer>,
    /// Whether it may, must or must not.
    #[serde(skip_serializing_if = "ToolChoice::is_auto")]
    pub tool_choice: ToolChoice,
    /// Words before which the answer ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// The length in tokens at which an answer is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_tokens: Option<usize>,
    /// The form that the answer must have.
    #[serde(skip_serializing_if = "Form::is_words")]
    pub form: Form,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// Whether a stream is to end with a usage chunk.
    #[serde(skip)]
    pub stream_usage: bool,
    /// How it goes on with what the vendor has kept, where the vendor keeps anything.
    #[serde(skip)]
    pub thread: Option<Thread>,
    /// What is wanted of the model; nearly always an answer.
    #[serde(skip_serializing_if = "Wanted::is_answer")]
    pub wanted: Wanted,
}

/// Who speaks in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions.
    System,
    /// The user, or whatever the runtime says in the user's name.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
}

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// All text, parts joined by line breaks.
    pub text: String,
    /// Files that came as such.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PromptFile>,
    /// Tools that the model called here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
}

/// What the model answers: words, or calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Answer {
    /// Words; empty where tools are called.
    pub text: String,
    /// Tools to call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
}

impl Message {
    /// A message of plain text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), files: vec![], calls: vec![] }
    }

    /// Text and the text of all files, for looking something up.
    pub fn readable(&self) -> String {
        texts([self])
    }
}

/// Texts and the texts of all files, line by line.
fn texts<'a>(messages: impl IntoIterator<Item = &'a Message>) -> String {
    let mut all = String::new();
    for (at, message) in messages.into_iter().enumerate() {
        if at > 0 {
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
    /// The beginning of the answer, where it is given: a message of the model that stands last.
    pub fn prefill(&self) -> Option<&str> {
        let last = self.messages.last().filter(|m| m.role == Role::Assistant && m.calls.is_empty());
        last.map(|m| m.text.as_str())
    }

    /// Where the question begins: after the last turn in which the model said something final. A message in which it
    /// only called tools ends nothing, unless it called `final_answer` and the user went on; nor does a beginning of its
    /// answer that it is given.
    fn question_start(&self) -> usize {
        let is_final = |at: usize, m: &Message| {
            let answers = || m.calls.iter().any(|call| call.name == FINAL_ANSWER);
            let goes_on = || self.messages[at + 1..].iter().any(|later| later.role == Role::User);
            let is_over = || at + 1 < self.messages.len();
            let lost_its_calls =
                || m.text.is_empty() && self.messages.get(at + 1).is_some_and(|next| next.role == Role::Tool);
            m.role == Role::Assistant
                && ((m.calls.is_empty() && is_over() && !lost_its_calls()) || (answers() && goes_on()))
        };
        let last = self.messages.iter().enumerate().rfind(|(at, m)| is_final(*at, m));
        last.map_or(0, |(at, _)| at + 1)
    }

    /// The offered tools that the model is free to call.
    pub fn callable(&self) -> impl Iterator<Item = &ToolOffer> {
        self.tools.iter().filter(|tool| match &self.tool_choice {
            ToolChoice::None => false,
            ToolChoice::Named(name) => tool.name == *name,
            ToolChoice::Auto | ToolChoice::Required => true,
        })
    }

    /// Everything that can be called, as a tool or in code.
    pub fn offers(&self) -> impl Iterator<Item = &ToolOffer> {
        self.tools.iter().chain(&self.functions)
    }

    /// All user text, files included, after the last final answer of the model.
    pub fn question(&self) -> String {
        texts(self.messages[self.question_start()..].iter().filter(|m| m.role == Role::User))
    }

    /// Everything that is said, in order, whoever says it; files included.
    pub fn everything(&self) -> String {
        texts(&self.messages)
    }

    /// Everything but the question: system messages, earlier turns, tool results.
    #[cfg(test)]
    pub(crate) fn memory(&self) -> String {
        let start = self.question_start();
        let rest = self.messages.iter().enumerate().filter(|(at, m)| *at < start || m.role != Role::User);
        texts(rest.map(|(_, m)| m))
    }

    /// The tools called since the question was asked.
    pub fn calls_since_question(&self) -> impl Iterator<Item = &ToolCall> {
        self.messages[self.question_start()..].iter().flat_map(|m| &m.calls)
    }

    /// Results of tools that came back since the question was asked.
    pub fn results_since_question(&self) -> impl Iterator<Item = &Message> {
        self.messages[self.question_start()..].iter().filter(|m| m.role == Role::Tool)
    }

    /// Whether any message, whoever speaks, holds the text.
    pub fn contains(&self, needle: &str) -> bool {
        self.messages.iter().any(|m| {
            m.text.contains(needle)
                || m.files.iter().any(|file| {
                    file.text.contains(needle) || file.name.as_deref().is_some_and(|n| n.contains(needle))
                })
        })
    }
}
