//! Messages, independent of the dialect.

use serde_json::{Map, Value};

/// A message as it came in, with the ids that the client asked for.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) message_id: String,
    pub(crate) context_id: Option<String>,
    pub(crate) task_id: Option<String>,
    pub(crate) parts: Vec<Part>,
    /// The version of the protocol that the message used. Only a fault depends on it.
    pub(crate) version: &'static str,
    /// `metadata`, `extensions` and `referenceTaskIds`, which only come back with the history.
    pub(crate) extras: Map<String, Value>,
}

/// A message that belongs to a task.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) role: Role,
    pub(crate) context_id: String,
    pub(crate) task_id: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) extras: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Agent,
}

#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) content: Content,
    pub(crate) metadata: Option<Value>,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text(String),
    Data(Value),
    File(FilePart),
}

#[derive(Clone, Debug)]
pub(crate) struct FilePart {
    pub(crate) name: Option<String>,
    pub(crate) mime_type: Option<String>,
    pub(crate) source: Source,
}

/// The place of a file's content.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// The content itself, as base64 that was checked when the message was read.
    Inline(String),
    /// The URI of the content.
    Link(String),
}

impl Incoming {
    /// Returns all text parts and, as JSON, all data parts, one per line.
    pub(crate) fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match &part.content {
            Content::Text(text) => Some(text.clone()),
            Content::Data(data) => Some(data.to_string()),
            Content::File(_) => None,
        });
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Returns the files, in order.
    pub(crate) fn files(&self) -> impl Iterator<Item = &FilePart> {
        self.parts.iter().filter_map(|part| match &part.content {
            Content::File(file) => Some(file),
            Content::Text(_) | Content::Data(_) => None,
        })
    }

    /// Returns whether the message names or references a task.
    pub(crate) fn follows_up(&self) -> bool {
        let references = self.extras.get("referenceTaskIds").and_then(Value::as_array);
        self.task_id.is_some() || references.is_some_and(|ids| !ids.is_empty())
    }

    /// Returns about how many bytes the message takes in memory.
    pub(crate) fn size(&self) -> usize {
        let part_size = |part: &Part| match &part.content {
            Content::Text(text) => text.len(),
            Content::Data(data) => data.to_string().len(),
            Content::File(FilePart { source: Source::Inline(text) | Source::Link(text), .. }) => text.len(),
        };
        self.parts.iter().map(part_size).sum()
    }

    /// Returns the message as part of a task.
    pub(crate) fn to_message(&self, context_id: &str, task_id: &str) -> Message {
        Message {
            id: self.message_id.clone(),
            role: Role::User,
            context_id: context_id.to_owned(),
            task_id: task_id.to_owned(),
            parts: self.parts.clone(),
            extras: self.extras.clone(),
        }
    }
}

impl Message {
    /// Returns a message of the agent about a task.
    pub(crate) fn from_agent(context_id: &str, task_id: &str, text: String) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            role: Role::Agent,
            context_id: context_id.to_owned(),
            task_id: task_id.to_owned(),
            parts: vec![Part { content: Content::Text(text), metadata: None }],
            extras: Map::new(),
        }
    }
}
