//! Departures from the dialect in use, which are reported and never fatal.

use std::fmt;

/// One way in which an answer departs from the dialect of its request, or in which the client had to adapt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Drift {
    /// The response's JSON-RPC `id` is not the request's.
    ResponseId,
    /// `"jsonrpc":"2.0"` is missing.
    NoJsonRpc,
    /// A task state is not spelled as in this dialect. Holds the state, cut to 40 characters.
    StateNames(String),
    /// A result is wrapped in 0.3, or bare in 1.0.
    Wrapping,
    /// `kind` stands in a 1.0 result, or is missing in a 0.3 one.
    Kind,
    /// A part has the other dialect's shape.
    PartShape,
    /// A blocking send was answered as an event stream.
    StreamedSend,
    /// A streaming request was answered in one piece.
    NotStreamed,
    /// A stream was left open, or cut off, after the event that ended the task. 1.0 §3.1.2: it must be closed
    /// then.
    StreamNotClosed,
    /// A blocking send was answered before the task was done. Holds the state.
    NotBlocking(String),
    /// One answer has more than one `contextId`. Holds up to four of them.
    ContextIdsDiffer(Vec<String>),
    /// A `contextId` is the empty string.
    EmptyContextId,
    /// The answer has no `contextId` at all.
    NoContextId,
    /// The server refuses ids that the client made (1.0 §3.4.1 allows that); the one that it made was used.
    ContextRefused,
    /// The server refuses a `contextId` of the client that is not a UUID, and accepts one that is.
    ContextForm,
    /// The task waits for the user (`input-required`) after each answer; the next turn continued it by its
    /// `taskId`.
    TaskContinued,
    /// The server asked for a pause and got it. Holds the HTTP status, 429 or 503.
    AskedToWait(u16),
    /// The answer is not in the text parts. Holds the place where it was found.
    AnswerPlace(&'static str),
    /// The server does not know the method; the other dialect was answered.
    DialectRefused {
        /// The dialect that the card offers.
        card: &'static str,
        /// The dialect that was answered.
        spoken: &'static str,
    },
    /// The address on the card did not answer; another one did.
    CardUrl {
        /// The address on the card.
        card: String,
        /// The address that answered.
        used: String,
    },
    /// The card leads to another origin than the user gave, which does not get the credentials. Holds the
    /// address.
    CredentialsWithheld(String),
}

/// Writes what was seen and what the specification says about it.
impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResponseId => f.write_str(
                "the response's `id` is not the request's; JSON-RPC 2.0 requires the same `id`",
            ),
            Self::NoJsonRpc => {
                f.write_str("the response lacks `\"jsonrpc\":\"2.0\"`; JSON-RPC 2.0 requires it in each response")
            }
            Self::StateNames(state) => write!(
                f,
                "the task state `{state}` is not spelled as in this dialect; 0.3 writes `completed` and \
                 1.0 writes `TASK_STATE_COMPLETED`"
            ),
            Self::Wrapping => f.write_str(
                "the result is wrapped as in the other dialect; 1.0 names what it is, as in \
                 `{\"task\":{…}}`, and 0.3 does not",
            ),
            Self::Kind => f.write_str(
                "`kind` is present in a 1.0 result or missing in a 0.3 result; 0.3 requires it and 1.0 has no \
                 such field",
            ),
            Self::PartShape => f.write_str(
                "a part has the other dialect's shape; a part has a `kind` in 0.3 and none in 1.0",
            ),
            Self::StreamedSend => f.write_str(
                "a blocking send was answered with an event stream; the specification requires a single \
                 response",
            ),
            Self::NotStreamed => f.write_str(
                "a streaming request was answered with a single response; the specification requires an event \
                 stream",
            ),
            Self::StreamNotClosed => f.write_str(
                "the event stream was not closed cleanly after the task was over; 1.0 requires the server to \
                 close it (section 3.1.2)",
            ),
            Self::NotBlocking(state) => write!(
                f,
                "a blocking send was answered while the task was `{state}`; the specification requires the \
                 server to wait until the task is finished or needs input"
            ),
            Self::ContextIdsDiffer(ids) => write!(
                f,
                "one answer contains different contextIds: {}; a task belongs to one context",
                ids.join(", ")
            ),
            Self::EmptyContextId => f.write_str(
                "a contextId is the empty string; the specification expects an id, or no such field",
            ),
            Self::NoContextId => f.write_str(
                "the answer contains no contextId; 1.0 requires one that the agent generates to be returned \
                 (section 3.4.1)",
            ),
            Self::ContextRefused => f.write_str(
                "the runtime refuses contextIds made by the client, so the one that it made was used; 1.0 \
                 allows that (section 3.4.1)",
            ),
            Self::ContextForm => f.write_str(
                "the runtime refuses a contextId of letters, digits and hyphens and accepts a UUID; the \
                 specification calls it a string and prescribes no form",
            ),
            Self::TaskContinued => f.write_str(
                "a turn ended as `input-required`, so the next turn continued its task; the specification \
                 lets a client do that by the taskId",
            ),
            Self::AskedToWait(status) => write!(
                f,
                "a turn was refused for now (HTTP status {status}) and sent again after a pause; HTTP asks clients \
                 to do that"
            ),
            Self::AnswerPlace(place) => write!(
                f,
                "the answer contains no text part, so it was taken from {place}; 1.0 says that results belong \
                 in artifacts (section 3.7)"
            ),
            Self::DialectRefused { card, spoken } => write!(
                f,
                "the card offers {card}, but the runtime refuses it and answers {spoken}; a card must state \
                 the versions that the agent speaks"
            ),
            Self::CardUrl { card, used } => write!(
                f,
                "the card's address {card} does not answer, but {used} does; a card must state the address of \
                 the agent"
            ),
            Self::CredentialsWithheld(address) => write!(
                f,
                "a message went to {address}, which only the card names, without the profile's credentials; they are \
                 for the address that you gave, unless the profile says `send-to = \"card\"` in `auth`"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_has_an_observation_and_a_rule() {
        let all = [
            Drift::ResponseId,
            Drift::NoJsonRpc,
            Drift::StateNames("done".into()),
            Drift::Wrapping,
            Drift::Kind,
            Drift::PartShape,
            Drift::StreamedSend,
            Drift::NotStreamed,
            Drift::StreamNotClosed,
            Drift::NotBlocking("working".into()),
            Drift::ContextIdsDiffer(vec!["a".into(), "b".into()]),
            Drift::EmptyContextId,
            Drift::NoContextId,
            Drift::ContextRefused,
            Drift::ContextForm,
            Drift::TaskContinued,
            Drift::AskedToWait(429),
            Drift::AnswerPlace("the history"),
            Drift::DialectRefused { card: "1.0", spoken: "0.3" },
            Drift::CardUrl { card: "http://a/".into(), used: "http://b/".into() },
            Drift::CredentialsWithheld("http://b/".into()),
        ];
        for drift in all {
            let sentence = drift.to_string();
            let (seen, rule) = sentence.split_once("; ").unwrap_or_else(|| panic!("{sentence}"));
            assert!(seen.len() > 20 && rule.len() > 20, "{sentence}");
            assert!(!sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
        }
    }
}
