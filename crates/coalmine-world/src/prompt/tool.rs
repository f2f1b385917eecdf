//! Tools that are offered, required and called.

use serde::Serialize;
use serde_json::Value;

/// Whether the model calls tools.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolChoice {
    /// It may.
    #[default]
    Auto,
    /// It must not.
    None,
    /// It must call one of them.
    Required,
    /// It must call this one.
    Named(String),
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolOffer {
    /// The name of the tool.
    pub name: String,
    /// The JSON Schema of its arguments.
    pub parameters: Value,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolCall {
    /// Identifies the call within the prompt.
    pub id: String,
    /// The name of the tool.
    pub name: String,
    /// The arguments, or the code that calls the tool.
    pub arguments: Value,
}

impl ToolChoice {
    pub(super) fn is_auto(&self) -> bool {
        *self == Self::Auto
    }

    /// Returns whether some tool must be called.
    pub(crate) fn demands_call(&self) -> bool {
        matches!(self, Self::Required | Self::Named(_))
    }
}
