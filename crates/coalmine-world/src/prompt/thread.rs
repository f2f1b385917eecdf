//! How a prompt continues what the vendor has stored.

/// The part of a prompt that only vendors who store conversations know (OpenAI Responses).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// The id of the response that the prompt continues.
    pub previous_response: Option<String>,
    /// Whether the response to this prompt is stored.
    pub store: bool,
    /// Whether the first message contains instructions, which hold for this prompt only.
    pub has_instructions: bool,
    /// Items of earlier responses that the prompt refers to instead of repeating them.
    pub referenced_items: Vec<ItemReference>,
}

/// A reference to an item of an earlier response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemReference {
    /// The index of the message that the item belongs to.
    pub message: usize,
    /// The id of the item.
    pub id: String,
}
