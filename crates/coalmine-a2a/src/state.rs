//! The states of a task, in both dialects' spelling.

use crate::Dialect;

/// A task's state, in either dialect's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The task is accepted but has not begun.
    Submitted,
    /// The agent is working on it.
    Working,
    /// The task waits for the user.
    InputRequired,
    /// The task waits for credentials.
    AuthRequired,
    /// The task is done.
    Completed,
    /// The client stopped it.
    Canceled,
    /// The task failed.
    Failed,
    /// The agent refused it.
    Rejected,
    /// Any other state.
    Unknown,
}

impl State {
    /// Reads a state, and the dialect whose spelling it has, if it has one's.
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

    /// Returns whether nothing more will come: the state is terminal, or interrupted (the task waits for the
    /// client).
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Submitted | Self::Working | Self::Unknown)
    }

    /// Returns whether the task is over.
    pub fn is_terminal(self) -> bool {
        self.is_settled() && !matches!(self, Self::InputRequired | Self::AuthRequired)
    }

    /// Returns whether the task ended without doing what was asked.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Canceled | Self::Failed | Self::Rejected | Self::AuthRequired)
    }

    /// Returns the 0.3 spelling.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn knows_both_spellings_and_reports_hybrids() {
        assert_eq!(State::parse("input-required"), (State::InputRequired, Some(Dialect::V0_3)));
        assert_eq!(State::parse("TASK_STATE_INPUT_REQUIRED"), (State::InputRequired, Some(Dialect::V1_0)));
        assert_eq!(State::parse("INPUT_REQUIRED"), (State::InputRequired, None));
        assert_eq!(State::parse("TASK_STATE_UNSPECIFIED"), (State::Unknown, None));
    }

    proptest! {
        #[test]
        fn any_text_is_a_state(text in "(TASK_STATE_)?\\PC{0,20}") {
            let (state, dialect) = State::parse(&text);
            prop_assert!(state != State::Unknown || dialect.is_none());
        }
    }
}
