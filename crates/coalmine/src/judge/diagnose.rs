//! Which layer broke first: dispatch by what failed.

use super::{
    chain::{Break, Chain},
    leak, lost, memory, wire,
};
use crate::{
    event::{Diagnosis, Evidence, Step},
    observe::{Store, TurnSeen},
    plan::{ContextRule, Promise, Script},
};

/// What is known beside the turns.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Whether the honest model answers; else the runtime answers without a model.
    pub simulated: bool,
    /// Whether the runtime ever called the model in this run.
    pub model_called: bool,
    /// What the profile says of a memory.
    pub memory: Promise,
}

/// Something that the user should have got to see, or the model.
pub(super) enum Wanted<'a> {
    Text(&'a str),
    Pattern(&'a regex::Regex),
}

impl Wanted<'_> {
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Text(wanted) => text.contains(wanted),
            Self::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

impl std::fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Pattern(pattern) => write!(f, "`{pattern}`"),
        }
    }
}

/// Names the first departure, in the order of the turns and of each turn's path.
pub(super) fn diagnose(script: &Script, seen: &[TurnSeen], known: &Known) -> Diagnosis {
    for turn in seen.iter().filter(|turn| turn.skipped.is_none()) {
        if let Some(diagnosis) = of_turn(turn, seen, known) {
            return diagnosis;
        }
    }
    // checks and diagnoses look at the same things, so this is a check that nobody thought of here
    let broke = Break {
        code: "reply.answer-lost",
        step: Step::Reply,
        sentence: format!("an expectation of `{}` does not hold", script.canary.id),
    };
    Chain::default().diagnosis(broke, None, vec![])
}

fn of_turn(turn: &TurnSeen, seen: &[TurnSeen], known: &Known) -> Option<Diagnosis> {
    if let Some(diagnosis) = wire::broken(turn, known) {
        return Some(diagnosis);
    }
    let script = &turn.turn;
    if script.context_rule == Some(ContextRule::Kept)
        && let Some(other) = turn.context_ids.iter().find(|id| **id != turn.context_id)
    {
        return Some(wire::context_replaced(turn, other));
    }
    let prompts =
        script.prompt_contains.iter().filter(|text| !turn.prompted(text)).map(|text| Wanted::Text(text));
    let texts = script
        .reply_contains
        .iter()
        .filter(|text| !turn.reply.contains(*text))
        .map(|text| Wanted::Text(text));
    let patterns = script.reply_matches.iter().filter(|p| !p.is_match(&turn.reply)).map(Wanted::Pattern);
    if let Some(wanted) = prompts.chain(texts).chain(patterns).next() {
        return Some(lost::diagnose(turn, seen, &wanted, known));
    }
    let leaked = script.reply_lacks.iter().find(|text| turn.reply.contains(*text));
    if let Some(text) = leaked.or_else(|| script.prompt_lacks.iter().find(|text| turn.prompted(text))) {
        return Some(leak::diagnose(turn, seen, text));
    }
    if !script.session.is_empty() {
        let texts: Vec<&str> = script.session.iter().map(String::as_str).collect();
        if turn.store.tells_sessions_apart() && !turn.store.holds_together(&texts) {
            return Some(lost::split(turn, &texts));
        }
    }
    memory::unproven(turn, seen)
}

/// The evidence of a turn: what was said, what came back, what the model was asked and what it answered.
pub(super) fn evidence(turn: &TurnSeen) -> Vec<Evidence> {
    let short = |text: &str| text.chars().take(300).collect::<String>();
    let item = |what: &str, text: String, path: Option<&str>| Evidence {
        what: what.to_owned(),
        text: short(&text),
        path: path.map(str::to_owned),
    };
    let mut all = vec![];
    for path in &turn.wire {
        let what = if path.contains("request") { "what the client sent" } else { "what came back" };
        all.push(item(what, String::new(), Some(path)));
    }
    match turn.calls.last() {
        None => {
            all.push(item("what reached the model", "nothing: it was not called in this turn".into(), None))
        }
        Some(call) => {
            let lines: Vec<String> = turn.calls.iter().map(|call| call.seq.to_string()).collect();
            let text = format!("{} call(s), `seq` {} in the journal", turn.calls.len(), lines.join(", "));
            all.push(item("what reached the model", text, Some("journal.ndjson")));
            if let Some(answer) = &call.said.answer {
                let tools: Vec<&str> = answer.calls.iter().map(|call| call.name.as_str()).collect();
                let text = if tools.is_empty() {
                    answer.text.clone()
                } else {
                    format!("calls {}", tools.join(", "))
                };
                all.push(item("what the model answered", text, Some("journal.ndjson")));
            }
        }
    }
    match &turn.store {
        Store::Read { records, .. } => {
            all.push(item(
                "what the store held",
                format!("{} session(s)", records.len()),
                Some("session-store/"),
            ));
        }
        Store::Unreadable(reason) => {
            all.push(item("what the store held", format!("cannot be read: {reason}"), None))
        }
    }
    all
}
