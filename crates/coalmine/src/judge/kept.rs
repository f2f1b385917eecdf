//! Did the store keep it, and in whose session?

use super::{
    diagnose::{Wanted, evidence},
    lost::{Loss, Origin},
    path::{Break, FactPath},
};
use crate::{
    event::{Code, Diagnosis, Step},
    observe::TurnSeen,
};

/// Did the store keep what was told, in the session of this turn?
pub(super) fn broken(path: &mut FactPath, loss: &Loss<'_>) -> Option<Break> {
    let Loss { turn, seen, origin, wanted } = loss;
    let (Origin::History(_), Wanted::Text(text)) = (origin, wanted) else { return None };
    let Some(holding) = turn.store.holding(text) else {
        path.unknown(Step::Store, "the session store cannot be read");
        return None;
    };
    if holding.is_empty() {
        return Some(not_kept(text));
    }
    if !turn.store.tells_sessions_apart() {
        path.ok(Step::Store, format!("the store holds `{text}`; its sessions cannot be told apart"));
        return None;
    }
    // where nothing was said, every session holds it
    let asked = turn.turn.say.trim();
    if !turn.store.holds_together(&[asked]) {
        return Some(not_kept(asked));
    }
    if !turn.store.holds_together(&[text, asked]) {
        if let Some(other) = host(turn, seen) {
            return Some(Break {
                code: Code::SessionShared,
                step: Step::Store,
                sentence: format!(
                    "turn {} landed in the session of another context, with turn {}: {}",
                    turn.number,
                    other.number,
                    holders(turn, asked)
                ),
            });
        }
        return Some(Break {
            code: Code::SessionSplit,
            step: Step::Store,
            sentence: format!(
                "turn {} landed in another session than the turn that told `{text}`: {}; {}",
                turn.number,
                holders(turn, text),
                holders(turn, asked)
            ),
        });
    }
    path.ok(Step::Store, format!("the session holds `{text}`"));
    None
}

/// A turn of another context that is in one session with this one.
fn host<'a>(turn: &TurnSeen, seen: &'a [TurnSeen]) -> Option<&'a TurnSeen> {
    let asked = turn.turn.say.trim();
    let own = |said: &str| {
        seen.iter().any(|own| own.turn.context == turn.turn.context && own.turn.say.contains(said))
    };
    seen.iter().find(|other| {
        let said = other.turn.say.trim();
        !said.is_empty() && !own(said) && turn.store.holds_together(&[asked, said])
    })
}

fn not_kept(text: &str) -> Break {
    Break {
        code: Code::SessionNotKept,
        step: Step::Store,
        sentence: format!("no session in the runtime's store holds `{text}`"),
    }
}

/// Whether the session of a turn is seen to hold a text that was told in it before.
pub(super) fn holds(turn: &TurnSeen, wanted: &Wanted<'_>) -> bool {
    let Wanted::Text(text) = wanted else { return false };
    turn.store.tells_sessions_apart() && turn.store.holds_together(&[text, turn.turn.say.trim()])
}

/// Two turns of one context that the store holds in different sessions, or not at all.
pub(super) fn split(turn: &TurnSeen, texts: &[&str]) -> Diagnosis {
    let mut path = FactPath::default();
    path.ok(Step::Sent, "the runtime took the messages and answered");
    let missing =
        texts.iter().find(|text| turn.store.holding(text).is_some_and(|records| records.is_empty()));
    let broke = match missing {
        Some(text) => not_kept(text),
        None => Break {
            code: Code::SessionSplit,
            step: Step::Store,
            sentence: format!(
                "two turns of one context landed in different sessions: {}",
                texts.iter().map(|text| holders(turn, text)).collect::<Vec<_>>().join("; ")
            ),
        },
    };
    path.diagnosis(broke, Some(turn.number), evidence(turn))
}

fn holders(turn: &TurnSeen, text: &str) -> String {
    let records = turn.store.holding(text).unwrap_or_default();
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).take(3).collect();
    format!("`{text}` is in session {}", keys.join(", "))
}
