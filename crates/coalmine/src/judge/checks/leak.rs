//! `expect.reply.lacks`, `expect.prompt.lacks`, `expect.reply.lacks-others`: what must not come through, and from where it
//! came if it did.

use super::content;
use crate::{
    event::{Code, Diagnosis, Step},
    judge::{
        case::Case,
        mixed,
        outcome::Outcome,
        path::{Break, FactPath, short},
    },
    observe::TurnSeen,
    plan::During,
};

pub(in crate::judge) fn reply_lacks(turn: &TurnSeen, text: &str) -> Outcome {
    Outcome::test(!turn.reply.contains(text), format!("does not contain `{text}`"), &turn.reply)
}

pub(in crate::judge) fn prompt_lacks(case: Case<'_>, turn: &TurnSeen, text: &str) -> Outcome {
    let leaked = turn.prompted_amiss(case.turns).any(|other| other == text);
    Outcome::test(!leaked, format!("`{text}` does not reach the model"), content::prompt_seen(turn))
}

/// Returns one outcome for the facts of all other contexts of an `each` turn.
pub(in crate::judge) fn others(turn: &TurnSeen) -> Outcome {
    let others = turn.turn.others.len().saturating_sub(turn.turn.own.len());
    let expected = format!("nothing of {others} other context(s)");
    match turn.foreign_facts().first() {
        None => Outcome::test(true, expected, "nothing"),
        Some(fact) => Outcome::test(false, expected, format!("`{fact}`")),
    }
}

/// Returns the cause if a fact of another context of an `each` turn came through.
pub(in crate::judge) fn foreign_cause(case: Case<'_>, turn: &TurnSeen) -> Diagnosis {
    let fact = turn.foreign_facts().into_iter().next().map_or("", String::as_str);
    cause(case, turn, fact)
}

/// Finds how a text got into a reply or a prompt in which it has no place.
pub(in crate::judge) fn cause(case: Case<'_>, turn: &TurnSeen, text: &str) -> Diagnosis {
    if let Some(broke) = of_canceled_task(case, turn, text) {
        return broke.on_sending(turn);
    }
    let mut path = FactPath::sent();
    let own = is_own(case, turn, text) || is_repeated(case, turn, text);
    if !own && (turn.prompted(text) || turn.calls.is_empty()) {
        let broke = mixed::foreign(&mut path, case, turn, text);
        return path.diagnosis(broke, turn);
    }
    if !turn.calls.is_empty() {
        let answer = short(turn.last_answer().unwrap_or_default());
        path.ok(Step::Answer, format!("the model answered: {answer}"));
    }
    let broke = if own {
        let sentence =
            format!("the reply repeats `{text}`, which nobody asked for and the model did not say");
        Break::new(Code::ReplyEcho, Step::Reply, sentence)
    } else {
        let sentence = format!("the reply holds `{text}` of another context, although no prompt held it");
        Break::new(Code::ReplyLeak, Step::Reply, sentence)
    };
    path.diagnosis(broke, turn)
}

/// Returns whether a text belongs to the conversation of `turn`: a skill holds it, or the user said it there before.
fn is_own(case: Case<'_>, turn: &TurnSeen, text: &str) -> bool {
    let said = |other: &TurnSeen| {
        other.number <= turn.number
            && other.turn.context == turn.turn.context
            && other.turn.stated().contains(text)
    };
    case.script.skills().any(|(_, skill)| skill.contains(text)) || case.turns.iter().any(said)
}

/// Returns whether a reply holds a text that the model did not say now, and that an earlier reply of the same conversation held:
/// it may have come from the memory then.
fn is_repeated(case: Case<'_>, turn: &TurnSeen, text: &str) -> bool {
    turn.reply.contains(text)
        && turn.last_answer().is_some()
        && !turn.answered(|answer| answer.contains(text))
        && case.earlier(turn).any(|earlier| earlier.reply.contains(text))
}

/// Returns the break if the text is what the model said in a task that was canceled.
fn of_canceled_task(case: Case<'_>, turn: &TurnSeen, text: &str) -> Option<Break> {
    if !turn.prompted(text) {
        return None;
    }
    let canceled = case.turns.iter().find(|other| {
        other.turn.during == Some(During::Cancel)
            && other.number < turn.number
            && other.turn.context == turn.turn.context
            && other.answered(|answer| answer.contains(text))
    })?;
    let sentence = format!(
        "the task of turn {} was canceled but ran on: what the model said at its end is in the next prompt",
        canceled.number
    );
    Some(Break::new(Code::WireCancelIgnored, Step::Sent, sentence))
}

#[cfg(test)]
mod tests {
    use coalmine_world::Role;

    use super::*;
    use crate::{
        judge::{
            check::Check,
            testing::{call, checked, turn},
        },
        observe::ActionSeen,
    };

    #[test]
    fn a_canceled_task_that_ran_on_is_named_as_such() {
        let mut canceled = turn(1, "Tell me a story.");
        canceled.turn.during = Some(During::Cancel);
        canceled.action = ActionSeen { done: true, ..ActionSeen::default() };
        canceled.calls = vec![call(&[(Role::User, "Tell me a story.")], "Once, and the end.")];
        let mut next = turn(2, "Hello.");
        next.turn.prompt_lacks = vec!["the end".into()];
        next.calls = vec![call(&[(Role::Assistant, "Once, and the end."), (Role::User, "Hello.")], "Hi.")];
        let (_, cause) = checked(&[canceled, next], Check::PromptLacks("the end"));
        assert_eq!(cause.unwrap().code, Code::WireCancelIgnored);
    }

    #[test]
    fn another_conversation_in_the_prompt_is_why_the_own_is_missing() {
        let mut asked = turn(3, "Which boat?");
        asked.turn.reply_contains = vec!["B-1".into()];
        asked.calls = vec![call(&[(Role::User, "My car is red."), (Role::User, "Which boat?")], "Hm.")];
        asked.reply = "Hm.".into();
        let mut other = turn(2, "My car is red.");
        other.turn.context = "b".into();
        let all = [turn(1, "My boat is B-1."), other.clone(), asked.clone()];
        let (_, cause) = checked(&all, Check::ReplyContains("B-1"));
        assert_eq!(cause.unwrap().code, Code::PromptForeignHistory);
        other.turn.context.clone_from(&asked.turn.context);
        let all = [turn(1, "My boat is B-1."), other, asked];
        let (_, cause) = checked(&all, Check::ReplyContains("B-1"));
        assert_eq!(cause.unwrap().code, Code::PromptHistoryMissing, "it is the same conversation");
    }

    #[test]
    fn what_an_earlier_reply_held_is_an_echo() {
        let mut first = turn(1, "Where do I live?");
        first.reply = "In Paluk.".into();
        first.calls = vec![call(&[(Role::User, "Where do I live?"), (Role::Tool, "In Paluk.")], "In Paluk.")];
        let mut next = turn(2, "And my pet?");
        next.reply = "In Paluk. It is a cat.".into();
        next.calls = vec![call(&[(Role::Tool, "In Paluk."), (Role::User, "And my pet?")], "It is a cat.")];
        let (_, cause) = checked(&[first, next.clone()], Check::ReplyLacks("Paluk"));
        assert_eq!(cause.unwrap().code, Code::ReplyEcho);
        let (_, cause) = checked(&[next], Check::ReplyLacks("Paluk"));
        assert_eq!(cause.unwrap().code, Code::PromptForeignHistory, "it was never said here");
    }

    #[test]
    fn facts_of_other_contexts_are_one_outcome() {
        let mut turn = turn(1, "My ticket is T-1.");
        turn.turn.others = ["T-1".to_owned(), "T-2".to_owned()].into();
        turn.turn.own = vec!["T-1".into()];
        turn.reply = "Noted: T-1.".into();
        assert_eq!(checked(&[turn.clone()], Check::Others).1, None);
        turn.reply = "Noted: T-2.".into();
        let (outcome, cause) = checked(&[turn], Check::Others);
        assert_eq!((outcome.actual.as_str(), cause.unwrap().code), ("`T-2`", Code::PromptForeignHistory));
    }
}
