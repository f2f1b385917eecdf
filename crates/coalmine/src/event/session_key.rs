//! What a runtime's sessions are keyed by.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a runtime's sessions are keyed by, inferred from which turns know a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SessionKey {
    /// By `contextId`.
    #[serde(rename = "context")]
    Context,
    /// By `taskId`.
    #[serde(rename = "task")]
    Task,
    /// By `messageId`.
    #[serde(rename = "message")]
    Message,
    /// By `taskId` or `messageId`: the session store does not show which.
    #[serde(rename = "task or message")]
    TaskOrMessage,
    /// All contexts share one session.
    #[serde(rename = "one")]
    One,
    /// By workspace: all contexts of one workspace share a session.
    #[serde(rename = "workspace")]
    Workspace,
    /// Other contexts know what the fact's own context does not.
    #[serde(rename = "mixed")]
    Mixed,
    /// Nothing is kept from one turn to the next.
    #[serde(rename = "none")]
    None,
}

impl SessionKey {
    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Task => "task",
            Self::Message => "message",
            Self::TaskOrMessage => "task or message",
            Self::One => "one",
            Self::Workspace => "workspace",
            Self::Mixed => "mixed",
            Self::None => "none",
        }
    }
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_in_the_files() {
        use SessionKey::{Context, Message, Mixed, None, One, Task, TaskOrMessage, Workspace};
        for key in [Context, Task, Message, TaskOrMessage, One, Workspace, Mixed, None] {
            assert_eq!(serde_json::to_value(key).unwrap(), key.name());
        }
    }
}
