//! The memory's path: offered, called, answered, kept, read.

use super::{
    diagnose::{Wanted, evidence},
    path::{Break, FactPath},
};
use crate::{
    event::{Code, Diagnosis, Step},
    observe::TurnSeen,
    plan::MemoryRule,
};

/// Where a fact was lost between the turn that told it and the turn that wants it.
pub(super) fn lost(
    path: &mut FactPath,
    turn: &TurnSeen,
    (told, seen): (&TurnSeen, &[TurnSeen]),
    wanted: &Wanted<'_>,
    simulated: bool,
) -> Break {
    let broke = |code, sentence: String| Break { code, step: Step::Tool, sentence };
    let in_memory = |text: &String| wanted.is_in(text);
    let kept = turn.memory.kept.iter().chain(&told.memory.kept).any(in_memory);
    let knew = |earlier: &&TurnSeen| {
        told.number < earlier.number
            && earlier.number < turn.number
            && earlier.turn.memory == Some(MemoryRule::Read)
            && earlier.memory.results.iter().any(in_memory)
    };
    if !turn.memory.kept.iter().any(in_memory)
        && let Some(earlier) = seen.iter().find(knew)
    {
        let sentence = format!("the memory gave {wanted} in turn {}, and holds it no more", earlier.number);
        return broke(Code::ToolMemoryLost, sentence);
    }
    if !kept && !simulated {
        return broke(Code::ToolMemoryNotWritten, format!("{wanted} is nowhere in the runtime's memory"));
    }
    if !kept {
        if told.calls.is_empty() {
            let sentence = format!("the runtime did not call the model in turn {}", told.number);
            return Break { code: Code::PromptNoModelCall, step: Step::Prompt, sentence };
        }
        if told.memory.write_tools.is_empty() {
            return broke(
                Code::ToolNotOffered,
                format!("the model was offered no tool to remember with in turn {}", told.number),
            );
        }
        if !told.memory.written.iter().any(in_memory) {
            return broke(
                Code::ToolNotCalled,
                format!(
                    "the model did not get to call `{}` with {wanted}",
                    told.memory.write_tools.join("`, `")
                ),
            );
        }
        if told.memory.results.is_empty() {
            return broke(Code::ToolResultMissing, "the model's call to remember never got a result".into());
        }
        if turn.memory.reads == 0 {
            let sentence = format!(
                "{wanted} was handed to `{}`, but in turn {} the model was offered no tool to read it with and no word of \
                 it; a reading tool of another name belongs into `[tools]` of the profile",
                told.memory.write_tools.join("`, `"),
                turn.number
            );
            return broke(Code::ToolMemoryNotRead, sentence);
        }
        let read = match turn.memory.results.is_empty() {
            true => "nothing in the memory holds it".to_owned(),
            false => {
                format!("reading the memory gave: {}", super::lost::short(&turn.memory.results.join(" | ")))
            }
        };
        let sentence = format!(
            "the tool acknowledged {wanted}, and then {read}; where the runtime writes it cannot be seen from outside, so \
             not written and not found again look the same"
        );
        return broke(Code::ToolMemoryNotWritten, sentence);
    }
    path.ok(Step::Store, format!("the memory holds {wanted}"));
    let sentence = match (turn.memory.reads, turn.memory.read_tools.is_empty()) {
        (0, true) => {
            "the memory holds the fact, but the model was offered no tool to read it with and no word of it"
                .into()
        }
        (0, false) => "the memory holds the fact, but it was not read".to_owned(),
        _ => format!(
            "the memory holds the fact, but reading it gave: {}",
            super::lost::short(&turn.memory.results.join(" | "))
        ),
    };
    broke(Code::ToolMemoryNotRead, sentence)
}

/// A turn in which everything came back right, but the memory had no part in it.
pub(super) fn unproven(turn: &TurnSeen, seen: &[TurnSeen]) -> Option<Diagnosis> {
    let rule = turn.turn.memory?;
    let mut path = FactPath::default();
    path.ok(Step::Sent, "the runtime took the message and answered");
    let broke = |code, sentence: &str| Break { code, step: Step::Tool, sentence: sentence.to_owned() };
    let broke = match rule {
        // a write that cannot be seen is judged by the read that follows
        MemoryRule::Written if turn.memory.write_tools.is_empty() && !turn.calls.is_empty() => {
            if seen.iter().any(|later| later.number > turn.number && later.skipped.is_none()) {
                return None;
            }
            broke(Code::ToolNotOffered, "the model was offered no tool to remember with")
        }
        MemoryRule::Written => return None,
        MemoryRule::Read => {
            let missing =
                turn.turn.reply_contains.iter().find(|fact| !turn.remembered(fact, told(fact, seen)));
            let offered =
                seen.iter().any(|told| !told.memory.write_tools.is_empty() || !told.memory.kept.is_empty());
            let own = |fact: &str| {
                let told = |other: &TurnSeen| {
                    other.turn.context == turn.turn.context && other.turn.told().contains(fact)
                };
                seen.iter().any(told)
            };
            match (missing, offered) {
                (None, true) => return None,
                (None, false) => {
                    broke(Code::ToolNotOffered, "the model was offered no tool to remember with")
                }
                (Some(fact), _) if own(fact) => broke(
                    Code::ToolMemoryNotRead,
                    "the fact came back, but from the conversation in which it was told and not from the memory",
                ),
                (Some(_), _) => broke(
                    Code::ToolMemoryNotRead,
                    "the fact came back, but from another conversation's history and not from the memory",
                ),
            }
        }
    };
    Some(path.diagnosis(broke, Some(turn.number), evidence(turn)))
}

/// The sentence in which a fact was told.
pub(super) fn told<'a>(fact: &str, seen: &'a [TurnSeen]) -> &'a str {
    seen.iter().map(|turn| turn.turn.say.as_str()).find(|say| say.contains(fact)).unwrap_or_default()
}
