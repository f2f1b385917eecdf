//! What was lost after something had happened to the runtime: the disruption is the news.

use super::{Loss, Wanted, store};
use crate::{
    event::{Code, Step},
    judge::{case::Case, path::Break},
    observe::TurnSeen,
    plan::{Before, During},
};

/// Codes of losses that a disruption between stating a fact and asking for it explains better.
const LOSSES: [Code; 4] =
    [Code::SessionNotKept, Code::SessionSplit, Code::PromptHistoryMissing, Code::PromptQuestionMissing];

/// What happened, as a code and in words.
type Disruption = (Code, &'static str);

/// Renames a loss by what happened between the turn that stated a fact and the one that asks for it.
///
/// A fact that the session still holds may have been lost on its way to the model. It was lost by the disruption only if it
/// had reached the model before: then the transcript is on disk, and nobody finds it again.
pub(super) fn explain(broke: Break, loss: Loss<'_>, stated: &TurnSeen) -> Break {
    let Loss { case, turn, wanted, .. } = loss;
    if !LOSSES.contains(&broke.code) {
        return broke;
    }
    let held = store::holds(turn, wanted);
    let disruption = last_between(case, stated, turn)
        .filter(|(disrupted, (code, _))| {
            // a process that goes on keeps all of its sessions or none
            let went_on = *code == Code::SessionLostOnFailure;
            let survivors = (held || went_on) && has_survivors(loss, disrupted);
            (!held || was_known_before(loss, stated, disrupted)) && !survivors
        })
        .map(|(_, disruption)| disruption)
        .or_else(|| parallel(&broke, case, stated, turn).filter(|_| !held));
    let Some((code, what)) = disruption else { return broke };
    // without a readable store, the path can only show that the prompt lacked the fact
    let step = if turn.store.holding("").is_some() { Step::Store } else { Step::Prompt };
    Break::new(code, step, format!("{what}; {}", broke.sentence))
}

/// Returns whether a fact reached the model again between the turn that stated it and the one that was disrupted.
fn was_known_before(loss: Loss<'_>, stated: &TurnSeen, disrupted: &TurnSeen) -> bool {
    let Wanted::Text(text) = loss.wanted else { return false };
    loss.case.same_context(stated).any(|between| {
        stated.number < between.number
            && between.number < disrupted.number
            && !between.turn.stated().contains(text)
            && between.prompted(text)
    })
}

/// Returns the break of a conversation that is refused after the process ended, because it was lost with it.
pub(in crate::judge) fn refused(case: Case<'_>, turn: &TurnSeen) -> Option<Break> {
    let error = turn.error.as_ref().filter(|error| error.rejects_message())?;
    let stated = case
        .turns
        .iter()
        .find(|other| other.turn.context == turn.turn.context && other.number < turn.number)?;
    let (_, (code, what)) =
        last_between(case, stated, turn).filter(|(_, (code, _))| *code != Code::SessionLostOnFailure)?;
    Some(Break::new(code, Step::Store, format!("{what}; the runtime says so itself: {error}")))
}

/// Returns the last disruption between two turns, and the turn in which it happened.
fn last_between<'a>(
    case: Case<'a>,
    stated: &TurnSeen,
    turn: &TurnSeen,
) -> Option<(&'a TurnSeen, Disruption)> {
    let between = case.turns.iter().filter(|other| {
        stated.number < other.number && other.number <= turn.number && other.skipped.is_none()
    });
    between.filter_map(|other| Some((other, in_turn(other, turn)?))).next_back()
}

/// Returns what happened in a turn, as far as `asking` came after it.
fn in_turn(other: &TurnSeen, asking: &TurnSeen) -> Option<Disruption> {
    if other.number < asking.number {
        if other.turn.during == Some(During::Kill) && other.action.done {
            let what = "the runtime was killed in the middle of a turn and forgot the conversation";
            return Some((Code::SessionLostOnKill, what));
        }
        if other.turn.context == asking.turn.context && has_failing_model(other) {
            let what = "the model failed in one turn and the runtime forgot the conversation";
            return Some((Code::SessionLostOnFailure, what));
        }
    }
    Some(match other.turn.before? {
        Before::Restart => (
            Code::SessionLostOnRestart,
            "the runtime was restarted on the same disk and forgot the conversation",
        ),
        Before::Recreate => (
            Code::SessionLostOnRecreate,
            "the container was recreated with its volumes and the runtime forgot the conversation",
        ),
    })
}

/// Returns whether a fault made the model fail in a turn. Being slow is not a failure.
fn has_failing_model(turn: &TurnSeen) -> bool {
    turn.turn.model_fault.named().iter().any(|fault| !fault.is_slow())
}

/// Returns a disruption if a fact was stated beside another turn of the same context, and only that one was kept. If what was
/// said before both is missing too, a window that moved on explains the loss.
fn parallel(broke: &Break, case: Case<'_>, stated: &TurnSeen, turn: &TurnSeen) -> Option<Disruption> {
    let beside = |other: &TurnSeen| {
        (broke.code == Code::SessionNotKept || turn.prompted(&other.turn.say))
            && other.number != stated.number
            && stated.turn.parallel.is_some()
            && other.turn.parallel == stated.turn.parallel
            && other.turn.context == stated.turn.context
    };
    let before: Vec<&TurnSeen> =
        case.earlier(stated).filter(|earlier| earlier.turn.parallel != stated.turn.parallel).collect();
    if !before.is_empty() && !before.iter().any(|earlier| turn.prompted(earlier.turn.say.trim())) {
        return None;
    }
    let what = "two messages came at once in one context and only one of them was kept";
    case.turns.iter().any(beside).then_some((Code::SessionOverwritten, what))
}

/// Returns whether anything that was said before a disruption still reaches the model. Then the conversation was not lost with
/// it, and a window that moved on explains the loss.
fn has_survivors(loss: Loss<'_>, disrupted: &TurnSeen) -> bool {
    loss.case.same_context(loss.turn).any(|earlier| {
        let said = earlier.turn.say.trim();
        earlier.number < disrupted.number && !said.is_empty() && loss.turn.prompted(said)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coalmine_a2a::{Refusal, WireError};
    use coalmine_world::Role;

    use super::*;
    use crate::{
        judge::{
            loss::origin::Origin,
            testing::{call, with_case},
        },
        observe::ActionSeen,
        plan::{ModelFaults, ScriptTurn},
    };

    fn turn(number: u32, turn: ScriptTurn) -> TurnSeen {
        let turn = ScriptTurn { context: "a".into(), ..turn };
        TurnSeen { skipped: None, ..TurnSeen::skipped(number, turn, "") }
    }

    /// The code of a loss that is asked for after these turns, the first of which stated what was lost.
    fn code(code: Code, turns: &[ScriptTurn]) -> Code {
        let mut seen: Vec<_> = (1..).zip(turns).map(|(number, given)| turn(number, given.clone())).collect();
        for other in &mut seen {
            other.action = ActionSeen { done: other.turn.during.is_some(), ..ActionSeen::default() };
        }
        let broke = Break::new(code, Step::Prompt, "the name is not there");
        let wanted = Wanted::Text("Zorvane-1");
        with_case(&seen, |case| {
            let turn = &case.turns[case.turns.len() - 1];
            let loss = Loss { case, turn, wanted: &wanted, origin: Origin::History(&case.turns[0]) };
            explain(broke, loss, &case.turns[0]).code
        })
    }

    fn plain() -> ScriptTurn {
        ScriptTurn::default()
    }

    fn faulty(model_faults: &str) -> ScriptTurn {
        ScriptTurn { model_fault: ModelFaults::All(model_faults.parse().unwrap()), ..plain() }
    }

    #[test]
    fn a_loss_is_named_after_the_last_disruption() {
        let killed = || ScriptTurn { during: Some(During::Kill), ..plain() };
        let after = |before| ScriptTurn { before: Some(before), ..plain() };
        let lost = |turns: &[ScriptTurn]| code(Code::PromptHistoryMissing, turns);
        assert_eq!(lost(&[plain(), plain()]), Code::PromptHistoryMissing);
        assert_eq!(lost(&[plain(), killed(), plain()]), Code::SessionLostOnKill);
        assert_eq!(lost(&[plain(), after(Before::Restart)]), Code::SessionLostOnRestart);
        assert_eq!(lost(&[plain(), after(Before::Recreate)]), Code::SessionLostOnRecreate);
        assert_eq!(lost(&[plain(), faulty("500"), plain()]), Code::SessionLostOnFailure);
        assert_eq!(lost(&[plain(), killed(), faulty("cut"), plain()]), Code::SessionLostOnFailure);
    }

    #[test]
    fn a_refusal_after_a_restart_is_a_loss() {
        let after = ScriptTurn { before: Some(Before::Restart), ..plain() };
        let refused_with = |refusal| {
            let mut asked = turn(2, after.clone());
            let (code, message) = ("error".into(), "unknown contextId".into());
            asked.error = Some(WireError::Refused { refusal, code, message });
            let turns = [turn(1, plain()), asked];
            with_case(&turns, |case| refused(case, &turns[1]).map(|broke| broke.code))
        };
        assert_eq!(refused_with(Refusal::InvalidParams), Some(Code::SessionLostOnRestart));
        assert_eq!(refused_with(Refusal::Internal), None, "a crash does not show what was lost");
    }

    #[test]
    fn a_window_that_moved_on_overwrote_nothing() {
        let beside = |say: &str| ScriptTurn { parallel: Some("p".into()), say: say.into(), ..plain() };
        let said = |say: &str| ScriptTurn { say: say.into(), ..plain() };
        let code = |prompt: &[&str]| {
            let given = [said("First."), beside("One."), beside("Two."), said("Which?")];
            let mut seen: Vec<_> = (1..).zip(given).map(|(number, given)| turn(number, given)).collect();
            let prompt: Vec<_> = prompt.iter().map(|text| (Role::User, *text)).collect();
            seen[3].calls = vec![call(&prompt, "Hm.")];
            let broke = Break::new(Code::PromptHistoryMissing, Step::Prompt, "it is not there");
            let wanted = Wanted::Text("One");
            with_case(&seen, |case| {
                let origin = Origin::History(&case.turns[1]);
                explain(broke, Loss { case, turn: &case.turns[3], wanted: &wanted, origin }, &case.turns[1])
                    .code
            })
        };
        assert_eq!(code(&["First.", "Two.", "Which?"]), Code::SessionOverwritten);
        assert_eq!(code(&["Two.", "Which?"]), Code::PromptHistoryMissing);
    }

    #[test]
    fn what_explains_nothing_changes_nothing() {
        assert_eq!(
            code(Code::PromptHistoryMissing, &[plain(), faulty("slow-first:1s"), plain()]),
            Code::PromptHistoryMissing
        );
        // what happens in the turn that asks comes after the asking
        assert_eq!(code(Code::PromptHistoryMissing, &[plain(), faulty("500")]), Code::PromptHistoryMissing);
        let elsewhere = ScriptTurn { before: Some(Before::Restart), ..plain() };
        assert_eq!(code(Code::ReplyEcho, &[plain(), elsewhere]), Code::ReplyEcho);
    }

    #[test]
    fn a_lost_parallel_message_was_overwritten() {
        let box_of =
            |say: &str| ScriptTurn { say: say.into(), parallel: Some(Arc::from("boxes")), ..plain() };
        let turns = [box_of("The first box holds tea."), box_of("The second box holds salt."), plain()];
        assert_eq!(code(Code::SessionNotKept, &turns), Code::SessionOverwritten);
        let apart = [box_of("The first box holds tea."), plain(), plain()];
        assert_eq!(code(Code::SessionNotKept, &apart), Code::SessionNotKept);
    }
}
