//! `expect.memory`: the fact went into the memory, and came back out of it.

use crate::{
    event::{Code, Diagnosis, Step},
    judge::{case::Case, loss, outcome::Outcome, path::Break},
    observe::TurnSeen,
    plan::MemoryRule,
};

/// Returns whether the fact was written, which it was if it can be read back: from the memory root, from the control plane,
/// or later by the runtime itself.
pub(in crate::judge) fn written(case: Case<'_>, turn: &TurnSeen) -> Outcome {
    let expected = "the fact is in the memory";
    if is_proven(case, turn) {
        return Outcome::test(true, expected, turn.memory.written.first().map_or("it is", String::as_str));
    }
    let recalled = case
        .turns
        .iter()
        .any(|later| later.number > turn.number && later.turn.memory == Some(MemoryRule::Read));
    let (called, offered) = (!turn.memory.written.is_empty(), !turn.memory.write_tools.is_empty());
    if !called && turn.calls.is_empty() && recalled {
        return Outcome::skip(expected, "the memory cannot be seen from outside; the recall decides");
    }
    let actual = match (called || turn.calls.is_empty(), offered) {
        (true, _) => "acknowledged, but found nowhere",
        (false, true) => "the model called no tool to write with",
        (false, false) => "the model was offered no tool to write with",
    };
    // otherwise the turn that reads it explains the failure better
    let last = case.later(turn).next().is_none();
    Outcome::test(false, expected, actual).decisive_if(last && !offered && !turn.calls.is_empty())
}

fn is_proven(case: Case<'_>, turn: &TurnSeen) -> bool {
    let in_memory = |fact: &String| turn.memory.kept.iter().any(|kept| kept.contains(fact.as_str()));
    let recalled = |fact: &String| {
        case.turns.iter().any(|later| later.number > turn.number && later.remembered(fact, &turn.turn.say))
    };
    let said = facts_in(&turn.turn.say, &turn.turn.say);
    let mut passed_on = turn.memory.written.iter().flat_map(|text| facts_in(text, &turn.turn.say));
    passed_on.any(|fact| in_memory(&fact) || recalled(&fact)) || said.iter().any(in_memory)
}

pub(in crate::judge) fn read(case: Case<'_>, turn: &TurnSeen) -> Outcome {
    let expected = "the fact comes from memory, not from the conversation";
    if turn.calls.is_empty() {
        return Outcome::skip(expected, "the model was not called, so there is no prompt to inspect");
    }
    let results = &turn.memory.results;
    let actual = if turn.memory.reads == 0 && results.is_empty() {
        "no memory was read".to_owned()
    } else {
        format!("results: {}", results.join(" | "))
    };
    Outcome::test(not_remembered(case, turn).is_none(), expected, actual)
}

/// Returns the cause if a fact was not written, and nothing later explains it better.
pub(in crate::judge) fn not_written(turn: &TurnSeen) -> Diagnosis {
    let broke = if turn.memory.write_tools.is_empty() && !turn.calls.is_empty() {
        not_offered()
    } else {
        let sentence = "the memory tool was called, but the fact is nowhere in the runtime's memory";
        Break::new(Code::ToolMemoryNotWritten, Step::Tool, sentence)
    };
    broke.after_sending(turn)
}

/// Returns the cause if the fact came back, but the memory had no part in it.
pub(in crate::judge) fn not_read(case: Case<'_>, turn: &TurnSeen) -> Diagnosis {
    let own = not_remembered(case, turn).is_some_and(|fact| case.said_in_context(turn, fact));
    let sentence = if own {
        "the fact came back from the conversation in which it was said, not from the memory"
    } else {
        "the fact came back from another conversation's history, not from the memory"
    };
    Break::new(Code::ToolMemoryNotRead, Step::Tool, sentence).after_sending(turn)
}

fn not_remembered<'a>(case: Case<'_>, turn: &'a TurnSeen) -> Option<&'a str> {
    let mut facts = turn.turn.reply_contains.iter().map(String::as_str);
    facts.find(|fact| !turn.remembered(fact, loss::said_with(case, fact)))
}

fn not_offered() -> Break {
    Break::new(Code::ToolNotOffered, Step::Tool, "the model was offered no tool to remember with")
}

/// Returns the words of `text` that look like drawn facts, because they end in digits, and that the user said.
fn facts_in(text: &str, said: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| {
            word.contains('-') && word.ends_with(|c: char| c.is_ascii_digit()) && said.contains(word)
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_facts_end_in_digits_and_were_said() {
        let said = "My boat is Zorvane-4417, my cat is well-fed.";
        assert_eq!(facts_in("boat=Zorvane-4417 cat=well-fed x=Other-1234", said), ["Zorvane-4417"]);
    }
}
