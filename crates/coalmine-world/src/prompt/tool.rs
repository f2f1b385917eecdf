//! Tools: offered, chosen, called.

use serde::Serialize;
use serde_json::Value;

/// Whether the model calls tools.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolChoice {
    /// As it likes.
    #[default]
    Auto,
    /// It does not.
    None,
    /// It calls one, whichever.
    Required,
    /// It calls this one.
    Named(String),
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolOffer {
    /// Its name.
    pub name: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolCall {
    /// Identifies the call within the prompt.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments.
    pub arguments: Value,
}

impl ToolChoice {
    pub(super) fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
}
