//! What reached the model in a turn, from its end, and how it differs from what reached it before.

use coalmine::event::{PromptMessage, TurnReport};

use super::{
    before::{Before, Kept},
    budget::Budget,
    compare::compared,
    entry::Entry,
    evidence::calls,
    journal::{Call, Message},
    marked::Facts,
    tab::Sources,
};

/// The most calls of a turn.
const MAX_CALLS: usize = 8;

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
    let message = |one: &PromptMessage| Message {
        role: one.role.clone(),
        text: one.text.clone(),
        ..Message::default()
    };
    let messages: Vec<Message> = turn.prompt.iter().map(message).collect();
    let entries = compared(&messages, facts, before.as_ref(), budget);
    let answer = Kept::answer(turn.reply.as_deref().unwrap_or_default(), &[]);
    *before = Some(Before::new(format!("turn {}", turn.number), &messages, Some(answer)));
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
