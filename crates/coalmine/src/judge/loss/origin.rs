//! Where a lost text came from.

use super::Wanted;
use crate::{judge::case::Case, observe::TurnSeen};

/// Where a lost text came from.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    /// This turn's own message or file.
    ThisTurn { in_file: bool },
    /// An earlier turn of the same conversation, whoever said it there.
    History(&'a TurnSeen),
    /// Another conversation: only a memory can carry it here.
    Memory(&'a TurnSeen),
    /// Nobody said it: the model's own words.
    Model,
}

impl<'a> Origin<'a> {
    pub(super) fn of(case: Case<'a>, turn: &'a TurnSeen, wanted: &Wanted<'_>) -> Self {
        let Wanted::Text(text) = wanted else { return Self::Model };
        if turn.turn.stated().contains(text) {
            let mut files = turn.turn.files.iter();
            let in_file = files.any(|file| file.content.contains(text) || file.name.contains(text));
            return Self::ThisTurn { in_file };
        }
        let said = |earlier: &&TurnSeen| {
            earlier.number < turn.number && earlier.skipped.is_none() && earlier.turn.stated().contains(text)
        };
        match case.turns.iter().find(said) {
            Some(earlier) if earlier.turn.context == turn.turn.context => Self::History(earlier),
            Some(earlier) => Self::Memory(earlier),
            None => {
                case.earlier(turn).find(|earlier| appeared(earlier, text)).map_or(Self::Model, Self::History)
            }
        }
    }
}

/// Returns whether a text that the user did not say came up in a turn: a tool or the model said it.
fn appeared(turn: &TurnSeen, text: &str) -> bool {
    turn.reply.contains(text) || turn.prompted(text) || turn.answered(|answer| answer.contains(text))
}
