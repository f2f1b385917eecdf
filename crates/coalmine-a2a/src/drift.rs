//! Departures from the dialect in use: told, never fatal.

use std::fmt;

/// One way in which an answer departs from the dialect in which it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Drift {
    /// The JSON-RPC `id` of the answer is not the one of the request.
    ResponseId,
    /// `"jsonrpc":"2.0"` is missing.
    NoJsonRpc,
    /// Task states of the other dialect.
    StateNames(String),
    /// A result wrapped (0.3) or bare (1.0) where the dialect has it the other way round.
    Wrapping,
    /// `kind` inside a 1.0 result, or missing in a 0.3 one.
    Kind,
    /// Parts in the other dialect's shape.
    PartShape,
    /// A blocking send answered as an event stream.
    StreamedSend,
    /// A request for a stream answered as a whole.
    NotStreamed,
    /// A stream left open, or cut off, after the event that ended the task. 1.0 §3.1.2: it must be closed then.
    StreamNotClosed,
    /// A blocking send answered before the task was done.
    NotBlocking(String),
    /// More than one `contextId` inside one answer.
    ContextIdsDiffer(Vec<String>),
    /// A `contextId` that is the empty string.
    EmptyContextId,
    /// No `contextId` anywhere in the answer.
    NoContextId,
    /// The server refuses ids that the client made (1.0 §3.4.1 allows that); the one that it made was used.
    ContextRefused,
    /// The task waits for the user (`input-required`) after each answer; the next turn continued it by its `taskId`.
    TaskContinued,
    /// The server asked for a pause (429 or 503) and got it.
    AskedToWait(u16),
    /// The answer stands where answers are not looked for first.
    AnswerPlace(&'static str),
    /// The method is unknown there; the other dialect was answered.
    DialectRefused {
        /// What the card led us to.
        card: &'static str,
        /// What was answered.
        spoken: &'static str,
    },
    /// The address on the card did not answer; another one did.
    CardUrl {
        /// On the card.
        card: String,
        /// What answered.
        used: String,
    },
}

impl Drift {
    /// Stable code of the finding.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ResponseId => "drift.response-id",
            Self::NoJsonRpc => "drift.no-jsonrpc",
            Self::StateNames(_) => "drift.state-names",
            Self::Wrapping => "drift.wrapping",
            Self::Kind => "drift.kind",
            Self::PartShape => "drift.part-shape",
            Self::StreamedSend => "drift.streamed-send",
            Self::NotStreamed => "drift.not-streamed",
            Self::StreamNotClosed => "drift.stream-not-closed",
            Self::NotBlocking(_) => "drift.not-blocking",
            Self::ContextIdsDiffer(_) => "drift.context-ids-differ",
            Self::EmptyContextId => "drift.empty-context-id",
            Self::NoContextId => "drift.no-context-id",
            Self::ContextRefused => "drift.context-refused",
            Self::TaskContinued => "drift.task-continued",
            Self::AskedToWait(_) => "drift.asked-to-wait",
            Self::AnswerPlace(_) => "drift.answer-place",
            Self::DialectRefused { .. } => "drift.dialect-refused",
            Self::CardUrl { .. } => "drift.card-url",
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResponseId => f.write_str("the answer's JSON-RPC `id` is not the request's"),
            Self::NoJsonRpc => f.write_str("the answer has no `\"jsonrpc\":\"2.0\"`"),
            Self::StateNames(state) => {
                write!(f, "the task state `{state}` is not spelled as this dialect does it")
            }
            Self::Wrapping => f.write_str("the result is wrapped as the other dialect does it"),
            Self::Kind => f.write_str("`kind` is where this dialect has none, or missing where it has one"),
            Self::PartShape => f.write_str("a part has the other dialect's shape"),
            Self::StreamedSend => f.write_str("a blocking send was answered as an event stream"),
            Self::NotStreamed => f.write_str("a request for a stream was answered as a whole"),
            Self::StreamNotClosed => {
                f.write_str("the stream of events was not closed in good order after the turn was over")
            }
            Self::NotBlocking(state) => {
                write!(f, "a blocking send was answered while the task was `{state}`")
            }
            Self::ContextIdsDiffer(ids) => {
                write!(f, "one answer holds different contextIds: {}", ids.join(", "))
            }
            Self::EmptyContextId => f.write_str("a contextId is the empty string"),
            Self::NoContextId => f.write_str("the answer holds no contextId"),
            Self::ContextRefused => f.write_str(
                "contextIds made by the client are refused; the one that the server made was used",
            ),
            Self::TaskContinued => {
                f.write_str("a turn ended `input-required`, so the next one continued its task by the taskId")
            }
            Self::AskedToWait(status) => {
                write!(f, "a turn was answered {status} and sent again after a pause")
            }
            Self::AnswerPlace(place) => write!(f, "the answer holds no text part; it was taken from {place}"),
            Self::DialectRefused { card, spoken } => {
                write!(f, "the card offers {card}, which is refused; {spoken} is answered")
            }
            Self::CardUrl { card, used } => {
                write!(f, "the card's address {card} does not answer; {used} does")
            }
        }
    }
}
