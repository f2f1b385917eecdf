//! Benign values of the fields of a structure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    SideCallKind,
    field::{FieldMeaning, FieldType},
    options,
    structure::{Field, Structure, fields},
    summary, text,
};
use crate::{Prompt, Role};

/// Values that let a turn go on, the most likely first.
pub(super) const BENIGN: [&str; 27] = [
    "allow",
    "allowed",
    "safe",
    "pass",
    "passed",
    "ok",
    "okay",
    "approve",
    "approved",
    "accept",
    "accepted",
    "proceed",
    "continue",
    "compliant",
    "benign",
    "clean",
    "valid",
    "appropriate",
    "relevant",
    "on_topic",
    "not_flagged",
    "no_violation",
    "unflagged",
    "grounded",
    "none",
    "low",
    "normal",
];
/// Values of what handles everything that nothing else handles, the most likely first.
pub(super) const DEFAULT: [&str; 17] = [
    "default",
    "general",
    "other",
    "chat",
    "assistant",
    "respond",
    "general_chat",
    "general_assistant",
    "conversation",
    "small_talk",
    "direct",
    "answer",
    "generate",
    "general_question",
    "general_inquiry",
    "neutral",
    "agent",
];
/// Values that end the work of several agents.
const END: [&str; 5] = ["finish", "end", "done", "__end__", "final"];

/// Returns the benign values of the verdicts in a structure that also asks for the answer.
pub(in crate::model) fn flags(schema: &Value) -> BTreeMap<String, String> {
    let verdict = |field: Field<'_>| {
        let text = match field.meaning {
            FieldMeaning::Verdict(benign) => benign.to_string(),
            FieldMeaning::Decision => find(&field.choices, &BENIGN)?.to_owned(),
            FieldMeaning::Route => find(&field.choices, &DEFAULT)?.to_owned(),
            _ => return None,
        };
        Some((field.name.to_owned(), text))
    };
    fields(schema).into_iter().filter_map(verdict).collect()
}

/// Returns benign values for the fields of a side call's structure.
pub(super) fn texts(
    prompt: &Prompt,
    structure: &Structure<'_>,
    kind: SideCallKind,
) -> BTreeMap<String, String> {
    let text = |field: Field<'_>| Some((field.name.to_owned(), value(prompt, &field, kind)?));
    fields(&structure.schema).into_iter().filter_map(text).collect()
}

fn value(prompt: &Prompt, field: &Field<'_>, kind: SideCallKind) -> Option<String> {
    if field.kind == FieldType::Choice {
        return Some(choose(prompt, field)?.to_owned());
    }
    Some(match field.meaning {
        FieldMeaning::Verdict(benign) => benign.to_string(),
        FieldMeaning::Decision if field.kind == FieldType::Text => decision(prompt, field.name),
        FieldMeaning::Route | FieldMeaning::Class if field.kind == FieldType::Text => {
            options::choose(prompt).unwrap_or_else(|| DEFAULT[1].to_owned())
        }
        FieldMeaning::Title => text::title(prompt),
        FieldMeaning::Summary => summary::summarize(prompt),
        FieldMeaning::Rewrite => text::question(prompt),
        FieldMeaning::Facts | FieldMeaning::Questions => text::list(prompt, field.name)?.join("\n"),
        FieldMeaning::Confidence => field.maximum.unwrap_or(1.0).to_string(),
        FieldMeaning::Reason if kind != SideCallKind::Route => "There is no objection.".into(),
        FieldMeaning::Reason => "This fits best.".into(),
        _ => return None,
    })
}

/// Returns a decision in words: an option that the prompt lists, or `yes` or `no` by the name of the field.
fn decision(prompt: &Prompt, name: &str) -> String {
    match options::choose(prompt) {
        Some(option) => option,
        None => yes_or_no(name).to_owned(),
    }
}

fn yes_or_no(name: &str) -> &'static str {
    match FieldMeaning::of(name, FieldType::Flag) {
        FieldMeaning::Verdict(false) => "no",
        _ => "yes",
    }
}

/// Returns the benign choice of a field, if one is clearly benign, or else the default.
fn choose<'a>(prompt: &Prompt, field: &Field<'a>) -> Option<&'a str> {
    if is_answered(prompt)
        && let Some(end) = find(&field.choices, &END)
    {
        return Some(end);
    }
    let is_yes_or_no = field.choices.iter().any(|choice| choice.eq_ignore_ascii_case("yes"));
    find(&field.choices, &BENIGN)
        .or_else(|| if is_yes_or_no { find(&field.choices, &[yes_or_no(field.name)]) } else { None })
        .or_else(|| find(&field.choices, &DEFAULT))
        .or_else(|| field.choices.first().copied())
}

/// Returns whether somebody has answered since the user's last message: the model, or another agent, whose
/// answer is written as a second message of the user.
fn is_answered(prompt: &Prompt) -> bool {
    let last = prompt.messages.iter().rev().filter(|message| message.role != Role::System);
    let mut last = last.take(2).map(|message| message.role);
    match (last.next(), last.next()) {
        (Some(Role::Assistant | Role::Tool), _) => true,
        (first, second) => first == Some(Role::User) && second == Some(Role::User),
    }
}

/// Returns the first of the known values that is among the choices, regardless of case and separators.
pub(super) fn find<'a>(choices: &[&'a str], known: &[&str]) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    known.iter().find_map(|known| choices.iter().find(|choice| plain(choice) == *known).copied())
}
