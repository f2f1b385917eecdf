//! What the model got in the turn that went wrong, beside what should have been in it.

use coalmine::event::{CanaryReport, Layer, PromptMessage};

use super::{Block, Excerpt, PromptSeen, SeenMessage};

const MAX_MESSAGES: usize = 4;
/// The most characters of one message. They are its last ones, because the user's words are at the end.
const MAX_TEXT: usize = 160;
/// The most characters of a system message, which is seldom what matters.
const MAX_SYSTEM: usize = 60;
const MAX_ROLE: usize = 12;
const MAX_MISSING: usize = 100;

/// Returns the end of the prompt, if the diagnosis is about what the runtime keeps or sends to the model.
pub(super) fn prompt(canary: &CanaryReport) -> Option<Block> {
    let diagnosis = canary.diagnosis.as_ref()?;
    let turn = canary.turns.iter().find(|turn| Some(turn.number) == diagnosis.turn)?;
    if !matches!(diagnosis.layer, Layer::Session | Layer::Prompt) || turn.prompt.is_empty() {
        return None;
    }
    let from = turn.prompt.len().saturating_sub(MAX_MESSAGES);
    Some(Block::Prompt(PromptSeen {
        turn: turn.number,
        messages: turn.prompt[from..].iter().map(of_message).collect(),
        missing: texts(&turn.missing),
        unwanted: texts(&turn.unwanted),
    }))
}

fn texts(texts: &[String]) -> Vec<Excerpt> {
    texts.iter().map(|text| Excerpt::new(text, MAX_MISSING)).collect()
}

fn of_message(PromptMessage { role, text }: &PromptMessage) -> SeenMessage {
    let length = text.chars().count();
    let max = if role == "system" { MAX_SYSTEM } else { MAX_TEXT };
    let text = if length > max {
        format!("…{}", text.chars().skip(length - max + 1).collect::<String>())
    } else {
        text.clone()
    };
    SeenMessage { role: Excerpt::new(role, MAX_ROLE), text: Excerpt::new(text, 2 * MAX_TEXT) }
}
