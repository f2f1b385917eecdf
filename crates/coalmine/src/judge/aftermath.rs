//! What was lost after something had happened: the happening is the news.

use super::chain::Break;
use crate::{
    event::Step,
    observe::TurnSeen,
    plan::{Before, During},
};

/// Codes of losses that a happening between the telling and the asking explains better.
const LOSSES: [&str; 4] =
    ["session.not-kept", "session.split", "prompt.history-missing", "prompt.question-missing"];

/// Renames a loss after what happened between the turn that told something and the one that asks for it.
pub(super) fn explain(broke: Break, told: &TurnSeen, turn: &TurnSeen, seen: &[TurnSeen]) -> Break {
    if !LOSSES.contains(&broke.code) {
        return broke;
    }
    let happened = happening(told, turn, seen).or_else(|| at_once(&broke, told, turn, seen));
    let Some((code, what)) = happened else { return broke };
    Break { code, step: Step::Store, sentence: format!("{what}; {}", broke.sentence) }
}

/// What the end of the runtime's process took along, where a turn of a conversation from before is refused after it.
pub(super) fn refused(turn: &TurnSeen, seen: &[TurnSeen]) -> Option<Break> {
    let error = turn.error.as_ref().filter(|error| error.rejects_message())?;
    let earlier = |other: &&TurnSeen| other.turn.context == turn.turn.context && other.number < turn.number;
    let told = seen.iter().find(earlier)?;
    let (code, what) = happening(told, turn, seen).filter(|(code, _)| *code != "session.lost-on-failure")?;
    Some(Break { code, step: Step::Store, sentence: format!("{what}; it says so itself: {error}") })
}

/// The last thing that happened to the runtime between two turns.
fn happening(told: &TurnSeen, turn: &TurnSeen, seen: &[TurnSeen]) -> Option<(&'static str, &'static str)> {
    let between = seen.iter().filter(|other| told.number < other.number && other.number <= turn.number);
    let happened = |other: &TurnSeen| {
        if other.number < turn.number {
            if other.turn.during == Some(During::Kill) && other.action.done {
                return Some((
                    "session.lost-on-kill",
                    "the runtime was killed in the middle of a turn, and forgot",
                ));
            }
            if other.turn.context == turn.turn.context && is_failure(other) {
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
    between.filter(|other| other.skipped.is_none()).filter_map(happened).next_back()
}

/// Whether the model was made to fail in a turn; being slow is no failure.
fn is_failure(turn: &TurnSeen) -> bool {
    turn.turn.model_fault.named().iter().any(|model_fault| !model_fault.is_slow())
}

/// Whether what was told was told beside another turn of the same context, which alone was kept.
fn at_once(
    broke: &Break,
    told: &TurnSeen,
    turn: &TurnSeen,
    seen: &[TurnSeen],
) -> Option<(&'static str, &'static str)> {
    let beside = |other: &TurnSeen| {
        (broke.code == "session.not-kept" || turn.prompted(&other.turn.say))
            && other.number != told.number
            && told.turn.parallel.is_some()
            && other.turn.parallel == told.turn.parallel
            && other.turn.context == told.turn.context
    };
    seen.iter().any(beside).then_some((
        "session.overwritten",
        "two messages came at once in one context, and only one of them was kept",
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coalmine_a2a::{Refusal, WireError};

    use super::*;
    use crate::{
        observe::ActionSeen,
        plan::{ModelFaults, ScriptTurn},
    };

    fn turn(number: u32, turn: ScriptTurn) -> TurnSeen {
        let turn = ScriptTurn { context: "a".into(), ..turn };
        TurnSeen { skipped: None, ..TurnSeen::skipped(number, turn, "") }
    }

    /// The code of a loss that is asked for after these turns, the first of which told what was lost.
    fn code(code: &'static str, turns: &[ScriptTurn]) -> &'static str {
        let mut seen: Vec<_> = (1..).zip(turns).map(|(number, given)| turn(number, given.clone())).collect();
        for other in &mut seen {
            other.action = ActionSeen { done: other.turn.during.is_some(), ..ActionSeen::default() };
        }
        let broke = Break { code, step: Step::Prompt, sentence: "the name is not there".into() };
        let asked = seen.last().unwrap();
        explain(broke, &seen[0], asked, &seen).code
    }

    fn plain() -> ScriptTurn {
        ScriptTurn::default()
    }

    fn faulty(model_faults: &str) -> ScriptTurn {
        ScriptTurn { model_fault: ModelFaults::All(model_faults.parse().unwrap()), ..plain() }
    }

    #[test]
    fn a_loss_is_named_after_what_happened_last() {
        let killed = || ScriptTurn { during: Some(During::Kill), ..plain() };
        let after = |before| ScriptTurn { before: Some(before), ..plain() };
        let lost = |turns: &[ScriptTurn]| code("prompt.history-missing", turns);
        assert_eq!(lost(&[plain(), plain()]), "prompt.history-missing");
        assert_eq!(lost(&[plain(), killed(), plain()]), "session.lost-on-kill");
        assert_eq!(lost(&[plain(), after(Before::Restart)]), "session.lost-on-restart");
        assert_eq!(lost(&[plain(), after(Before::Recreate)]), "session.lost-on-recreate");
        assert_eq!(lost(&[plain(), faulty("500"), plain()]), "session.lost-on-failure");
        assert_eq!(lost(&[plain(), killed(), faulty("cut"), plain()]), "session.lost-on-failure");
    }

    #[test]
    fn a_conversation_that_is_refused_after_the_end_of_the_process_was_lost_with_it() {
        let after = ScriptTurn { before: Some(Before::Restart), ..plain() };
        let refused_with = |refusal| {
            let mut asked = turn(2, after.clone());
            let (code, message) = ("error".into(), "unknown contextId".into());
            asked.error = Some(WireError::Refused { refusal, code, message });
            refused(&asked, &[turn(1, plain()), asked.clone()]).map(|broke| broke.code)
        };
        assert_eq!(refused_with(Refusal::InvalidParams), Some("session.lost-on-restart"));
        assert_eq!(refused_with(Refusal::Internal), None, "a crash tells nothing of what was lost");
    }

    #[test]
    fn what_explains_nothing_leaves_the_name_alone() {
        assert_eq!(
            code("prompt.history-missing", &[plain(), faulty("slow-first:1s"), plain()]),
            "prompt.history-missing"
        );
        // what happens in the turn that asks comes after the asking
        assert_eq!(code("prompt.history-missing", &[plain(), faulty("500")]), "prompt.history-missing");
        let elsewhere = ScriptTurn { before: Some(Before::Restart), ..plain() };
        assert_eq!(code("reply.wrong-answer", &[plain(), elsewhere]), "reply.wrong-answer");
    }

    #[test]
    fn of_two_messages_at_once_the_one_that_is_gone_was_overwritten() {
        let box_of =
            |say: &str| ScriptTurn { say: say.into(), parallel: Some(Arc::from("boxes")), ..plain() };
        let turns = [box_of("The first box holds tea."), box_of("The second box holds salt."), plain()];
        assert_eq!(code("session.not-kept", &turns), "session.overwritten");
        let apart = [box_of("The first box holds tea."), plain(), plain()];
        assert_eq!(code("session.not-kept", &apart), "session.not-kept");
    }
}
