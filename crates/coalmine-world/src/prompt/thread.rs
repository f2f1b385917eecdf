//! How a prompt goes on with what the vendor has kept.

/// A prompt of a vendor that keeps conversations (OpenAI Responses).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// The response with which it goes on.
    pub after: Option<String>,
    /// Whether its own response is kept.
    pub keep: bool,
    /// Whether its first message are instructions, which hold for this prompt alone.
    pub instructed: bool,
    /// What it names of earlier responses instead of repeating it: the message that it belongs to, and its id.
    pub named: Vec<(usize, String)>,
}
