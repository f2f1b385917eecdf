//! Which calls to the world belong to which turn.
//!
//! A prompt does not say which turn asked for it: it is told by the user's words. Some runtimes also ask the model on their
//! own, after an answer, for a title or a summary; that may come while the next turn is on its way.

use std::sync::Arc;

use coalmine_world::{Call, Prompt};

use super::parallel::Concurrency;
use crate::{
    observe::{TurnSeen, is_model_call},
    plan::ScriptTurn,
};

/// The calls made while turns were on their way.
pub(super) struct Calls {
    all: Vec<Asked>,
    /// Whether one turn alone was on its way, so that what nobody else asks is its own.
    single: bool,
    concurrency: Concurrency,
}

struct Asked {
    call: Arc<Call>,
    /// The question, where there are several turns to tell apart; `None` for a call that is no prompt.
    question: Option<String>,
    whose: Whose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// A turn says what it asks.
    Claimed,
    /// It holds the words of a turn before, and not of these, of which there are others.
    Earlier,
    Unknown,
}

impl Calls {
    /// `before`: what users said in turns that were over when these began.
    pub(super) fn new(
        calls: Vec<Arc<Call>>,
        turns: &[&ScriptTurn],
        concurrency: Concurrency,
        before: &[String],
    ) -> Self {
        let single = turns.len() == 1 && concurrency == Concurrency::Alone;
        let holds = |call: &Call| turns.iter().any(|turn| call.holds(&turn.say));
        let any_own = calls.iter().any(|call| is_model_call(call) && holds(call));
        let asked = |call: Arc<Call>| {
            let question = match single {
                true => None,
                false => call.content.prompt.as_ref().map(Prompt::question),
            };
            let whose = if !single && turns.iter().any(|turn| is_asked(question.as_deref(), turn)) {
                Whose::Claimed
            } else if any_own && !holds(&call) && before.iter().any(|said| call.holds(said)) {
                Whose::Earlier
            } else {
                Whose::Unknown
            };
            Asked { call, question, whose }
        };
        Self { all: calls.into_iter().map(asked).collect(), single, concurrency }
    }

    /// The calls of a turn: those that ask what it says. Where nothing else goes on, also those that ask what nobody
    /// says; beside other canaries, those are somebody else's.
    pub(super) fn of(&self, turn: &ScriptTurn, wanted: impl Fn(&Call) -> bool) -> Vec<Arc<Call>> {
        let belongs = |asked: &&Asked| match asked.whose {
            Whose::Earlier => false,
            Whose::Unknown => self.concurrency == Concurrency::Alone,
            Whose::Claimed => self.single || is_asked(asked.question.as_deref(), turn),
        };
        let wanted = |asked: &&Asked| wanted(&asked.call);
        self.all.iter().filter(wanted).filter(belongs).map(|asked| Arc::clone(&asked.call)).collect()
    }
}

/// Takes those calls from a turn in which a message came again that do not ask it again: a title that is asked for late
/// quotes the message, once and among other words.
pub(super) fn keep_what_asks_again(again: &mut TurnSeen, before: &[TurnSeen]) {
    let first = before.iter().rfind(|turn| turn.turn.context == again.turn.context && !turn.turn.send.again);
    // the time of day may stand in it
    let timeless = |text: String| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let question = |call: &Call| call.content.prompt.as_ref().map(|prompt| timeless(prompt.question()));
    let asked: Vec<String> =
        first.iter().flat_map(|turn| &turn.calls).filter_map(|call| question(call)).collect();
    let say = again.turn.say.clone();
    if asked.is_empty() || say.is_empty() {
        return;
    }
    let timeless_say = timeless(say.clone());
    let repeats = |call: &Arc<Call>| {
        let Some(question) = question(call) else { return true };
        let twice = || {
            call.content.prompt.as_ref().is_some_and(|prompt| prompt.everything().matches(&say).count() > 1)
        };
        asked.contains(&question) || question.contains(&timeless_say) && twice()
    };
    again.calls.retain(repeats);
}

/// Whether a call's question holds what the user says in a turn.
pub(super) fn asks(call: &Call, turn: &ScriptTurn) -> bool {
    is_asked(call.content.prompt.as_ref().map(Prompt::question).as_deref(), turn)
}

/// Whether a question holds what the user says in a turn; a call that is no prompt may be anybody's.
pub(super) fn is_asked(question: Option<&str>, turn: &ScriptTurn) -> bool {
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

    /// How many of the calls each of the turns is given.
    fn given(calls: &[&[(Role, &str)]], turns: &[&str], concurrency: Concurrency) -> Vec<usize> {
        let turns: Vec<_> = turns.iter().map(|say| turn(say)).collect();
        let calls = calls.iter().map(|prompt| call(prompt)).collect();
        let before = ["My name is Zorvane.".to_owned()];
        let calls = Calls::new(calls, &turns.iter().collect::<Vec<_>>(), concurrency, &before);
        turns.iter().map(|turn| calls.of(turn, is_model_call).len()).collect()
    }

    const OWN: &[(Role, &str)] =
        &[(Role::User, "My name is Zorvane."), (Role::Assistant, "Noted."), (Role::User, "Who am I?")];
    const TITLE: &[(Role, &str)] = &[(Role::User, "Give it a title: My name is Zorvane.")];
    const ON: &[(Role, &str)] = &[(Role::User, "Continue.")];

    #[test]
    fn what_is_asked_about_a_turn_before_is_not_this_turns() {
        assert_eq!(given(&[TITLE, OWN, ON], &["Who am I?"], Concurrency::Alone), [2]);
        assert_eq!(given(&[TITLE, OWN, ON], &["Who am I?", "And I?"], Concurrency::Alone), [2, 1]);
    }

    #[test]
    fn a_runtime_that_asks_only_the_words_of_a_turn_before_asks_them_in_this_turn() {
        assert_eq!(given(&[TITLE], &["Who am I?"], Concurrency::Alone), [1]);
    }

    #[test]
    fn a_title_that_comes_late_does_not_ask_a_message_again() {
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
            keep_what_asks_again(&mut again, &[seen(false, &[FIRST])]);
            again.calls.len()
        };
        assert_eq!([counted(&[TITLE]), counted(&[ON]), counted(&[FIRST]), counted(&[TWICE])], [0, 0, 1, 1]);
    }

    #[test]
    fn beside_others_only_what_holds_the_words_is_a_turns() {
        assert_eq!(given(&[TITLE, OWN, ON], &["Who am I?"], Concurrency::Shared), [1]);
    }
}
