//! What reached the model in a turn, from its end, and how it differs from what reached it before.

use std::collections::{BTreeSet, HashSet};

use coalmine::event::TurnReport;

use super::{
    budget::Budget,
    journal::{Call, Message},
    marked::Facts,
    tab::{Entry, Sources, calls},
};
use crate::view::Shown;

/// The most characters of a message: of one that is new, of instructions, of one that was there before, of one that is gone.
const MAX_NEW: usize = 6_000;
const MAX_SYSTEM: usize = 3_000;
const MAX_SAME: usize = 300;
const MAX_GONE: usize = 600;
/// The most calls of a turn, and messages of a call.
const MAX_CALLS: usize = 8;
const MAX_MESSAGES: usize = 60;
const MAX_NOTE: usize = 400;
/// The most roles that are named.
const MAX_ROLES: usize = 5;

/// What reached the model last in a conversation.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Where that was, such as `turn 1`.
    place: String,
    messages: Vec<(String, String)>,
}

/// Returns what reached the model in a turn, call by call. `before` is what reached it last in the same conversation, and is
/// brought up to date.
pub(super) fn prompts(
    turn: &TurnReport,
    facts: &Facts,
    before: &mut Option<Before>,
    sources: &mut Sources<'_>,
) -> Vec<Entry> {
    let calls = calls(turn, sources.journal);
    if calls.is_empty() {
        return from_events(turn, facts, before, &mut sources.budget);
    }
    let total = calls.len();
    let from = total.saturating_sub(MAX_CALLS);
    let mut entries = Vec::new();
    if from > 0 {
        entries.push(Entry::note(
            "earlier calls",
            &format!("{from} more calls of this turn are in the journal"),
        ));
    }
    for (at, (seq, call)) in calls.into_iter().enumerate().skip(from) {
        let place = if total == 1 {
            format!("turn {}", turn.number)
        } else {
            format!("turn {}, call {}", turn.number, at + 1)
        };
        entries.push(heading(at, total, seq, call));
        if let Some(prompt) = &call.prompt {
            entries.extend(compared(&prompt.messages, facts, before.as_ref(), &mut sources.budget));
            if call.side_call.is_none() {
                *before = Some(Before::of(place, call));
            }
        }
    }
    entries
}

/// Returns the end of the prompt that the events hold, if the journal is gone.
fn from_events(
    turn: &TurnReport,
    facts: &Facts,
    before: &mut Option<Before>,
    budget: &mut Budget,
) -> Vec<Entry> {
    if turn.prompt.is_empty() {
        return vec![];
    }
    let message = |one: &coalmine::event::PromptMessage| Message {
        role: one.role.clone(),
        text: one.text.clone(),
        ..Message::default()
    };
    let messages: Vec<Message> = turn.prompt.iter().map(message).collect();
    let entries = compared(&messages, facts, before.as_ref(), budget);
    *before = Some(Before::new(format!("turn {}", turn.number), &messages, turn.reply.as_deref()));
    entries
}

fn heading(at: usize, total: usize, seq: u64, call: &Call) -> Entry {
    let model = call.prompt.as_ref().map(|prompt| prompt.model.as_str()).filter(|model| !model.is_empty());
    let parts = [
        call.side_call.as_deref().map(|kind| format!("not the turn's own question: {kind}")),
        model.map(str::to_owned),
        call.dialect.clone(),
        call.prompt.as_ref().map(|prompt| format!("{} messages", prompt.messages.len())),
        Some(format!("journal seq {seq}")),
        call.too_long.then(|| "too long for the page".to_owned()),
    ];
    let words: Vec<String> = parts.into_iter().flatten().collect();
    let label = if total == 1 { "the call".to_owned() } else { format!("call {} of {total}", at + 1) };
    Entry { state: "call", ..Entry::note(&label, &words.join(" · ")) }
}

/// Returns the messages from the last one: those that are new, then what was there before and is not any more, then those that
/// were there before, folded.
fn compared(messages: &[Message], facts: &Facts, before: Option<&Before>, budget: &mut Budget) -> Vec<Entry> {
    let known: HashSet<(&str, &str)> = before.into_iter().flat_map(Before::all).collect();
    let mut entries = Vec::new();
    let mut lost = gone(messages, facts, before, budget);
    let mut same: Vec<&Message> = Vec::new();
    let place = before.map_or("", |before| before.place.as_str());
    for message in messages.iter().rev().take(MAX_MESSAGES) {
        let is_new =
            !known.contains(&(message.role.as_str(), message.text.as_str())) || !message.calls.is_empty();
        if !is_new || is_system(&message.role) {
            entries.append(&mut lost);
        }
        if !is_new {
            same.push(message);
            continue;
        }
        entries.extend(folded(std::mem::take(&mut same), facts, place, budget));
        entries.push(new(message, facts, before, budget));
    }
    entries.append(&mut lost);
    entries.extend(folded(same, facts, place, budget));
    if messages.len() > MAX_MESSAGES {
        let words = format!("{} earlier messages are in the journal", messages.len() - MAX_MESSAGES);
        entries.push(Entry::note("more", &words));
    }
    entries
}

fn new(message: &Message, facts: &Facts, before: Option<&Before>, budget: &mut Budget) -> Entry {
    let is_system = is_system(&message.role);
    let text = readable(message);
    let shown = budget.tail(&text, if is_system { MAX_SYSTEM } else { MAX_NEW }, facts);
    let badge = before.map(|before| {
        let word = if is_system { "changed since" } else { "new since" };
        Shown::whole(format!("{word} {}", before.place))
    });
    let state = if before.is_some() { "new" } else { "" };
    Entry { state, badge, folded: is_system, ..Entry::new(&message.role, shown) }
}

fn folded(same: Vec<&Message>, facts: &Facts, place: &str, budget: &mut Budget) -> Option<Entry> {
    if same.is_empty() {
        return None;
    }
    let count = same.len();
    let roles: BTreeSet<&str> = same.iter().map(|message| message.role.as_str()).collect();
    let roles = roles.into_iter().take(MAX_ROLES).collect::<Vec<_>>().join(", ");
    let label = if count == 1 { "1 message".to_owned() } else { format!("{count} messages") };
    let label = format!("{label} as in {place} ({roles})");
    let entry = |message: &&Message| Entry {
        state: "same",
        ..Entry::new(&message.role, budget.tail(&readable(message), MAX_SAME, facts))
    };
    let inner = same.iter().map(entry).collect();
    Some(Entry { label: Shown::new(&label, MAX_NOTE), state: "same", inner, ..Entry::default() }.folded())
}

/// Returns what was in the prompt before, or was answered to it, and is in none of the messages. A runtime may write its
/// history into one message, so the text counts, not the message. The last one stands first.
fn gone(messages: &[Message], facts: &Facts, before: Option<&Before>, budget: &mut Budget) -> Vec<Entry> {
    let Some(before) = before else { return vec![] };
    let texts: HashSet<&str> = messages.iter().map(|message| message.text.trim()).collect();
    let is_there =
        |text: &str| texts.contains(text) || messages.iter().any(|message| message.text.contains(text));
    let lost = before
        .all()
        .filter(|(role, text)| !is_system(role) && !text.trim().is_empty() && !is_there(text.trim()));
    let lost: Vec<(&str, &str)> = lost.collect();
    lost.into_iter()
        .rev()
        .take(MAX_MESSAGES)
        .map(|(role, text)| Entry {
            state: "gone",
            badge: Some(Shown::new(&format!("in {}, not in this prompt", before.place), MAX_NOTE)),
            ..Entry::new(role, budget.tail(text, MAX_GONE, facts))
        })
        .collect()
}

fn is_system(role: &str) -> bool {
    matches!(role, "system" | "developer")
}

/// Returns the text of a message with what came beside the text.
fn readable(message: &Message) -> String {
    let mut text = message.text.clone();
    let mut add = |line: String| {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    };
    for call in &message.calls {
        add(format!("→ calls {} {}", call.name, call.arguments));
    }
    for file in &message.files {
        let name = file.name.as_deref().or(file.mime.as_deref()).unwrap_or("file");
        let head: String = file.text.chars().take(200).collect();
        add(format!("[{name}, {} bytes, {}] {head}", file.bytes, file.arrived));
    }
    text
}

impl Before {
    fn of(place: String, call: &Call) -> Self {
        let messages = call.prompt.as_ref().map_or(&[][..], |prompt| &prompt.messages);
        Self::new(place, messages, call.answer.as_ref().map(|answer| answer.text.as_str()))
    }

    fn new(place: String, messages: &[Message], answer: Option<&str>) -> Self {
        let mut kept: Vec<(String, String)> =
            messages.iter().map(|message| (message.role.clone(), message.text.clone())).collect();
        kept.extend(
            answer.filter(|text| !text.is_empty()).map(|text| ("assistant".to_owned(), text.to_owned())),
        );
        Self { place, messages: kept }
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.messages.iter().map(|(role, text)| (role.as_str(), text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: &str, text: &str) -> Message {
        Message { role: role.into(), text: text.into(), ..Message::default() }
    }

    /// Returns the labels, states and badges of a comparison.
    fn compare(messages: &[Message], before: Option<&Before>) -> Vec<(String, &'static str, String)> {
        let entries = compared(messages, &Facts::default(), before, &mut Budget::new());
        entries
            .into_iter()
            .map(|entry| {
                (
                    entry.label.to_string(),
                    entry.state,
                    entry.badge.map(|badge| badge.to_string()).unwrap_or_default(),
                )
            })
            .collect()
    }

    fn row(label: &str, state: &'static str, badge: &str) -> (String, &'static str, String) {
        (label.into(), state, badge.into())
    }

    fn first() -> Before {
        let messages = [message("system", "Be brief."), message("user", "I am Nigel.")];
        Before::new("turn 1".into(), &messages, Some("Noted."))
    }

    #[test]
    fn the_end_stands_first() {
        let messages = [message("system", "Be brief."), message("user", "I am Nigel.")];
        assert_eq!(compare(&messages, None), [row("user", "", ""), row("system", "", "")]);
    }

    #[test]
    fn a_lost_turn_is_seen_at_a_glance() {
        let messages = [message("system", "Be brief."), message("user", "Who am I?")];
        let gone = "in turn 1, not in this prompt";
        assert_eq!(
            compare(&messages, Some(&first())),
            [
                row("user", "new", "new since turn 1"),
                row("assistant", "gone", gone),
                row("user", "gone", gone),
                row("1 message as in turn 1 (system)", "same", ""),
            ]
        );
    }

    #[test]
    fn a_kept_turn_is_folded() {
        let messages = [
            message("system", "Be brief."),
            message("user", "I am Nigel."),
            message("assistant", "Noted."),
            message("user", "Who am I?"),
        ];
        assert_eq!(
            compare(&messages, Some(&first())),
            [
                row("user", "new", "new since turn 1"),
                row("3 messages as in turn 1 (assistant, system, user)", "same", "")
            ]
        );
    }

    #[test]
    fn history_in_one_message_is_not_gone() {
        let messages = [message("user", "History: I am Nigel. / Noted. Question: Who am I?")];
        assert_eq!(compare(&messages, Some(&first())), [row("user", "new", "new since turn 1")]);
    }
}
