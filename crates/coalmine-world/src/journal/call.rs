//! What is written down of one call.

use std::sync::Weak;

use serde::Serialize;

use crate::{Answer, Inquiry, ModelFault, Prompt, PromptFile, ToolCall};

/// One call.
#[derive(Debug, Serialize)]
pub struct Call {
    /// Position among all calls, from 0.
    pub seq: u64,
    /// Milliseconds since the world began.
    pub at_ms: u64,
    /// What was called.
    pub kind: Kind,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Length of the request body in bytes.
    pub bytes: usize,
    /// What was said, as far as it was understood.
    #[serde(flatten)]
    pub said: Said,
}

impl Call {
    /// Whether the model's answer is on its way out: begun, and neither whole nor given up by the runtime.
    pub fn is_on_its_way(&self) -> bool {
        self.said.on_its_way.strong_count() > 0
    }

    /// Whether a prompt holds a text, whoever says it; no call holds the empty text.
    pub fn holds(&self, text: &str) -> bool {
        !text.is_empty() && self.said.prompt.as_ref().is_some_and(|prompt| prompt.contains(text))
    }

    /// The bytes that a call holds in memory: those of its body, and of files that were uploaded or unpacked.
    pub(super) fn weight(&self) -> usize {
        let files = self.said.prompt.iter().flat_map(|prompt| &prompt.messages).flat_map(|m| &m.files);
        self.bytes + files.map(PromptFile::beyond_body).sum::<usize>()
    }
}

/// Which part of the world was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The model provider.
    Model,
    /// The control plane.
    Control,
    /// A peer agent, or its card.
    Peer,
    /// A path that nothing serves.
    Unknown,
}

impl Kind {
    /// The name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Control => "control",
            Self::Peer => "peer",
            Self::Unknown => "unknown",
        }
    }
}

/// The content of a call.
#[derive(Debug, Default, Serialize)]
pub struct Said {
    /// The provider's dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<&'static str>,
    /// What reached the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// What the model answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// What a peer was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Inquiry>,
    /// What a control-plane call carried, or why a call was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the answer suffered from on purpose; the note says it in words.
    #[serde(skip)]
    pub model_fault: Option<ModelFault>,
    /// Lives as long as the answer that suffers.
    #[serde(skip)]
    pub on_its_way: Weak<()>,
    /// What a real provider would have refused, where the world is lenient.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lenient: Vec<String>,
}

impl Said {
    /// The tools that the model called, as such or in code.
    pub fn tool_calls(&self) -> Vec<ToolCall> {
        match (&self.prompt, &self.answer) {
            (Some(prompt), Some(answer)) => prompt.calls_in(answer),
            (None, Some(answer)) => answer.calls.clone(),
            (_, None) => vec![],
        }
    }
}

/// What is said of a request in the journal.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) bytes: usize,
}
