//! Answers to side calls in words.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use super::{
    SideCallKind,
    field::{FieldMeaning, FieldType},
    options, summary,
};
use crate::{Prompt, ResponseFormat, Role};

/// A title that fits any conversation.
const TITLE: &str = "A conversation";
/// What the user could ask next in any conversation.
const QUESTIONS: [&str; 2] = ["Could you say more about that?", "What should I do next?"];

/// Returns the answer to a side call without a structure.
pub(super) fn answer(prompt: &Prompt, kind: SideCallKind) -> Option<String> {
    let is_json = prompt.response_format == ResponseFormat::Json;
    Some(match kind {
        SideCallKind::Guardrail | SideCallKind::Route | SideCallKind::Classification => {
            options::choose(prompt)?
        }
        SideCallKind::Title => title(prompt),
        SideCallKind::Summary => summary::summarize(prompt),
        SideCallKind::Extraction if is_json => json!({ "facts": summary::statements(prompt) }).to_string(),
        SideCallKind::Extraction => bullets(&summary::statements(prompt)),
        SideCallKind::Suggestions => bullets(&QUESTIONS.map(str::to_owned)),
        SideCallKind::Rewrite => question(prompt),
        SideCallKind::Stated => return None,
    })
}

pub(super) fn title(_prompt: &Prompt) -> String {
    TITLE.into()
}

/// Returns the elements of a list of texts, if its name says what they are.
pub(super) fn list(prompt: &Prompt, name: &str) -> Option<Vec<String>> {
    match FieldMeaning::of(name, FieldType::Nested) {
        FieldMeaning::Facts => Some(summary::statements(prompt)),
        FieldMeaning::Questions => Some(QUESTIONS.map(str::to_owned).into()),
        _ => None,
    }
}

fn bullets(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
}

/// A line that gives the question in a template.
static LABELED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)^[^a-z0-9\n]*(?:(?:latest|last|new|current|follow[- ]?up|user(?:'s)?|original|input|next) +)*(?:input|question|query|message|user|human)[^a-z0-9:\n]*:[ \t]*([^ \t\n].*)$").ok()
});

/// Returns the question to rewrite. It is complete as it is.
pub(super) fn question(prompt: &Prompt) -> String {
    let user = prompt.messages.iter().rev().find(|message| message.role == Role::User);
    let text = user.map(|message| message.text.as_str()).unwrap_or_default();
    let labeled = LABELED.as_ref().and_then(|pattern| pattern.captures_iter(text).last());
    labeled.map_or_else(|| text.trim().to_owned(), |found| found[1].trim().to_owned())
}
