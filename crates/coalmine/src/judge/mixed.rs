//! Conversations that are mixed up: text of another context in the prompt of a turn.

use super::{
    case::Case,
    path::{Break, FactPath},
};
use crate::{
    event::{Code, Step},
    observe::TurnSeen,
    plan::Scope,
};

/// Returns the break of a turn in whose prompt another conversation stands, where its own is missing.
pub(super) fn instead_of_own(path: &mut FactPath, case: Case<'_>, turn: &TurnSeen) -> Option<Break> {
    if case.known.scope == Scope::Workspace {
        return None;
    }
    let is_foreign = |other: &&TurnSeen| {
        let said = other.turn.say.trim();
        let is_own = || case.said_in_context(turn, said);
        other.turn.context != turn.turn.context && !said.is_empty() && turn.prompted(said) && !is_own()
    };
    let other = case.turns.iter().find(is_foreign)?;
    let fact = case.script.facts.in_text(&other.turn.say).next();
    Some(foreign(path, case, turn, fact.unwrap_or(other.turn.say.trim())))
}

/// Returns the break if a text of another context reached the model.
pub(super) fn foreign(path: &mut FactPath, case: Case<'_>, turn: &TurnSeen, text: &str) -> Break {
    let asked = turn.turn.say.trim();
    // a turn without words is in every session
    let distinguishes = turn.store.distinguishes_sessions() && !asked.is_empty();
    if distinguishes && shares_session(case, turn, text) {
        let sentence = format!("the session of this turn also holds `{text}` of another context");
        return Break::new(Code::SessionShared, Step::Store, sentence);
    }
    let unclear = if !distinguishes {
        path.unknown(Step::Store, "the session store cannot be read, or does not distinguish its sessions");
        "; whether the session or the prompt leaked is unknown because the session store cannot be read"
    } else if turn.store.holds_together(&[asked]) {
        path.ok(Step::Store, "the store keeps the contexts apart");
        ""
    } else {
        path.unknown(Step::Store, "no session in the store holds this turn");
        "; whether the session or the prompt leaked is unknown because no session in the store holds this turn"
    };
    let sentence = format!("`{text}` of another context reached the model in this one{unclear}");
    Break::new(Code::PromptForeignHistory, Step::Prompt, sentence)
}

/// Returns whether the session of `turn` holds what another context said. A session also holds its own reply, so the other
/// context's message is looked for, not only the fact.
fn shares_session(case: Case<'_>, turn: &TurnSeen, text: &str) -> bool {
    let asked = turn.turn.say.trim();
    let others = case.turns.iter().filter(|other| other.turn.context != turn.turn.context);
    let said: Vec<&str> =
        others.map(|other| other.turn.say.trim()).filter(|said| said.contains(text)).collect();
    if said.is_empty() {
        return turn.store.holds_together(&[text, asked]);
    }
    said.iter().any(|said| turn.store.holds_together(&[said, asked]))
}
