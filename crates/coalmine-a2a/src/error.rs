//! The ways in which an exchange yields no usable answer.

use std::time::Duration;

use crate::{Refusal, excerpt::excerpt};

/// The reason why there is no usable answer. Texts of the server are cut to a few hundred characters and are
/// not escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Nothing listens at the address, or its name does not resolve.
    #[error("could not connect: {0}")]
    Connect(String),
    /// No request can be sent to the address, so none was.
    #[error("no request can be sent to this address: {0}")]
    Address(
        /// What is wrong with it.
        String,
    ),
    /// The connection ended before the answer did.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// A stream ended cleanly, but before the turn was settled.
    #[error("the stream ended before the turn was settled (it was {0})")]
    StreamEnded(
        /// The last state seen, in the 0.3 spelling.
        String,
    ),
    /// The answer was not complete in time.
    #[error("no complete answer within {} s ({received} bytes received)", within.as_secs_f32())]
    Timeout {
        /// The limit.
        within: Duration,
        /// The number of bytes of the body received by then.
        received: usize,
    },
    /// The body is larger than the limit.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// An HTTP status of failure whose body is not an answer in the binding in use.
    #[error("HTTP status {status}: {body}")]
    Http {
        /// The status.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// The body is not an answer in the binding in use.
    #[error("{reason}: {body}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
        /// The beginning of the body.
        body: String,
    },
    /// The server answered with an error of the protocol.
    #[error("{code}: {message}")]
    Refused {
        /// The kind of error, which is what to compare.
        refusal: Refusal,
        /// The code as the binding writes it, such as `JSON-RPC error -32601`; for display only.
        code: String,
        /// The server's message.
        message: String,
    },
    /// The task did not reach a terminal or interrupted state in time.
    #[error("the task was still `{state}` after {} s", within.as_secs_f32())]
    NotFinished {
        /// The last state seen.
        state: String,
        /// The limit.
        within: Duration,
    },
}

impl WireError {
    /// Returns the error for a body that is not an answer, with its beginning.
    pub fn malformed(reason: impl ToString, body: &[u8]) -> Self {
        Self::Malformed { reason: reason.to_string(), body: excerpt(body) }
    }

    /// Returns the error for a status of failure, with the beginning of the body.
    pub fn http(status: u16, body: &[u8]) -> Self {
        Self::Http { status, body: excerpt(body) }
    }

    /// Returns the kind of refusal if the server answered with an error of the protocol.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            _ => None,
        }
    }

    /// Returns whether the server says that it does not know the method or the version. Nothing was executed
    /// then, so the other dialect may be tried.
    pub fn refuses_dialect(&self) -> bool {
        match self {
            Self::Refused { refusal: Refusal::MethodNotFound | Refusal::VersionNotSupported, .. } => true,
            // a2a-sdk answers a method of the other dialect with an internal error and this sentence
            Self::Refused { refusal: Refusal::Internal, message, .. } => {
                message.contains("A2A version") && message.contains("not supported")
            }
            _ => false,
        }
    }

    /// Returns whether the address serves no interface at all. Nothing was executed then, so another address
    /// may be tried.
    pub fn is_wrong_address(&self) -> bool {
        matches!(self, Self::Http { status: 404 | 405, .. })
    }

    /// Returns whether the server rejects what a message states about itself (its ids, its parts). Nothing
    /// was executed then, so another message may be sent instead.
    pub fn rejects_message(&self) -> bool {
        match self {
            Self::Refused { refusal, .. } => refusal.rejects_content(),
            Self::Http { status, .. } => matches!(status, 400 | 404 | 409 | 410 | 422),
            _ => false,
        }
    }

    /// Returns whether the connection was refused or reset, as it is when a process ends.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Lost(_))
    }
}

/// Returns the causes of an error, each once; the error itself if it has none.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = error.source().or(Some(error));
    while let Some(error) = next {
        let sentence = error.to_string();
        if !text.contains(&sentence) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&sentence);
        }
        next = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(refusal: Refusal, message: &str) -> WireError {
        WireError::Refused { refusal, code: "JSON-RPC error -1".into(), message: message.into() }
    }

    #[test]
    fn shows_the_code_and_message_of_the_server() {
        assert_eq!(refused(Refusal::Other, "boom").to_string(), "JSON-RPC error -1: boom");
    }

    #[test]
    fn recognizes_a_refused_version_by_its_sentence() {
        let sentence = "A2A version '1.0' is not supported by this handler. Expected version '0.3'.";
        assert!(refused(Refusal::Internal, sentence).refuses_dialect());
        assert!(!refused(Refusal::Internal, "boom").refuses_dialect());
        assert!(!refused(Refusal::InvalidParams, sentence).refuses_dialect());
        assert!(!refused(Refusal::Internal, sentence).rejects_message());
    }

    #[test]
    fn shows_each_cause_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] Inner);
        #[derive(Debug, thiserror::Error)]
        #[error("reset")]
        struct Inner(#[source] Innermost);
        #[derive(Debug, thiserror::Error)]
        #[error("connection reset")]
        struct Innermost;
        assert_eq!(causes(&Outer(Inner(Innermost))), "reset: connection reset");
        assert_eq!(causes(&Innermost), "connection reset");
    }
}
