//! What the run's folder holds of a turn: the wire, the session store, and the model's answers.

use std::borrow::Cow;

use coalmine::event::TurnReport;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    budget::Budget,
    entry::Entry,
    folder::Content,
    journal::{Call, Journal},
    marked::{Facts, Marked, grouped},
    tab::Sources,
};
use crate::view::{Shown, address};

const MAX_LABEL: usize = 200;
const MAX_NOTE: usize = 600;
/// The most files of the wire.
const MAX_FILES: usize = 60;
/// The most bytes of a file of evidence that is shown in the page; a longer one is linked.
const MAX_FILE: u64 = 48 << 10;
/// The most bytes of a session store that is searched for the conversation.
const MAX_STORE: u64 = 1 << 20;
/// The most characters of one text.
const MAX_TEXT: usize = 12_000;
/// The most sessions of a store that are shown.
const MAX_SESSIONS: usize = 4;

/// Returns what was sent and received.
pub(super) fn wire(turn: &TurnReport, facts: &Facts, sources: &mut Sources<'_>) -> Vec<Entry> {
    let entry = |path: &String| {
        let label = if path.contains(".request") { "sent" } else { "received" };
        let content = sources.folder.read(path, MAX_FILE);
        file_entry(label, path, content, |text| sources.budget.head(&readable(text), MAX_TEXT, facts))
    };
    turn.wire.iter().take(MAX_FILES).filter_map(entry).collect()
}

/// Returns what the runtime had stored after the turn, of this conversation if it can be distinguished.
pub(super) fn store(turn: &TurnReport, facts: &Facts, sources: &mut Sources<'_>) -> Vec<Entry> {
    let Some(path) = &turn.session_store else { return vec![] };
    let content = sources.folder.read(path, MAX_STORE);
    let Content::Whole(text) = &content else {
        return file_entry("the whole store", path, content, |_| None).into_iter().collect();
    };
    let sessions = sessions(text);
    let own: Vec<&str> = sessions.iter().copied().filter(|session| is_about(session, turn)).collect();
    let mut entries: Vec<Entry> = own
        .iter()
        .take(MAX_SESSIONS)
        .map(|own| Entry::new("session", sources.budget.tail(&readable(own), MAX_TEXT, facts)))
        .collect();
    let count = sessions.len();
    let whole = Content::Whole(text.clone());
    let label = match (own.len(), count) {
        (_, 0) => "the store".to_owned(),
        (0, count) => format!("the store ({count} sessions, none of which names this conversation)"),
        (own, count) => format!("the store ({own} of {count} sessions are about this conversation)"),
    };
    let rest = file_entry(&label, path, whole, |text| {
        if own.is_empty() {
            sources.budget.tail(&readable(text), MAX_TEXT / 2, facts)
        } else {
            Some(Marked::default())
        }
    });
    entries.extend(rest);
    entries
}

/// Returns what the model answered, call by call.
pub(super) fn answers(turn: &TurnReport, facts: &Facts, sources: &mut Sources<'_>) -> Vec<Entry> {
    let journal = sources.journal;
    let calls = calls(turn, journal);
    let total = calls.len();
    calls
        .iter()
        .enumerate()
        .map(|(at, (seq, call))| answer(at, total, *seq, call, facts, &mut sources.budget))
        .collect()
}

fn answer(at: usize, total: usize, seq: u64, call: &Call, facts: &Facts, budget: &mut Budget) -> Entry {
    let label = if total == 1 { "model".to_owned() } else { format!("model, call {} of {total}", at + 1) };
    let badge = Some(Shown::whole(format!("journal seq {seq}")));
    let note = call.note.as_deref().map(|note| Shown::new(note, MAX_NOTE));
    let Some(answer) = &call.answer else {
        let words = if call.status >= 400 {
            format!("no answer: status {}", call.status)
        } else {
            "the answer is only in the journal".to_owned()
        };
        let note = note.map_or_else(|| words.clone(), |note| format!("{words}: {note}"));
        return Entry { badge, ..Entry::note(&label, &note) };
    };
    let mut text = answer.text.clone();
    for call in &answer.calls {
        text.push_str(&format!("{}→ calls {}", if text.is_empty() { "" } else { "\n" }, call.name));
    }
    let entry = if text.is_empty() {
        Entry::note(&label, "empty")
    } else {
        Entry::new(&label, budget.head(&text, MAX_TEXT, facts))
    };
    Entry { badge, note: entry.note.clone().or(note), ..entry }
}

/// Returns the turn's calls to the model that the journal holds.
pub(super) fn calls<'a>(turn: &TurnReport, journal: &'a Journal) -> Vec<(u64, &'a Call)> {
    turn.model_call_seqs.iter().filter_map(|seq| Some((*seq, journal.call(*seq)?))).collect()
}

/// Returns an entry for a file, or nothing if it is gone.
fn file_entry(
    label: &str,
    path: &str,
    content: Content,
    show: impl FnOnce(&str) -> Option<Marked>,
) -> Option<Entry> {
    let file = Some((address(path), Shown::new(path, MAX_LABEL)));
    let entry = match content {
        Content::Missing => return None,
        Content::Whole(text) if text.is_empty() => Entry::note(label, "empty"),
        Content::Whole(text) => Entry::new(label, show(&text)),
        Content::TooLarge(bytes) => {
            let bytes = grouped(usize::try_from(bytes).unwrap_or(usize::MAX));
            Entry::note(label, &format!("{bytes} bytes, which is too much for the page: open the file"))
        }
    };
    Some(Entry { file, ..entry })
}

/// Returns JSON with line breaks, and any other text as it is. A long text stays as it is as well: parsed, millions of values
/// take far more memory than their text.
fn readable(text: &str) -> Cow<'_, str> {
    let short = Some(text).filter(|text| text.len() as u64 <= MAX_FILE);
    let parsed = short.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let pretty = parsed.and_then(|value| serde_json::to_string_pretty(&value).ok());
    pretty.map_or(Cow::Borrowed(text), Cow::Owned)
}

#[derive(Deserialize)]
struct Sessions<'a> {
    #[serde(borrow)]
    sessions: Vec<&'a RawValue>,
}

/// Returns the sessions of a store: the list that most runtimes give, or else the lines.
fn sessions(text: &str) -> Vec<&str> {
    let listed = serde_json::from_str::<Sessions<'_>>(text).map(|found| found.sessions);
    let listed = listed.or_else(|_| serde_json::from_str::<Vec<&RawValue>>(text));
    match listed {
        Ok(listed) => listed.into_iter().map(RawValue::get).collect(),
        Err(_) if text.lines().nth(1).is_some() => {
            text.lines().filter(|line| !line.trim().is_empty()).collect()
        }
        Err(_) => vec![],
    }
}

fn is_about(session: &str, turn: &TurnReport) -> bool {
    let says = |text: &str| !text.is_empty() && session.contains(text);
    says(&turn.context_id) || says(&turn.say)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_not_parsed() {
        assert_eq!(readable("[1]"), "[\n  1\n]");
        let long = format!("[0{}]", ",0".repeat(1 << 20));
        assert!(matches!(readable(&long), Cow::Borrowed(same) if same == long));
    }

    #[test]
    fn sessions_are_distinguished() {
        assert_eq!(
            sessions(r#"{"sessions":[{"key":"a"},{"key":"b"}]}"#),
            [r#"{"key":"a"}"#, r#"{"key":"b"}"#]
        );
        assert_eq!(sessions(r#"[{"key":"a"}, 1]"#), [r#"{"key":"a"}"#, "1"]);
        assert_eq!(sessions("one\n\ntwo\n"), ["one", "two"]);
        assert!(sessions("one line").is_empty());
    }
}
