//! Sentences with which runtimes refuse a message that holds no text.

/// Seen in public reports; looked for without regard to case.
const EMPTY_PROMPT: [&str; 9] = [
    "(empty prompt",
    "nothing to do)",
    "message contained no text content",
    "must contain at least one usable text part",
    "empty question",
    "no text content",
    "(no content)",
    "message is empty",
    "message was empty",
];

/// The sentence, if the reply holds one.
pub(super) fn empty_prompt(reply: &str) -> Option<&'static str> {
    let reply = reply.to_lowercase();
    EMPTY_PROMPT.into_iter().find(|marker| reply.contains(marker))
}
