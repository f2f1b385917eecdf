//! Ways in which an exchange yields no usable answer.

use std::time::Duration;

/// Why there is no usable answer. Texts of the server are cut to a few hundred characters and are not escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Nobody listens there, or the name does not resolve.
    #[error("could not connect: {0}")]
    Connect(String),
    /// The connection ended before the answer did.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// A stream ended in good order, but before the turn was settled.
    #[error("the stream ended before the turn was settled (it was {0})")]
    StreamEnded(
        /// The last state seen, in the 0.3 spelling.
        String,
    ),
    /// The bound ran out.
    #[error("no complete answer within {} s ({received} bytes received)", within.as_secs_f32())]
    Timeout {
        /// The bound.
        within: Duration,
        /// Bytes of the body that had come by then.
        received: usize,
    },
    /// The body went over the bound.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
    },
    /// An HTTP status that carries no JSON-RPC answer.
    #[error("HTTP status {status}: {body}")]
    Http {
        /// The status.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// The body is no JSON-RPC answer.
    #[error("{reason}: {body}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
        /// The beginning of the body.
        body: String,
    },
    /// A JSON-RPC error.
    #[error("JSON-RPC error {code}: {message}")]
    Rpc {
        /// Its code (`-32601` and so on).
        code: i64,
        /// Its message.
        message: String,
    },
    /// The task did not reach a terminal or interrupted state.
    #[error("the task was still `{state}` after {} s", within.as_secs_f32())]
    NotFinished {
        /// The last state seen.
        state: String,
        /// The bound.
        within: Duration,
    },
}

impl WireError {
    /// True where the server says that it does not know the method or the version: nothing was executed, so the other
    /// dialect may be tried.
    pub fn refuses_dialect(&self) -> bool {
        match self {
            // -32009 VersionNotSupported; a2a-sdk answers -32603 with this sentence to a method of the other dialect
            Self::Rpc { code: -32601 | -32009, .. } => true,
            Self::Rpc { code: -32603, message } => {
                message.contains("A2A version") && message.contains("not supported")
            }
            _ => false,
        }
    }

    /// True where nothing serves RPC at that address: nothing was executed, so another address may be tried.
    pub fn nothing_there(&self) -> bool {
        matches!(self, Self::Http { status: 404 | 405, .. })
    }

    /// True where the server refuses what a message says of itself (its ids, its parts): nothing was executed, so another
    /// message may be sent instead. -32603 tells nothing of that.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Rpc { code, .. } => matches!(code, -32602 | -32600 | -32009..=-32000),
            Self::Http { status, .. } => matches!(status, 400 | 404 | 409 | 410 | 422),
            _ => false,
        }
    }

    /// True for the ends of a process: refused or reset connections.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Lost(_))
    }
}
