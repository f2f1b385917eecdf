//! The two dialects in use: versions of the protocol, whatever binding carries them.

use std::{fmt, str::FromStr};

/// A dialect of A2A: how messages, tasks and states are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// 0.3 and its 0.2 predecessors: `message/send`, `kind` on everything, lower-case states.
    V0_3,
    /// 1.0: `SendMessage`, proto JSON, `TASK_STATE_…`, the header `A2A-Version: 1.0`.
    V1_0,
}

impl Dialect {
    /// Returns `0.3` or `1.0`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V0_3 => "0.3",
            Self::V1_0 => "1.0",
        }
    }

    /// Returns the other dialect.
    pub fn other(self) -> Self {
        match self {
            Self::V0_3 => Self::V1_0,
            Self::V1_0 => Self::V0_3,
        }
    }

    /// Returns the dialect of a `protocolVersion` such as `0.2.6`, `0.3.0` or `1.0`.
    pub fn of_version(version: &str) -> Option<Self> {
        match version.trim().trim_start_matches('v').split('.').next()? {
            "0" => Some(Self::V0_3),
            "1" => Some(Self::V1_0),
            _ => None,
        }
    }

    /// Returns the header that states the version. 1.0 §3.6.1: clients MUST send it; without one the request
    /// is in 0.3.
    pub fn version_header(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::V0_3 => None,
            Self::V1_0 => Some(("A2A-Version", "1.0")),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that does not name a dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown A2A dialect `{0}`: expected `0.3` or `1.0`")]
pub struct UnknownDialect(String);

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "0.3" => Ok(Self::V0_3),
            "1.0" => Ok(Self::V1_0),
            _ => Err(UnknownDialect(text.to_owned())),
        }
    }
}
