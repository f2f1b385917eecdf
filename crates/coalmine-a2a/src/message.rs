//! What a client says, before a dialect gives it its shape.

/// A user's message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Unique; also the JSON-RPC id, as the platform does it.
    pub message_id: String,
    /// The conversation; absent where the server makes the id.
    pub context_id: Option<String>,
    /// Only where an unfinished task is continued.
    pub task_id: Option<String>,
    /// Tasks that are over and that the message is about (`referenceTaskIds`); left out when there are none.
    pub reference_task_ids: Vec<String>,
    /// At least one (1.0: required arrays are never empty).
    pub parts: Vec<Part>,
    /// Earlier turns, for runtimes whose client carries the history (`params.metadata.history`).
    pub history: Vec<HistoryEntry>,
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// A file with its content.
    Bytes {
        /// File name without folders.
        name: String,
        /// MIME type.
        mime: String,
        /// The content, not encoded.
        bytes: Vec<u8>,
    },
    /// A file that the runtime is to fetch.
    Uri {
        /// File name without folders.
        name: String,
        /// MIME type.
        mime: String,
        /// `http(s):…` or the platform's `workspace:…`.
        uri: String,
    },
}

/// An earlier message, as the platform's clients carry it along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Whether the agent said it (else the user).
    pub by_agent: bool,
    /// All its text.
    pub text: String,
}
