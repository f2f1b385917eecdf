//! The attribution of calls to turns.
//!
//! A prompt does not name the turn that asked for it: the user's words identify it. Some runtimes also ask
//! the model on their own, after an answer, for a title or a summary; such a call may come while the next
//! turn is on its way.

use std::sync::Arc;

use coalmine_world::{Call, Prompt};

use super::{Concurrency, TurnSeen, is_model_call};
use crate::plan::ScriptTurn;

/// The calls made while turns were on their way, each with what is known of its origin.
pub(crate) struct AttributedCalls {
    calls: Vec<AttributedCall>,
    /// Whether no call of that time was lost.
    pub(super) complete: bool,
    /// Whether only one turn was on its way, so that a call of unknown origin is its own.
    single: bool,
    concurrency: Concurrency,
}

struct AttributedCall {
    call: Arc<Call>,
    /// The question, if there are several turns to distinguish; `None` for a call without a prompt.
    question: Option<String>,
    /// What the user says in the turn whose words stand last in the question.
    last_said: Option<String>,
    /// What the user says in the only turn whose answer a call of unknown origin quotes: it goes on with that turn.
    continued: Option<String>,
    origin: Origin,
}

/// What the words of a call show of its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// One of the turns says what it asks.
    OneOfTheTurns,
    /// It quotes a turn before and none of these, while other calls quote these.
    EarlierTurn,
    Unknown,
}

impl AttributedCalls {
    /// Assigns calls to the turns that were on their way. `before` is what users said in turns that were over
    /// then.
    pub(super) fn new(
        calls: Vec<Arc<Call>>,
        complete: bool,
        turns: &[&ScriptTurn],
        concurrency: Concurrency,
        before: &[String],
    ) -> Self {
        let single = turns.len() == 1 && concurrency == Concurrency::Alone;
        let quotes_these = |call: &Call| turns.iter().any(|turn| call.holds(&turn.say));
        let others_quote_these = calls.iter().any(|call| is_model_call(call) && quotes_these(call));
        let mut attributed = vec![];
        for call in calls {
            let question = if single { None } else { call.content.prompt.as_ref().map(Prompt::question) };
            let origin = if !single && turns.iter().any(|turn| is_asked(question.as_deref(), turn)) {
                Origin::OneOfTheTurns
            } else if others_quote_these && !quotes_these(&call) && before.iter().any(|said| call.holds(said))
            {
                Origin::EarlierTurn
            } else {
                Origin::Unknown
            };
            let last_said = question.as_deref().and_then(|question| last_said(question, turns));
            attributed.push(AttributedCall { call, question, last_said, continued: None, origin });
        }
        if !single {
            attribute_continuations(&mut attributed);
        }
        Self { calls: attributed, complete, single, concurrency }
    }

    /// Returns the calls of a turn among those that are wanted: those that ask what it says. If nothing else
    /// goes on, calls of unknown origin are its own too; if other canaries run at the same time, they are
    /// somebody else's.
    pub(super) fn of(&self, turn: &ScriptTurn, is_wanted: impl Fn(&Call) -> bool) -> Vec<Arc<Call>> {
        // a runtime that takes several messages together asks about all of them in one call
        let is_asked_last = |call: &AttributedCall| call.last_said.as_deref() == Some(turn.say.as_str());
        let has_own = self.calls.iter().any(|call| is_model_call(&call.call) && is_asked_last(call));
        let mut own = vec![];
        for attributed in &self.calls {
            let AttributedCall { call, question, last_said, continued, origin } = attributed;
            let is_last = !has_own || last_said.is_none() || is_asked_last(attributed);
            let belongs = match origin {
                Origin::EarlierTurn => false,
                Origin::Unknown => {
                    let is_continued = continued.as_ref().is_none_or(|say| *say == turn.say);
                    self.concurrency == Concurrency::Alone && is_continued
                }
                Origin::OneOfTheTurns => self.single || is_last && is_asked(question.as_deref(), turn),
            };
            if belongs && is_wanted(call) {
                own.push(Arc::clone(call));
            }
        }
        own
    }
}

/// Finds the turns that calls of unknown origin go on with: a suggestion of what to ask next quotes the answer alone.
fn attribute_continuations(calls: &mut [AttributedCall]) {
    let mut answers: Vec<(String, String)> = vec![];
    for AttributedCall { call, last_said, .. } in
        calls.iter().filter(|call| call.origin == Origin::OneOfTheTurns)
    {
        let answer = call.content.answer.as_ref().map(|answer| answer.text.trim()).unwrap_or_default();
        if let (Some(say), false) = (last_said, answer.is_empty()) {
            answers.push((answer.to_owned(), say.clone()));
        }
    }
    for unknown in calls.iter_mut().filter(|call| call.origin == Origin::Unknown) {
        let quoted = answers.iter().filter(|(answer, _)| unknown.call.holds(answer)).map(|(_, say)| say);
        let mut distinct: Vec<&String> = quoted.collect();
        distinct.sort_unstable();
        distinct.dedup();
        if let [say] = distinct[..] {
            unknown.continued = Some(say.clone());
        }
    }
}

/// Returns what the user says in the turn whose words stand last in a question: those of other turns before
/// them were stored already, and are history.
fn last_said(question: &str, turns: &[&ScriptTurn]) -> Option<String> {
    let said = turns.iter().map(|turn| &turn.say).filter(|say| !say.is_empty());
    let ends = said.filter_map(|say| Some((question.rfind(say.as_str())? + say.len(), say)));
    ends.max_by_key(|(end, _)| *end).map(|(_, say)| say.clone())
}

/// Removes from a turn that repeats a message the calls that do not ask it again: a title that is asked for
/// late quotes the message, once and among other words.
pub(crate) fn keep_calls_that_ask_again(again: &mut TurnSeen, before: &[TurnSeen]) {
    let say = again.turn.say.clone();
    let first = before.iter().rfind(|turn| turn.turn.context == again.turn.context && !turn.turn.send.again);
    let asked: Vec<String> =
        first.iter().flat_map(|turn| &turn.calls).filter_map(|call| timeless_question(call)).collect();
    if asked.is_empty() || say.is_empty() {
        return;
    }
    let timeless_say = timeless(&say);
    again.calls.retain(|call| {
        let Some(question) = timeless_question(call) else { return true };
        asked.contains(&question) || question.contains(&timeless_say) && quotes_twice(call, &say)
    });
}

/// Returns a text without digits: the time of day may stand in it.
fn timeless(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn timeless_question(call: &Call) -> Option<String> {
    call.content.prompt.as_ref().map(|prompt| timeless(&prompt.question()))
}

fn quotes_twice(call: &Call, say: &str) -> bool {
    call.content.prompt.as_ref().is_some_and(|prompt| prompt.everything().matches(say).count() > 1)
}

/// Returns whether a call's question holds what the user says in a turn.
pub(super) fn asks(call: &Call, turn: &ScriptTurn) -> bool {
    is_asked(call.content.prompt.as_ref().map(Prompt::question).as_deref(), turn)
}

/// Returns whether a question holds what the user says in a turn; a call without a prompt may be anybody's.
pub(crate) fn is_asked(question: Option<&str>, turn: &ScriptTurn) -> bool {
    turn.say.is_empty() || question.is_none_or(|question| question.contains(&turn.say))
}

#[cfg(test)]
mod tests {
    use coalmine_world::{CallContent, Message, Role};

    use super::*;
    use crate::observe::model_call;

    fn call(prompt: &[(Role, &str)]) -> Arc<Call> {
        let messages = prompt.iter().map(|(role, text)| Message::text(*role, *text)).collect();
        model_call(CallContent {
            prompt: Some(Prompt { messages, ..Prompt::default() }),
            ..CallContent::default()
        })
    }

    fn turn(say: &str) -> ScriptTurn {
        ScriptTurn { say: say.into(), ..ScriptTurn::default() }
    }

    /// Returns how many of the calls each of the turns gets.
    fn attributed(calls: &[&[(Role, &str)]], turns: &[&str], concurrency: Concurrency) -> Vec<usize> {
        let turns: Vec<_> = turns.iter().map(|say| turn(say)).collect();
        let calls = calls.iter().map(|prompt| call(prompt)).collect();
        let before = ["My name is Zorvane.".to_owned()];
        let calls =
            AttributedCalls::new(calls, true, &turns.iter().collect::<Vec<_>>(), concurrency, &before);
        turns.iter().map(|turn| calls.of(turn, is_model_call).len()).collect()
    }

    const OWN: &[(Role, &str)] =
        &[(Role::User, "My name is Zorvane."), (Role::Assistant, "Noted."), (Role::User, "Who am I?")];
    const TITLE: &[(Role, &str)] = &[(Role::User, "Give it a title: My name is Zorvane.")];
    const ON: &[(Role, &str)] = &[(Role::User, "Continue.")];

    #[test]
    fn call_about_an_earlier_turn_is_not_this_turns() {
        assert_eq!(attributed(&[TITLE, OWN, ON], &["Who am I?"], Concurrency::Alone), [2]);
        assert_eq!(attributed(&[TITLE, OWN, ON], &["Who am I?", "And I?"], Concurrency::Alone), [2, 1]);
    }

    #[test]
    fn call_about_an_earlier_turn_counts_if_there_is_no_other() {
        assert_eq!(attributed(&[TITLE], &["Who am I?"], Concurrency::Alone), [1]);
    }

    #[test]
    fn call_belongs_to_the_turn_whose_words_stand_last() {
        const FIRST: &[(Role, &str)] = &[(Role::User, "One.")];
        const BOTH: &[(Role, &str)] = &[(Role::User, "One."), (Role::User, "Two.")];
        let turns = &["One.", "Two."];
        assert_eq!(attributed(&[FIRST, BOTH], turns, Concurrency::Alone), [1, 1]);
        assert_eq!(attributed(&[BOTH], turns, Concurrency::Alone), [1, 1], "both were asked about at once");
    }

    #[test]
    fn call_that_quotes_an_answer_goes_on_with_its_turn() {
        let asked = |prompt: &[(Role, &str)], answer: &str| {
            let messages = prompt.iter().map(|(role, text)| Message::text(*role, *text)).collect();
            model_call(CallContent {
                prompt: Some(Prompt { messages, ..Prompt::default() }),
                answer: Some(coalmine_world::Answer { text: answer.into(), calls: vec![] }),
                ..CallContent::default()
            })
        };
        let said = ["One.", "Two."].map(turn);
        let turns: Vec<&ScriptTurn> = said.iter().collect();
        let own = |suggestion: &[(Role, &str)]| {
            let calls = vec![
                asked(&[(Role::User, "One.")], "It is A-1."),
                asked(&[(Role::User, "Two.")], "It is B-2."),
                asked(suggestion, "And why?"),
            ];
            let calls = AttributedCalls::new(calls, true, &turns, Concurrency::Alone, &[]);
            turns.iter().map(|turn| calls.of(turn, is_model_call).len()).collect::<Vec<_>>()
        };
        assert_eq!(own(&[(Role::User, "It is B-2.")]), [1, 2]);
        assert_eq!(own(&[(Role::User, "It is A-1. It is B-2.")]), [2, 2], "it may be either's");
    }

    #[test]
    fn late_title_does_not_ask_a_message_again() {
        const FIRST: &[(Role, &str)] = &[(Role::User, "My name is Zorvane.")];
        const TWICE: &[(Role, &str)] = &[
            (Role::User, "My name is Zorvane."),
            (Role::Assistant, "Noted."),
            (Role::User, "It is noon. My name is Zorvane."),
        ];
        let seen = |again, calls: &[&[(Role, &str)]]| {
            let mut turn = turn("My name is Zorvane.");
            turn.send.again = again;
            let calls = calls.iter().map(|prompt| call(prompt)).collect();
            TurnSeen { calls, ..TurnSeen::skipped(1, turn, "") }
        };
        let counted = |calls: &[&[(Role, &str)]]| {
            let mut again = seen(true, calls);
            keep_calls_that_ask_again(&mut again, &[seen(false, &[FIRST])]);
            again.calls.len()
        };
        assert_eq!([counted(&[TITLE]), counted(&[ON]), counted(&[FIRST]), counted(&[TWICE])], [0, 0, 1, 1]);
    }

    #[test]
    fn beside_other_canaries_only_matching_words_count() {
        assert_eq!(attributed(&[TITLE, OWN, ON], &["Who am I?"], Concurrency::Shared), [1]);
    }
}
