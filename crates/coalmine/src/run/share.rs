//! Which calls to the world belong to which turn.
//!
//! A prompt does not say which turn asked for it: it is told by the user's words in its question.

use std::sync::Arc;

use coalmine_world::Call;

use super::together::Company;
use crate::plan::ScriptTurn;

/// The calls made while turns were on their way.
pub(super) struct Calls {
    all: Vec<Asked>,
    /// Whether one turn alone was on its way, so that all are its own.
    single: bool,
    company: Company,
}

struct Asked {
    call: Arc<Call>,
    /// The question; `None` for a call that is no prompt.
    question: Option<String>,
    /// Whether a turn says what it asks.
    claimed: bool,
}

impl Calls {
    pub(super) fn new(calls: Vec<Arc<Call>>, turns: &[&ScriptTurn], company: Company) -> Self {
        let single = turns.len() == 1 && company == Company::Alone;
        let asked = |call: Arc<Call>| {
            let question = match single {
                true => None,
                false => call.said.prompt.as_ref().map(coalmine_world::Prompt::question),
            };
            let claimed = !single && turns.iter().any(|turn| is_asked(question.as_deref(), turn));
            Asked { call, question, claimed }
        };
        Self { all: calls.into_iter().map(asked).collect(), single, company }
    }

    /// The calls of a turn: those that ask what it says. Of turns that were sent at once, also those that ask what none
    /// of them says; beside other canaries, those are somebody else's.
    pub(super) fn of(&self, turn: &ScriptTurn, wanted: impl Fn(&Call) -> bool) -> Vec<Arc<Call>> {
        let belongs = |asked: &&Asked| {
            self.single
                || is_asked(asked.question.as_deref(), turn)
                || (self.company == Company::Alone && !asked.claimed)
        };
        let wanted = |asked: &&Asked| wanted(&asked.call);
        self.all.iter().filter(wanted).filter(belongs).map(|asked| Arc::clone(&asked.call)).collect()
    }
}

/// Whether a call's question holds what the user says in a turn.
pub(super) fn asks(call: &Call, turn: &ScriptTurn) -> bool {
    is_asked(call.said.prompt.as_ref().map(coalmine_world::Prompt::question).as_deref(), turn)
}

fn is_asked(question: Option<&str>, turn: &ScriptTurn) -> bool {
    turn.say.is_empty() || question.is_none_or(|question| question.contains(&turn.say))
}
