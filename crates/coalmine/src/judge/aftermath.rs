//! What was lost after something had happened: the happening is the news.

use super::chain::Break;
use crate::{
    event::Step,
    observe::TurnSeen,
    plan::{Before, Meanwhile, Troubles},
};

/// Codes of losses that a happening between the telling and the asking explains better.
const LOSSES: [&str; 4] =
    ["session.not-kept", "session.split", "prompt.history-missing", "prompt.question-missing"];

/// Renames a loss after what happened between the turn that told something and the one that asks for it.
pub(super) fn explain(broke: Break, told: &TurnSeen, turn: &TurnSeen, seen: &[TurnSeen]) -> Break {
    if !LOSSES.contains(&broke.code) {
        return broke;
    }
    let Some((code, what)) = happening(told, turn, seen).or_else(|| at_once(told, seen)) else {
        return broke;
    };
    Break { code, step: Step::Store, sentence: format!("{what}; {}", broke.sentence) }
}

/// The last thing that happened to the runtime between two turns.
fn happening(told: &TurnSeen, turn: &TurnSeen, seen: &[TurnSeen]) -> Option<(&'static str, &'static str)> {
    let between = seen.iter().filter(|other| told.number < other.number && other.number <= turn.number);
    let happened = |other: &TurnSeen| {
        if other.number < turn.number {
            if other.turn.meanwhile == Some(Meanwhile::Kill) && other.deed.done {
                return Some((
                    "session.lost-on-kill",
                    "the runtime was killed in the middle of a turn, and forgot",
                ));
            }
            if other.turn.trouble != Troubles::None
                && other.turn.context == turn.turn.context
                && is_failure(other)
            {
                return Some((
                    "session.lost-on-failure",
                    "the model failed in one turn, and the runtime forgot",
                ));
            }
        }
        match other.turn.before {
            Some(Before::Restart) => Some((
                "session.lost-on-restart",
                "the runtime was stopped and started on the same disk, and forgot",
            )),
            Some(Before::Recreate) => Some((
                "session.lost-on-recreate",
                "the container was made anew with its volumes, and the runtime forgot",
            )),
            None => None,
        }
    };
    between.filter(|other| other.skipped.is_none()).filter_map(happened).last()
}

fn is_failure(turn: &TurnSeen) -> bool {
    turn.calls.iter().any(|call| call.said.note.is_some())
}

/// Whether what was told was told beside another turn of the same context.
fn at_once(told: &TurnSeen, seen: &[TurnSeen]) -> Option<(&'static str, &'static str)> {
    let beside = |other: &TurnSeen| {
        other.number != told.number
            && told.turn.together.is_some()
            && other.turn.together == told.turn.together
            && other.turn.context == told.turn.context
    };
    seen.iter().any(beside).then_some((
        "session.overwritten",
        "two messages came at once in one context, and only one of them was kept",
    ))
}
