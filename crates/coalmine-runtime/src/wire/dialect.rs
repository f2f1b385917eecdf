//! The two dialects and the words that differ between them.

use super::{ErrorKind, RpcError};
use crate::task::{Role, State};

/// A version of A2A that the runtime speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    V0_3,
    V1_0,
}

impl Dialect {
    /// Returns the dialect that the `A2A-Version` header names. An absent or empty header means 0.3 (1.0
    /// §3.6).
    pub(crate) fn from_header(version: &str) -> Result<Self, RpcError> {
        match version.trim() {
            "" | "0.3" => Ok(Self::V0_3),
            "1.0" => Ok(Self::V1_0),
            other => Err(RpcError::new(
                ErrorKind::VersionNotSupported,
                format!("unsupported A2A version `{other}`: expected `1.0` or `0.3`"),
            )),
        }
    }

    /// Returns the version of the protocol, as the header names it.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::V0_3 => "0.3",
            Self::V1_0 => "1.0",
        }
    }

    pub(crate) fn state(self, state: State) -> &'static str {
        let (v0_3, v1_0) = match state {
            State::Submitted => ("submitted", "TASK_STATE_SUBMITTED"),
            State::Working => ("working", "TASK_STATE_WORKING"),
            State::Completed => ("completed", "TASK_STATE_COMPLETED"),
            State::Canceled => ("canceled", "TASK_STATE_CANCELED"),
            State::Failed => ("failed", "TASK_STATE_FAILED"),
        };
        match self {
            Self::V0_3 => v0_3,
            Self::V1_0 => v1_0,
        }
    }

    pub(crate) fn role(self, role: Role) -> &'static str {
        match (self, role) {
            (Self::V0_3, Role::User) => "user",
            (Self::V0_3, Role::Agent) => "agent",
            (Self::V1_0, Role::User) => "ROLE_USER",
            (Self::V1_0, Role::Agent) => "ROLE_AGENT",
        }
    }
}
