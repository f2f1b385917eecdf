//! A client's message, before a dialect gives it its shape.

/// A user's message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The id of the message, which is unique. A binding that numbers its requests uses it for them too, as
    /// the platform does.
    pub message_id: String,
    /// The conversation; absent if the server is to make the id.
    pub context_id: Option<String>,
    /// The unfinished task that the message continues, if it does.
    pub task_id: Option<String>,
    /// Finished tasks that the message is about (`referenceTaskIds`, which is left out if there are none).
    pub reference_task_ids: Vec<String>,
    /// The content: at least one part (1.0: required arrays are never empty).
    pub parts: Vec<Part>,
    /// Earlier turns, for runtimes whose client carries the history (`metadata.history` of the request).
    pub history: Vec<HistoryEntry>,
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// A file with its content inline.
    Bytes {
        /// The file name without folders.
        name: String,
        /// The MIME type.
        mime: String,
        /// The content, not encoded.
        bytes: Vec<u8>,
    },
    /// A link to a file that the runtime is to fetch.
    Uri {
        /// The file name without folders.
        name: String,
        /// The MIME type.
        mime: String,
        /// The address: `http(s):…` or the platform's `workspace:…`.
        uri: String,
    },
}

/// An earlier message of a history that the client carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Whether the agent wrote it; otherwise the user did.
    pub by_agent: bool,
    /// Its whole text.
    pub text: String,
}
