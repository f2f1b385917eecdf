//! `expect.context`: the `contextId` that comes back.

use crate::{
    event::{Code, Diagnosis, Step},
    judge::{case::Case, outcome::Outcome, path::Break},
    observe::TurnSeen,
};

pub(in crate::judge) fn kept(turn: &TurnSeen) -> Outcome {
    let expected = format!("contextId {}", turn.context_id);
    if turn.context_ids.is_empty() {
        return Outcome::skip(expected, "no contextId came back");
    }
    let kept = turn.context_ids.iter().all(|id| *id == turn.context_id);
    Outcome::test(kept, expected, turn.context_ids.join(", "))
}

pub(in crate::judge) fn made(case: Case<'_>, turn: &TurnSeen) -> Outcome {
    let expected = "a contextId comes back";
    if turn.context_ids.is_empty() && !case.known.must_make_context(turn) {
        return Outcome::skip(expected, "none came back, and none is required here");
    }
    Outcome::test(!turn.context_ids.is_empty(), expected, turn.context_ids.join(", "))
}

/// Returns the cause if no `contextId` came back although the client sent none.
pub(in crate::judge) fn missing(turn: &TurnSeen) -> Diagnosis {
    let sentence = "the client sent no contextId and none came back, so the conversation cannot continue";
    Break::new(Code::WireContextMissing, Step::Sent, sentence).on_sending(turn)
}

/// Returns the cause if another `contextId` came back than was sent.
pub(in crate::judge) fn replaced(turn: &TurnSeen) -> Diagnosis {
    let other = other_id(turn).unwrap_or_default();
    let sentence = format!("the client's contextId {} came back as {other}", turn.context_id);
    Break::new(Code::WireContextReplaced, Step::Sent, sentence).on_sending(turn)
}

/// Returns the first turn of a conversation, up to `turn`, that came back under another `contextId`: from there on, another
/// conversation was answered.
pub(in crate::judge) fn replaced_before<'a>(case: Case<'a>, turn: &'a TurnSeen) -> Option<&'a TurnSeen> {
    case.same_context(turn)
        .filter(|other| other.number <= turn.number && !other.context_id.is_empty())
        .find(|other| other_id(other).is_some())
}

fn other_id(turn: &TurnSeen) -> Option<&str> {
    turn.context_ids.iter().find(|id| **id != turn.context_id).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use coalmine_a2a::{Dialect, State};

    use super::*;
    use crate::{
        event::Verdict,
        judge::{
            check::Check,
            testing::{KNOWN, any_script, checked, turn},
        },
    };

    #[test]
    fn another_context_id_is_replaced() {
        let mut turn = turn(1, "Hello.");
        assert_eq!(checked(&[turn.clone()], Check::ContextKept).0.verdict, Verdict::Pass);
        turn.context_ids = vec!["a".into(), "other".into()];
        let (_, cause) = checked(&[turn.clone()], Check::ContextKept);
        assert_eq!(cause.unwrap().code, Code::WireContextReplaced);
        turn.context_ids.clear();
        assert_eq!(checked(&[turn], Check::ContextKept).0.verdict, Verdict::Skip);
    }

    #[test]
    fn only_tasks_of_0_3_must_make_a_context() {
        let verdict = |state, dialect| {
            let turn = TurnSeen { context_ids: vec![], state, ..turn(1, "Hello.") };
            let known = crate::judge::Known { dialect, ..KNOWN };
            made(Case { script: &any_script(), turns: &[], known: &known }, &turn).verdict
        };
        assert_eq!(verdict(Some(State::Completed), Some(Dialect::V0_3)), Verdict::Fail);
        assert_eq!(verdict(Some(State::Completed), Some(Dialect::V1_0)), Verdict::Skip);
        assert_eq!(verdict(None, Some(Dialect::V0_3)), Verdict::Skip);
    }
}
