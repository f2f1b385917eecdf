//! `expect.prompt.contains`, `expect.reply.contains` and `expect.reply.matches`: what must come through.

use regex::Regex;

use super::{context, leak};
use crate::{
    event::Diagnosis,
    judge::{
        case::Case,
        loss::{self, Wanted},
        outcome::Outcome,
    },
    observe::{TurnSeen, last_words},
};

/// The most characters that are quoted of one message of a prompt.
const MAX_WORDS: usize = 200;

pub(in crate::judge) fn prompt_contains(turn: &TurnSeen, text: &str) -> Outcome {
    Outcome::test(turn.prompted(text), format!("`{text}` reaches the model"), prompt_seen(turn))
}

pub(in crate::judge) fn reply_contains(turn: &TurnSeen, text: &str) -> Outcome {
    Outcome::test(turn.reply.contains(text), format!("contains `{text}`"), &turn.reply)
}

pub(in crate::judge) fn reply_matches(turn: &TurnSeen, pattern: &Regex) -> Outcome {
    Outcome::test(pattern.is_match(&turn.reply), format!("matches `{pattern}`"), &turn.reply)
}

/// Returns whether anything that must come through did not.
pub(in crate::judge) fn is_missing(turn: &TurnSeen) -> bool {
    let wanted = &turn.turn;
    wanted.prompt_contains.iter().any(|text| !turn.prompted(text))
        || wanted.reply_contains.iter().any(|text| !turn.reply.contains(text))
        || wanted.reply_matches.iter().any(|pattern| !pattern.is_match(&turn.reply))
}

/// Returns the cause if something did not come through. The earliest departure counts: an earlier turn may have come back under
/// another `contextId`, or the answer may hold another conversation's fact.
pub(in crate::judge) fn cause(case: Case<'_>, turn: &TurnSeen, wanted: &Wanted<'_>) -> Diagnosis {
    if let Some(earlier) = context::replaced_before(case, turn) {
        return context::replaced(earlier);
    }
    let foreign = turn.foreign_facts().into_iter().next().map(String::as_str);
    if let Some(fact) = foreign.or_else(|| foreign_fact(case, turn)) {
        return leak::cause(case, turn, fact);
    }
    loss::cause(case, turn, wanted)
}

/// Returns a fact in the reply that was stated only in another conversation.
fn foreign_fact<'a>(case: Case<'a>, turn: &'a TurnSeen) -> Option<&'a str> {
    if turn.turn.memory.is_some() {
        return None;
    }
    let stated_elsewhere = |fact: &str| {
        let mut others = case.turns.iter().filter(|other| other.turn.context != turn.turn.context);
        others.any(|other| other.turn.stated().contains(fact))
    };
    let mut facts = case.script.facts.in_text(&turn.reply);
    facts.find(|fact| stated_elsewhere(fact) && !case.said_in_context(turn, fact))
}

/// Returns how many prompts there were, and the user's last message and the last message of the last one.
pub(in crate::judge) fn prompt_seen(turn: &TurnSeen) -> String {
    let Some(prompt) = turn.prompts().last() else { return "no call to the model".into() };
    let words = last_words(prompt, MAX_WORDS).join(" / ");
    format!("{} call(s); the last one ends with {words}", turn.calls.len())
}
