//! What the journal records about one call.

use std::{sync::Arc, time::Instant};

use serde::Serialize;

use super::delivery::{Delivery, DeliveryState};
use crate::{Answer, Held, Inquiry, ModelFault, Prompt, ToolCall, model::SideCallKind, prompt::of_text};

/// One call to the world.
#[derive(Debug, Serialize)]
pub struct Call {
    /// Position among all calls, from 0.
    pub seq: u64,
    /// Milliseconds since the world was created.
    pub at_ms: u64,
    /// When it was recorded, which is just before the answer is sent.
    #[serde(skip)]
    pub answered_at: Instant,
    /// The part of the world that was called.
    pub kind: CallKind,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// HTTP status of the response.
    pub status: u16,
    /// Length of the request body in bytes.
    pub bytes: usize,
    /// What was asked and answered, as far as it was understood.
    #[serde(flatten)]
    pub content: CallContent,
}

impl Call {
    /// Returns whether the model's answer is still being sent: begun, neither complete nor given up by the
    /// runtime.
    pub fn is_in_flight(&self) -> bool {
        self.content.delivery.as_ref().is_some_and(|delivery| delivery.state() == DeliveryState::Sending)
    }

    /// Returns whether the runtime stopped reading the model's answer before its end.
    pub fn was_abandoned(&self) -> bool {
        self.content.delivery.as_ref().is_some_and(|delivery| delivery.state() == DeliveryState::Abandoned)
    }

    /// Returns whether any message of the prompt holds a text. No call holds the empty text.
    pub fn holds(&self, text: &str) -> bool {
        !text.is_empty() && self.content.prompt.as_ref().is_some_and(|prompt| prompt.contains(text))
    }

    /// Returns the bytes that the call holds in memory.
    pub(super) fn weight(&self) -> usize {
        self.content.held.bytes()
    }
}

/// The part of the world that was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CallKind {
    /// The model provider: a request for an answer, or a file for one.
    Model,
    /// The model provider, about models or the number of tokens: it answers nothing.
    #[serde(rename = "model-info")]
    ModelInfo,
    /// The model provider: embeddings of texts.
    Embedding,
    /// The model provider: moderation of texts.
    Moderation,
    /// The control plane.
    Control,
    /// A peer agent or its card.
    Peer,
    /// A path that nothing serves.
    Unknown,
}

impl CallKind {
    /// Returns the name used in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::ModelInfo => "model-info",
            Self::Embedding => "embedding",
            Self::Moderation => "moderation",
            Self::Control => "control",
            Self::Peer => "peer",
            Self::Unknown => "unknown",
        }
    }
}

/// What was asked and answered in a call.
#[derive(Debug, Default, Serialize)]
pub struct CallContent {
    /// The provider's or the peer's dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<&'static str>,
    /// What reached the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// What the model answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// What the call was for, if it is not the turn's own: a guardrail, a title, a summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side_call: Option<SideCallKind>,
    /// The texts of which embeddings were requested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub embedded: Vec<String>,
    /// What a peer was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Inquiry>,
    /// What a call to the control plane carried, why a call was refused, or which fault was injected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The fault that was injected into the answer; the note describes it.
    #[serde(skip)]
    pub model_fault: Option<ModelFault>,
    /// What became of an answer with an injected fault, which takes its time.
    #[serde(skip)]
    pub delivery: Option<Arc<Delivery>>,
    /// What a real provider would have refused, if the world is lenient.
    #[serde(rename = "lenient", skip_serializing_if = "Vec::is_empty")]
    pub rejected_by_vendor: Vec<String>,
    /// The share of the world's memory that the call holds.
    #[serde(skip)]
    pub held: Held,
}

/// The bytes that a call takes beyond what it carries.
const OVERHEAD: usize = 1_000;

impl CallContent {
    /// Returns the bytes that a call with this content takes.
    pub(crate) fn weight(&self) -> usize {
        let texts = self.embedded.iter().chain(&self.rejected_by_vendor).chain(&self.note);
        [
            OVERHEAD,
            self.prompt.as_ref().map_or(0, Prompt::weight),
            self.answer.as_ref().map_or(0, Answer::weight),
            self.peer.as_ref().map_or(0, Inquiry::weight),
            texts.map(|text| of_text(text)).sum(),
        ]
        .iter()
        .sum()
    }

    /// Returns the tools that the model called, directly or in code that it wrote.
    pub fn tool_calls(&self) -> Vec<ToolCall> {
        match (&self.prompt, &self.answer) {
            (Some(prompt), Some(answer)) => prompt.calls_in(answer),
            (None, Some(answer)) => answer.calls.clone(),
            (_, None) => vec![],
        }
    }
}

/// What the journal records about a request, whatever came of it.
pub(crate) struct RequestLine<'a> {
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) path: &'a str,
    /// Length of the body.
    pub(crate) bytes: usize,
}
