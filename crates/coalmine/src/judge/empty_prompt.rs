//! Sentences with which runtimes refuse a message that holds no text, and the check for them.

use super::{outcome::Outcome, path::Break};
use crate::{
    event::{Code, Diagnosis, Step},
    observe::TurnSeen,
};

/// Seen in public reports; looked for without regard to case.
const MARKERS: [&str; 11] = [
    "(empty prompt",
    "nothing to do)",
    "message contained no text content",
    "must contain at least one usable text part",
    "empty question",
    "no text content",
    "(no content)",
    "message is empty",
    "message was empty",
    "no user message found",
    "at least one message is required",
];

/// Returns the sentence that the reply holds, if any.
pub(super) fn marker(reply: &str) -> Option<&'static str> {
    let reply = reply.to_lowercase();
    MARKERS.into_iter().find(|marker| reply.contains(marker))
}

pub(super) fn evaluate(turn: &TurnSeen) -> Outcome {
    Outcome::test(marker(&turn.reply).is_none(), "no empty-prompt sentence", &turn.reply)
}

pub(super) fn cause(turn: &TurnSeen) -> Diagnosis {
    let marker = marker(&turn.reply).unwrap_or_default();
    let sentence = format!("the file was treated as an empty prompt (\"{marker}\")");
    Break::new(Code::PromptEmptyPrompt, Step::Prompt, sentence).after_sending(turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_in_any_case() {
        assert_eq!(
            marker("Error: Message contained NO TEXT CONTENT."),
            Some("message contained no text content")
        );
        assert_eq!(marker("(empty prompt — nothing to do)"), Some("(empty prompt"));
        assert_eq!(marker("The document is empty of surprises."), None);
    }
}
