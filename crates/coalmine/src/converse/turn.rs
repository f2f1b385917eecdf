//! What a user sends in one turn, and what comes of it.

use coalmine_a2a::WireOutcome;

use crate::plan::{Attachment, During, Send};

/// What is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct UserTurn<'a> {
    /// The conversation, unique in the run.
    pub context: &'a str,
    /// The words; empty for none.
    pub say: &'a str,
    /// The files that come along.
    pub files: &'a [Attachment],
    /// How the message is sent.
    pub send: Send,
    /// What happens once the model was called, while the answer is on its way.
    pub during: Option<During>,
    /// Whether the `contextId` of a new conversation is not a UUID. If the runtime refuses it, one is used.
    pub plain_id: bool,
    /// Whether a refusal because too many messages came is waited out.
    pub patient: bool,
}

/// What came of sending a message once.
#[derive(Debug, Default)]
pub struct Reply {
    /// The answer to the message.
    pub sent: WireOutcome,
    /// What came of the client's action in the middle of the turn; `None` if the turn was over before it, or
    /// if no action was planned.
    pub action: Option<ActionOutcome>,
}

/// What came of a client's action in the middle of a turn.
#[derive(Debug, Default)]
pub struct ActionOutcome {
    /// The answer to the action.
    pub sent: WireOutcome,
    /// How much text, in bytes, had been streamed when a cancellation was answered.
    pub streamed: usize,
    /// Whether the turn was over before that answer came.
    pub late: bool,
}

/// A turn that was sent.
#[derive(Debug, Default)]
pub struct Delivery {
    /// The `contextId` that was sent; if none was, the conversation's, as far as it is known.
    pub context_id: String,
    /// The `messageId` that was sent.
    pub message_id: String,
    /// What came of it.
    pub reply: Reply,
    /// What the task asked before it went on. Each was answered with [`APPROVAL`](crate::event::APPROVAL).
    pub approved: Vec<String>,
    /// Whether the task still asks, after as many approvals as it gets.
    pub asks_on: bool,
}

impl From<WireOutcome> for Reply {
    fn from(sent: WireOutcome) -> Self {
        Self { sent, action: None }
    }
}
