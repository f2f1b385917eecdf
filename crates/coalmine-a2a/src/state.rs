//! The states of a task, in both dialects' spelling.

use crate::Dialect;

/// A task's state, in either dialect's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Accepted, not begun.
    Submitted,
    /// Going on.
    Working,
    /// Waits for the user.
    InputRequired,
    /// Waits for credentials.
    AuthRequired,
    /// Done.
    Completed,
    /// Stopped by the client.
    Canceled,
    /// Gone wrong.
    Failed,
    /// Refused by the agent.
    Rejected,
    /// Anything else.
    Unknown,
}

impl State {
    /// Reads a state and the dialect whose spelling it is in, if it is that of one.
    pub(crate) fn parse(text: &str) -> (Self, Option<Dialect>) {
        let bare = |text: &str| text.to_ascii_lowercase().replace('_', "-");
        let (dialect, bare) = match text.strip_prefix("TASK_STATE_") {
            Some(rest) => (Some(Dialect::V1_0), bare(rest)),
            None => (Some(Dialect::V0_3).filter(|_| bare(text) == text), bare(text)),
        };
        let state = match bare.as_str() {
            "submitted" => Self::Submitted,
            "working" => Self::Working,
            "input-required" => Self::InputRequired,
            "auth-required" => Self::AuthRequired,
            "completed" => Self::Completed,
            "canceled" | "cancelled" => Self::Canceled,
            "failed" => Self::Failed,
            "rejected" => Self::Rejected,
            _ => return (Self::Unknown, None),
        };
        (state, dialect)
    }

    /// Nothing more will come: terminal, or interrupted (waiting for the client).
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Submitted | Self::Working | Self::Unknown)
    }

    /// The task is over.
    pub fn is_terminal(self) -> bool {
        self.is_settled() && !matches!(self, Self::InputRequired | Self::AuthRequired)
    }

    /// The task ended without doing what was asked.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Canceled | Self::Failed | Self::Rejected | Self::AuthRequired)
    }

    /// The 0.3 spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Working => "working",
            Self::InputRequired => "input-required",
            Self::AuthRequired => "auth-required",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}
