//! Side calls: requests beside the turn's own call, such as guardrails, routers, titles and summaries. The
//! model recognizes them, and answers them in the way that lets the turn go on.

mod rule;
mod field;
mod verdict;
mod structure;
mod request;
mod options;
mod summary;
mod text;

use std::collections::BTreeMap;

pub(super) use field::words;
pub(super) use rule::CompiledSideCallRule;
pub use rule::{SideCallAnswer, SideCallRule};
use serde::Serialize;
use serde_json::Value;
use structure::Structure;
pub(super) use verdict::flags;

use super::{
    response_format::{self, limit},
    schema::{Placement, fit},
};
use crate::{Answer, Prompt};

/// The purpose of a side call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SideCallKind {
    /// Decides whether the turn may go on.
    Guardrail,
    /// Decides who or what handles the turn.
    Route,
    /// Puts the turn into a category.
    Classification,
    /// Names the conversation.
    Title,
    /// Summarizes the conversation.
    Summary,
    /// Extracts facts to keep.
    Extraction,
    /// Suggests what the user could say next.
    Suggestions,
    /// Rewrites the question, for example to search with it.
    Rewrite,
    /// Recognized by a rule of the profile.
    Stated,
}

/// Prepares for side calls, so that the first answer does not wait for it.
pub(super) fn prepare() {
    request::prepare();
}

/// A side call, and its answer.
pub(super) struct SideCall {
    pub(super) kind: SideCallKind,
    pub(super) answer: Answer,
}

/// Answers a prompt if it is a side call. `has_role` returns whether a tool has a purpose other than to take
/// an answer; `is_answered` returns whether a rule answers the words at the beginning or the end of the user's
/// text that ask for something.
pub(super) fn answer(
    prompt: &Prompt,
    rules: &[CompiledSideCallRule],
    has_role: impl Fn(&str) -> bool,
    is_answered: impl Fn(&str) -> bool,
) -> Option<SideCall> {
    let structure = Structure::requested_by(prompt, has_role);
    if let Some(rule) = rules.iter().find(|rule| rule.matches(prompt, structure.as_ref())) {
        let answer = stated(prompt, structure.as_ref(), rule.answer());
        return Some(SideCall { kind: SideCallKind::Stated, answer });
    }
    if let Some(structure) = &structure
        && let Some(kind) = structure.side_call_kind(prompt)
    {
        return Some(SideCall { kind, answer: structured(prompt, structure, kind) });
    }
    // what asks for a structure with a place for the answer is the turn's own call
    if structure.is_some() || prompt.calls_since_question().next().is_some() {
        return None;
    }
    let kind = request::find(prompt, is_answered)?;
    let answer = limit(prompt, text::answer(prompt, kind)?);
    Some(SideCall { kind, answer })
}

/// Writes the answer that a rule of the profile states.
fn stated(prompt: &Prompt, structure: Option<&Structure<'_>>, answer: &SideCallAnswer) -> Answer {
    match (answer, structure) {
        (SideCallAnswer::Text(text), None) => limit(prompt, text.clone()),
        (SideCallAnswer::Text(text), Some(structure)) => {
            let value = fit(&structure.schema, text, Placement::of_answer(&BTreeMap::new()));
            write(prompt, structure, value)
        }
        (SideCallAnswer::Fields(fields), structure) => {
            let mut value = match structure {
                Some(structure) => benign(prompt, structure, SideCallKind::Stated),
                None => Value::Object(serde_json::Map::new()),
            };
            if let Value::Object(object) = &mut value {
                object.extend(fields.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            match structure {
                Some(structure) => write(prompt, structure, value),
                None => limit(prompt, value.to_string()),
            }
        }
    }
}

fn structured(prompt: &Prompt, structure: &Structure<'_>, kind: SideCallKind) -> Answer {
    write(prompt, structure, benign(prompt, structure, kind))
}

/// Returns the benign value of a structure.
fn benign(prompt: &Prompt, structure: &Structure<'_>, kind: SideCallKind) -> Value {
    let named = verdict::texts(prompt, structure, kind);
    let mut value = fit(&structure.schema, "", Placement { names: &[], named: &named, repeat: false });
    if let Value::Object(object) = &mut value {
        for (name, value) in object {
            if let Value::Array(items) = value
                && let Some(texts) = text::list(prompt, name)
                && items.iter().all(Value::is_string)
            {
                *items = texts.into_iter().map(Value::String).collect();
            }
        }
    }
    value
}

fn write(prompt: &Prompt, structure: &Structure<'_>, value: Value) -> Answer {
    match structure.tool {
        Some(tool) => response_format::format_call(prompt, tool, value),
        None => limit(prompt, value.to_string()),
    }
}

#[cfg(test)]
mod tests;
