//! The tools that the model called in a turn, what it got back, and the agents that were asked.

use coalmine::event::TurnReport;

use super::{
    entry::Entry,
    evidence::calls,
    journal::{Call, Message},
    marked::Facts,
    tab::Sources,
};
use crate::view::Shown;

const MAX_TEXT: usize = 6_000;
const MAX_LABEL: usize = 120;
/// The most names of tools that are listed.
const MAX_OFFERED: usize = 60;

/// Returns the calls in their order, each with its result.
pub(super) fn tools(turn: &TurnReport, facts: &Facts, sources: &mut Sources<'_>) -> Vec<Entry> {
    let journal = sources.journal;
    let calls = calls(turn, journal);
    let mut entries = Vec::new();
    for (at, (_, call)) in calls.iter().enumerate() {
        let asked = call.answer.iter().flat_map(|answer| &answer.calls);
        let mut results = results(calls.get(at + 1).map(|(_, next)| *next), asked.clone().count());
        for tool in asked {
            let arguments = match &tool.arguments {
                serde_json::Value::String(code) => code.clone(),
                value => serde_json::to_string_pretty(value).unwrap_or_default(),
            };
            let label = format!("calls {}", tool.name);
            entries.push(Entry::new(&label, sources.budget.head(&arguments, MAX_TEXT, facts)));
            entries.push(match results.next() {
                Some(result) => {
                    let label = if result.is_error { "result, an error" } else { "result" };
                    Entry::new(label, sources.budget.head(&result.text, MAX_TEXT, facts))
                }
                None => Entry::note("result", "none of the turn's prompts holds one"),
            });
        }
    }
    for peer in turn.peer_call_seqs.iter().filter_map(|seq| journal.call(*seq)?.peer.as_ref()) {
        let label = format!("asks the agent {}", peer.id);
        entries.push(Entry::new(&label, sources.budget.head(&peer.text, MAX_TEXT, facts)));
        if let Some(answer) = &peer.answer {
            entries.push(Entry::new("its answer", sources.budget.head(answer, MAX_TEXT, facts)));
        }
    }
    entries.extend(offered(calls.last().map(|(_, call)| *call)));
    entries
}

/// Returns the last `count` results in a prompt: those of the calls before it.
fn results(next: Option<&Call>, count: usize) -> impl Iterator<Item = &Message> {
    let messages = next.and_then(|call| call.prompt.as_ref()).map_or(&[][..], |prompt| &prompt.messages);
    let of_tools: Vec<&Message> = messages.iter().filter(|message| message.role == "tool").collect();
    let from = of_tools.len().saturating_sub(count);
    of_tools.into_iter().skip(from)
}

fn offered(call: Option<&Call>) -> Option<Entry> {
    let prompt = call?.prompt.as_ref()?;
    let names: Vec<&str> = prompt
        .tools
        .iter()
        .chain(&prompt.functions)
        .map(|tool| tool.name.as_str())
        .take(MAX_OFFERED)
        .collect();
    let entry = match names.as_slice() {
        [] => Entry::note("offered", "no tool"),
        names => Entry::note("offered", &names.join(", ")),
    };
    Some(Entry { label: Shown::new("offered to the model", MAX_LABEL), state: "quiet", ..entry })
}
