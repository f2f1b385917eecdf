//! Summaries: the statements of a conversation that hold names, numbers or codes, and nothing else.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;

use super::request;
use crate::{Prompt, Role};

/// Says whose words follow, at the beginning of a line, possibly with the beginning of JSON.
static SPEAKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)^[^a-z0-9:]*(?:system|user|human|assistant|ai|agent|bot|model|customer|tool)[^a-z0-9:]*: *(?:\[?\{"type": *"text", *"text": *)?"?"#)
        .ok()
});

/// The beginning or the end of a tag around an earlier summary.
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"</?[A-Za-z_-]+>").ok());

/// Returns a summary of what stands in the prompt.
pub(super) fn summarize(prompt: &Prompt) -> String {
    let statements = statements(prompt);
    let mut summary = String::from("Summary of the conversation:");
    for statement in &statements {
        summary.push_str("\n- ");
        summary.push_str(statement);
    }
    if statements.is_empty() {
        summary.push_str("\n- Nothing that has to be kept was said.");
    }
    if demands_tag(prompt) { format!("<summary>\n{summary}\n</summary>") } else { summary }
}

/// Returns whether the request, and not the conversation in it, demands a summary within tags.
fn demands_tag(prompt: &Prompt) -> bool {
    let is_flat = request::has_transcript(prompt);
    let asks = |role| role == Role::System || (role == Role::User && !is_flat);
    let mut last = prompt.messages.last().into_iter().chain(prompt.messages.first());
    last.any(|message| asks(message.role) && message.text.contains("<summary>"))
}

/// Returns the statements of a prompt that hold something worth keeping, in order, each once. Instructions and
/// questions are left out.
pub(super) fn statements(prompt: &Prompt) -> Vec<String> {
    let is_flat = request::has_transcript(prompt);
    let last = prompt.messages.len().saturating_sub(1);
    let begins_with_instructions = prompt.messages.first().is_some_and(|first| first.role == Role::System);
    let of_talk = prompt.messages.iter().enumerate().filter(|(index, message)| match message.role {
        Role::System => false,
        // the last message only asks for the summary, unless it holds the conversation
        Role::User => *index < last || is_flat || last == 0 || last == 1 && begins_with_instructions,
        Role::Assistant | Role::Tool => true,
    });
    let mut seen = HashSet::new();
    let mut statements = vec![];
    for (_, message) in of_talk {
        let text = message.readable();
        // a conversation is often written as JSON, with escaped ends of lines
        let text = if is_flat { text.replace("\\n", "\n").replace("\\\"", "\"") } else { text };
        for statement in text.lines().flat_map(sentences).map(plain) {
            if is_worth_keeping(&statement) && seen.insert(statement.clone()) {
                statements.push(statement);
            }
        }
    }
    statements
}

/// Splits a line into sentences. A period within a code or a number ends none.
fn sentences(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.trim().is_empty() {
            return None;
        }
        let end = rest.char_indices().find(|(index, c)| {
            let after = &rest[index.saturating_add(c.len_utf8())..];
            matches!(c, '.' | '!' | '?') && after.starts_with(|c: char| c.is_whitespace() || c == '"')
        });
        let (sentence, left) =
            rest.split_at(end.map_or(rest.len(), |(index, c)| index.saturating_add(c.len_utf8())));
        rest = left;
        Some(sentence)
    })
}

/// Returns a sentence without the speaker and the marks of lists and JSON around it.
fn plain(sentence: &str) -> String {
    let spoken = SPEAKER.as_ref().and_then(|speaker| speaker.find(sentence));
    let sentence = spoken.map_or(sentence, |spoken| &sentence[spoken.end()..]);
    let sentence = TAG.as_ref().map_or(sentence.into(), |tag| tag.replace_all(sentence, ""));
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '"' | '[' | ']' | '{' | '}' | ',' | '-' | '*');
    sentence.trim_matches(is_mark).to_owned()
}

fn is_worth_keeping(statement: &str) -> bool {
    if statement.ends_with('?')
        || statement.starts_with("Summary of the conversation")
        || statement.starts_with('<')
    {
        return false;
    }
    let mut words = statement.split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_code = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.chars().any(|c| c.is_ascii_digit() || c == '_')
            || word.chars().skip(1).any(|c| c == '-' || c.is_uppercase())
    };
    let is_name = |word: &str| {
        is_code(word)
            || word.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(char::is_uppercase)
    };
    let is_verb_of_being = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        [
            "is", "are", "was", "were", "am", "called", "named", "has", "have", "likes", "lives", "remember",
            "i'm",
        ]
        .contains(&word.as_str())
    };
    is_code(first) || words.any(|word| is_name(word) || is_verb_of_being(word))
}
