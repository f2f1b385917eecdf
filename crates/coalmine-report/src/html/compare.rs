//! What a prompt holds, from its end, and how it differs from what reached the model before.

use std::collections::{BTreeSet, HashSet};

use super::{
    before::{Before, Kept, readable},
    budget::Budget,
    entry::Entry,
    journal::Message,
    marked::Facts,
};
use crate::view::Shown;

/// The most characters of a message: of one that is new, of instructions, of one that was there before, of one that is gone.
const MAX_NEW: usize = 6_000;
const MAX_SYSTEM: usize = 3_000;
const MAX_SAME: usize = 300;
const MAX_GONE: usize = 600;
/// How many messages that are new are shown before the others are folded.
const MAX_OPEN: usize = 12;
/// The most messages of a call.
const MAX_MESSAGES: usize = 60;
const MAX_NOTE: usize = 400;
/// The most roles that are named.
const MAX_ROLES: usize = 5;

/// Returns the messages from the last one: those that are new, then what was there before and is not any more, then those that
/// were there before, folded.
pub(super) fn compared(
    messages: &[Message],
    facts: &Facts,
    before: Option<&Before>,
    budget: &mut Budget,
) -> Vec<Entry> {
    let known: HashSet<(&str, &str)> = before
        .into_iter()
        .flat_map(|before| &before.messages)
        .map(|kept| (kept.role.as_str(), kept.whole.as_str()))
        .collect();
    let mut entries = Vec::new();
    let mut lost = gone(messages, facts, before, budget);
    let (mut same, mut earlier): (Vec<&Message>, Vec<&Message>) = (Vec::new(), Vec::new());
    let mut shown = 0;
    let place = before.map_or("", |before| before.place.as_str());
    for message in messages.iter().rev().take(MAX_MESSAGES) {
        let is_new = !known.contains(&(message.role.as_str(), readable(message).as_str()));
        if !is_new || is_system(&message.role) {
            entries.append(&mut lost);
        }
        if !is_new {
            same.push(message);
            continue;
        }
        entries.extend(folded(std::mem::take(&mut same), Some(place), facts, budget));
        if shown == MAX_OPEN {
            earlier.push(message);
            continue;
        }
        shown += 1;
        entries.push(new(message, facts, before, budget));
    }
    entries.append(&mut lost);
    entries.extend(folded(earlier, None, facts, budget));
    entries.extend(folded(same, Some(place), facts, budget));
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

/// Returns messages in one line. `place` is where they were before.
fn folded(same: Vec<&Message>, place: Option<&str>, facts: &Facts, budget: &mut Budget) -> Option<Entry> {
    if same.is_empty() {
        return None;
    }
    let count = same.len();
    let roles: BTreeSet<&str> = same.iter().map(|message| message.role.as_str()).collect();
    let roles = roles.into_iter().take(MAX_ROLES).collect::<Vec<_>>().join(", ");
    let messages = if count == 1 { "message" } else { "messages" };
    let label = match place {
        Some(place) => format!("{count} {messages} as in {place} ({roles})"),
        None => format!("{count} earlier {messages} ({roles})"),
    };
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
    let is_lost =
        |kept: &&Kept| !is_system(&kept.role) && !kept.text.trim().is_empty() && !is_there(kept.text.trim());
    let lost: Vec<&Kept> = before.messages.iter().filter(is_lost).collect();
    lost.into_iter()
        .rev()
        .take(MAX_MESSAGES)
        .map(|kept| Entry {
            state: "gone",
            badge: Some(Shown::new(&format!("in {}, not in this prompt", before.place), MAX_NOTE)),
            ..Entry::new(&kept.role, budget.tail(&kept.text, MAX_GONE, facts))
        })
        .collect()
}

fn is_system(role: &str) -> bool {
    matches!(role, "system" | "developer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::journal::{Answer, Call, Prompt, ToolCall};

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
        Before::new("turn 1".into(), &messages, Some(Kept::answer("Noted.", &[])))
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

    /// A tool's result comes back with the call before it, which was the answer.
    #[test]
    fn a_call_is_not_new_again() {
        let calls = || vec![ToolCall { name: "recall".into(), arguments: "name".into() }];
        let call = Call {
            prompt: Some(Prompt { messages: vec![message("user", "Who am I?")], ..Prompt::default() }),
            answer: Some(Answer { text: String::new(), calls: calls() }),
            ..Call::default()
        };
        let before = Before::of("turn 2, call 1".into(), &call);
        let asked = Message { calls: calls(), ..message("assistant", "") };
        let messages = [message("user", "Who am I?"), asked, message("tool", "Nigel")];
        assert_eq!(
            compare(&messages, Some(&before)),
            [
                row("tool", "new", "new since turn 2, call 1"),
                row("2 messages as in turn 2, call 1 (assistant, user)", "same", "")
            ]
        );
    }

    #[test]
    fn the_beginning_of_a_long_prompt_is_folded() {
        let messages: Vec<Message> =
            (0..20).map(|number| message("user", &format!("message {number}"))).collect();
        let rows = compare(&messages, None);
        assert_eq!(rows.len(), MAX_OPEN + 1);
        assert_eq!(rows.last(), Some(&row("8 earlier messages (user)", "same", "")));
    }

    #[test]
    fn history_in_one_message_is_not_gone() {
        let messages = [message("user", "History: I am Nigel. / Noted. Question: Who am I?")];
        assert_eq!(compare(&messages, Some(&first())), [row("user", "new", "new since turn 1")]);
    }
}
