//! A loss in the session store: not kept, or kept in another session.

use super::{Loss, Wanted, origin::Origin};
use crate::{
    event::{Code, Step},
    judge::{
        checks::session::{holders, not_kept},
        path::{Break, FactPath},
    },
    observe::TurnSeen,
};

/// Returns the break if the store did not keep what was said, or not in the session of this turn.
pub(super) fn broken(path: &mut FactPath, loss: Loss<'_>) -> Option<Break> {
    let (Origin::History(_), Wanted::Text(text), turn) = (loss.origin, loss.wanted, loss.turn) else {
        return None;
    };
    let Some(holding) = turn.store.holding(text) else {
        path.unknown(Step::Store, "the session store cannot be read");
        return None;
    };
    if !turn.store.is_complete() && !turn.store.holds_together(&[text, turn.turn.say.trim()]) {
        path.unknown(Step::Store, "the session store is too large to be read as a whole");
        return None;
    }
    if holding.is_empty() {
        return Some(match last_kept(loss, text) {
            Some(earlier) => {
                let sentence = format!(
                    "no session in the runtime's store holds `{text}` any more; one did after turn {}",
                    earlier.number
                );
                Break::new(Code::SessionNotKept, Step::Store, sentence)
            }
            None => not_kept(text),
        });
    }
    if !turn.store.distinguishes_sessions() {
        path.ok(Step::Store, format!("the store holds `{text}`, but does not distinguish its sessions"));
        return None;
    }
    // if nothing was said, every session holds it
    let asked = turn.turn.say.trim();
    if !turn.store.holds_together(&[asked]) {
        return Some(not_kept(asked));
    }
    if turn.store.holds_together(&[text, asked]) {
        path.ok(Step::Store, format!("the session holds `{text}`"));
        return None;
    }
    let held = format!("{}; {}", holders(turn, text), holders(turn, asked));
    Some(match host(loss) {
        Some(other) => {
            let sentence = format!(
                "turn {} landed in the session of another context, with turn {}: {held}",
                turn.number, other.number
            );
            Break::new(Code::SessionShared, Step::Store, sentence)
        }
        None => {
            let sentence = format!(
                "turn {} landed in another session than the turn that said `{text}`: {held}",
                turn.number
            );
            Break::new(Code::SessionSplit, Step::Store, sentence)
        }
    })
}

/// Returns the last earlier turn after which the store held a text.
fn last_kept<'a>(loss: Loss<'a>, text: &str) -> Option<&'a TurnSeen> {
    let held = |earlier: &&TurnSeen| earlier.store.holding(text).is_some_and(|records| !records.is_empty());
    loss.case.earlier(loss.turn).filter(held).last()
}

/// Returns a turn of another context that shares a session with this one.
fn host<'a>(loss: Loss<'a>) -> Option<&'a TurnSeen> {
    let Loss { case, turn, .. } = loss;
    let asked = turn.turn.say.trim();
    let own = |said: &str| case.same_context(turn).any(|own| own.turn.say.contains(said));
    case.turns.iter().find(|other| {
        let said = other.turn.say.trim();
        !said.is_empty() && !own(said) && turn.store.holds_together(&[asked, said])
    })
}

/// Returns whether the session of a turn is seen to hold a text that was said in it before.
pub(super) fn holds(turn: &TurnSeen, wanted: &Wanted<'_>) -> bool {
    let Wanted::Text(text) = wanted else { return false };
    turn.store.distinguishes_sessions() && turn.store.holds_together(&[text, turn.turn.say.trim()])
}
