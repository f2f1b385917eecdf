//! Losses that have a better name than the step at which they show.

use super::{Loss, Wanted, origin::Origin, tool};
use crate::{
    event::{Code, Step},
    judge::path::{Break, short},
    observe::TurnSeen,
};

/// Returns the better name, if there is one.
pub(super) fn name(loss: Loss<'_>) -> Option<Break> {
    let Wanted::Text(text) = loss.wanted else { return None };
    if let Origin::Model = loss.origin {
        return tool::not_fetched(loss, text).or_else(|| all_replies_missing(loss));
    }
    all_replies_missing(loss)
        .or_else(|| reply_missing(loss, text))
        .or_else(|| mangled(loss, text))
        .or_else(|| outdated(loss, text))
}

/// Returns the break of a text that reached the model with other letters. A fact ends in a number, which survives what letters of
/// other scripts do not.
fn mangled(loss: Loss<'_>, text: &str) -> Option<Break> {
    let turn = loss.turn;
    if text.is_ascii() || turn.prompted(text) {
        return None;
    }
    let suffix = text.rsplit_once('-').map(|(_, number)| format!("-{number}"));
    let sentence = match suffix.filter(|suffix| turn.prompted(suffix)) {
        Some(suffix) => {
            format!("`{text}` was garbled on the way to the model; only its suffix `{suffix}` survived")
        }
        None => {
            let rest_arrived =
                turn.turn.prompt_contains.iter().any(|other| other != text && turn.prompted(other));
            if !rest_arrived || !matches!(loss.origin, Origin::ThisTurn { in_file: true }) {
                return None;
            }
            format!("the file reached the model, but `{text}` in it was garbled")
        }
    };
    Some(Break::new(Code::PromptMangled, Step::Prompt, sentence))
}

/// Returns the break of a corrected fact that reached the model as the newer one.
fn outdated(loss: Loss<'_>, text: &str) -> Option<Break> {
    let turn = loss.turn;
    let old =
        turn.turn.reply_lacks.iter().find(|old| {
            is_corrected(loss, old, text) && turn.answered(|answer| answer.contains(old.as_str()))
        })?;
    let sentence =
        format!("`{old}` was corrected to `{text}`, but reached the model as the newer of the two");
    turn.prompted(text).then(|| Break::new(Code::PromptOutdated, Step::Prompt, sentence))
}

/// Returns whether one fact was stated before another, in a turn of its own.
fn is_corrected(loss: Loss<'_>, old: &str, new: &str) -> bool {
    let stated =
        |fact: &str| loss.case.same_context(loss.turn).find(|other| other.turn.stated().contains(fact));
    let (Some(old), Some(new)) = (stated(old), stated(new)) else { return false };
    old.number < new.number && (old.turn.parallel.is_none() || old.turn.parallel != new.turn.parallel)
}

/// Returns the break of a history in which one of the agent's own replies is missing, although the user's words before it are there.
fn reply_missing(loss: Loss<'_>, text: &str) -> Option<Break> {
    let turn = loss.turn;
    if turn.calls.is_empty() || turn.prompted(text) || loss.case.said_in_context(turn, text) {
        return None;
    }
    let said = |other: &&TurnSeen| other.reply.contains(text) && is_in_history(turn, other);
    let answered = loss.case.earlier(turn).filter(said).last()?;
    let sentence = format!(
        "what the agent had answered in turn {} did not reach the model in turn {}: {}",
        answered.number,
        turn.number,
        short(answered.reply.trim())
    );
    Some(Break::new(Code::PromptRepliesMissing, Step::Prompt, sentence))
}

/// Returns the break of a history of which only the user's half reached the model.
fn all_replies_missing(loss: Loss<'_>) -> Option<Break> {
    let turn = loss.turn;
    let earlier: Vec<&TurnSeen> =
        loss.case.earlier(turn).filter(|other| is_in_history(turn, other)).collect();
    let first = earlier.first()?;
    let reached = |other: &&TurnSeen| {
        turn.prompted(other.reply.trim()) || other.last_answer().is_some_and(|answer| turn.prompted(answer))
    };
    if earlier.iter().any(reached) {
        return None;
    }
    let sentence = format!(
        "only the user's half of the conversation reached the model in turn {}; what the agent had answered is missing \
         (turn {}: {})",
        turn.number,
        first.number,
        short(first.reply.trim())
    );
    Some(Break::new(Code::PromptRepliesMissing, Step::Prompt, sentence))
}

/// Returns whether the user's half of an earlier turn, which the model answered, reached the model in this one.
fn is_in_history(turn: &TurnSeen, other: &TurnSeen) -> bool {
    other.speaks()
        && other.last_answer().is_some()
        && !other.reply.trim().is_empty()
        && other.turn.during.is_none()
        && !other.turn.say.is_empty()
        && !turn.turn.say.contains(&other.turn.say)
        && turn.prompted(&other.turn.say)
}

#[cfg(test)]
mod tests {
    use coalmine_world::Role;

    use super::*;
    use crate::judge::{
        loss,
        testing::{self, call, turn, with_case},
    };

    fn code(turns: &[TurnSeen], wanted: &str) -> Code {
        with_case(turns, |case| loss::cause(case, turns.last().unwrap(), &Wanted::Text(wanted)).code)
    }

    #[test]
    fn garbled_letters_leave_the_number() {
        let mut turn = turn(1, "My name is Zoë-4417.");
        turn.calls = vec![call(&[(Role::User, "My name is Zo\u{fffd}-4417.")], "Noted.")];
        assert_eq!(code(&[turn.clone()], "Zoë-4417"), Code::PromptMangled);
        turn.calls = vec![call(&[(Role::User, "My name is.")], "Noted.")];
        assert_eq!(code(&[turn], "Zoë-4417"), Code::PromptQuestionMissing);
    }

    #[test]
    fn a_corrected_fact_may_reach_the_model_as_the_newer() {
        let [old, new] = ["It is Teal-1.", "No, it is Blue-2."];
        let mut asking = turn(3, "Which?");
        asking.turn.reply_lacks = vec!["Teal-1".into()];
        let prompt =
            [(Role::User, new), (Role::Assistant, "Noted."), (Role::User, old), (Role::User, "Which?")];
        asking.calls = vec![call(&prompt, "It is Teal-1.")];
        asking.reply = "It is Teal-1.".into();
        assert_eq!(code(&[turn(1, old), turn(2, new), asking], "Blue-2"), Code::PromptOutdated);
    }

    #[test]
    fn the_agents_own_half_may_be_missing() {
        let first = |answer: &str| {
            let mut first = turn(1, "Hello.");
            first.calls = vec![call(&[(Role::User, "Hello.")], answer)];
            first.reply = answer.into();
            first
        };
        let mut asking = turn(2, "What did you say?");
        asking.calls = vec![call(&[(Role::User, "Hello."), (Role::User, "What did you say?")], "Nothing.")];
        asking.reply = "Nothing.".into();
        assert_eq!(code(&[first("Hi."), asking.clone()], "Hello-1"), Code::PromptRepliesMissing);
        assert_eq!(code(&[first("My number is N-1."), asking.clone()], "N-1"), Code::PromptRepliesMissing);
        asking.calls = vec![call(&[(Role::User, "What did you say?")], "Nothing.")];
        assert_eq!(code(&[first("My number is N-1."), asking], "N-1"), Code::PromptHistoryMissing);
    }

    #[test]
    fn what_a_tool_said_is_traced_like_a_fact() {
        let mut first = turn(1, "Where is my order?");
        first.calls =
            vec![call(&[(Role::User, "Where is my order?"), (Role::Tool, "shipped")], "On its way.")];
        let mut asking = turn(2, "Say it again.");
        asking.calls = vec![call(&[(Role::User, "Say it again.")], "What?")];
        asking.reply = "What?".into();
        let split = testing::store(&[("a", &["Where is my order?", "shipped"]), ("b", &["Say it again."])]);
        assert_eq!(code(&[first.clone(), asking.clone()], "shipped"), Code::PromptHistoryMissing);
        asking.store = split;
        assert_eq!(code(&[first, asking], "shipped"), Code::SessionSplit);
    }
}
