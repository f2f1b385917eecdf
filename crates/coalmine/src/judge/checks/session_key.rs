//! The key of a turn: what the runtime's sessions are keyed by, inferred from which turns know a fact.

use super::{context, leak};
use crate::{
    event::{CheckReport, Code, Diagnosis, Level, ModelMode, SessionKey, Step},
    judge::{
        case::Case,
        loss::{self, Wanted},
        outcome::Outcome,
        path::Break,
    },
    observe::{Store, TurnSeen},
    plan::{KeyProbe, Scope},
};

/// The session key that was found, beside the one that the profile declares.
#[derive(Debug)]
pub(in crate::judge) struct FoundKey {
    /// `None` if the turns that show it were not answered.
    pub(in crate::judge) found: Option<SessionKey>,
    outcome: Outcome,
}

impl FoundKey {
    pub(in crate::judge) fn report(&self, level: Level) -> CheckReport {
        CheckReport {
            id: "session-key".into(),
            level,
            verdict: self.outcome.verdict,
            expected: self.outcome.expected.clone(),
            actual: self.outcome.actual.clone(),
        }
    }
}

/// Infers the key, if the canary asks for it.
pub(in crate::judge) fn evaluate(case: Case<'_>) -> Option<FoundKey> {
    case.script.turns.iter().find(|turn| turn.key.is_some())?;
    let found = infer(case.turns);
    let expected = format!("sessions are keyed by {}", declared(case.known.scope));
    let outcome = match found {
        None => Outcome::skip(expected, "the turns that show the key were not answered"),
        Some(key) => Outcome::test(is_declared(case.known.scope, key), expected, key.name()),
    };
    Some(FoundKey { found, outcome })
}

/// Returns the cause if the key is not the declared one; `None` if it is, or was not found.
pub(in crate::judge) fn cause(case: Case<'_>, key: &FoundKey) -> Option<Diagnosis> {
    let found = key.found.filter(|found| !is_declared(case.known.scope, *found))?;
    let shared = matches!(found, SessionKey::One | SessionKey::Workspace | SessionKey::Mixed);
    let code = if shared { Code::SessionShared } else { Code::SessionSplit };
    let asked = case.turns.iter().find(|turn| turn.turn.key.is_some())?;
    let asked_last = case.turns.iter().rev().find(|turn| turn.turn.key == Some(KeyProbe::SameContext));
    if let Some(turn) = asked_last.and_then(|turn| context::replaced_before(case, turn)) {
        return Some(context::replaced(turn));
    }
    if case.known.model == ModelMode::Simulated
        && let Some(diagnosis) = other_cause(case, found, asked_last)
    {
        return Some(diagnosis);
    }
    let how = match found {
        SessionKey::One => "all conversations share one session".to_owned(),
        SessionKey::None => "no session is found again in a later turn".to_owned(),
        SessionKey::Mixed => "other conversations know the fact, and its own does not".to_owned(),
        key => format!("sessions are keyed by {key}"),
    };
    let scope = declared(case.known.scope);
    let sentence = format!("{how}, but the profile declares `session.scope = \"{scope}\"`");
    Some(Break::new(code, Step::Store, sentence).after_sending(asked_last.unwrap_or(asked)))
}

/// A cause that only looks like another key: a fact that no prompt held came back, or one was lost on its way although the
/// session may hold it.
fn other_cause(case: Case<'_>, found: SessionKey, asked_last: Option<&TurnSeen>) -> Option<Diagnosis> {
    if matches!(found, SessionKey::One | SessionKey::Workspace) {
        let other = case.turns.iter().find(|turn| turn.turn.key == Some(KeyProbe::OtherContext))?;
        let fact = other.turn.reply_contains.iter().find(|fact| !other.prompted(fact))?;
        return Some(leak::cause(case, other, fact));
    }
    let turn = asked_last.filter(|_| found == SessionKey::None)?;
    let fact = turn.turn.reply_contains.iter().find(|fact| !turn.reply.contains(*fact))?;
    let not_in_store = turn.store.distinguishes_sessions() && !turn.prompted(fact);
    (!not_in_store).then(|| loss::cause(case, turn, &Wanted::Text(fact)))
}

/// Returns the key, or `None` if the turns that show it were not answered.
fn infer(seen: &[TurnSeen]) -> Option<SessionKey> {
    let telling = seen.iter().find(|turn| turn.turn.key.is_none() && turn.error.is_none())?;
    let knows = |probe: KeyProbe| {
        let asked =
            |turn: &&TurnSeen| turn.turn.key == Some(probe) && turn.error.is_none() && turn.skipped.is_none();
        let turn = seen.iter().find(asked)?;
        Some(turn.turn.reply_contains.iter().all(|fact| turn.reply.contains(fact)))
    };
    let same_task = knows(KeyProbe::SameTask) == Some(true);
    Some(match (knows(KeyProbe::SameContext)?, knows(KeyProbe::OtherContext)?) {
        (true, true) if seen.iter().any(|turn| turn.under_workspace) => SessionKey::Workspace,
        (true, true) => SessionKey::One,
        (true, false) => SessionKey::Context,
        // others know the fact, and its own context does not
        (false, true) => SessionKey::Mixed,
        (false, false) if same_task => SessionKey::Task,
        (false, false) => by_store(telling, seen),
    })
}

/// Returns the key under which the store holds a fact that no later turn knows.
fn by_store(telling: &TurnSeen, seen: &[TurnSeen]) -> SessionKey {
    let Some(store) = seen.iter().rev().find(|turn| turn.skipped.is_none()).map(|turn| &turn.store) else {
        return SessionKey::None;
    };
    let Store::Read { records, by_session: true, complete: true, .. } = &**store else {
        return SessionKey::None;
    };
    let holding =
        records.iter().find(|record| !telling.turn.say.is_empty() && record.text.contains(&telling.turn.say));
    let is = |id: &str| !id.is_empty() && holding.is_some_and(|record| record.key.contains(id));
    match holding {
        None => SessionKey::None,
        Some(_) if is(&telling.context_id) => SessionKey::Context,
        Some(_) if telling.task_id.as_deref().is_some_and(is) => SessionKey::Task,
        Some(_) if is(&telling.message_id) => SessionKey::Message,
        Some(_) => SessionKey::TaskOrMessage,
    }
}

/// Returns the key that a scope declares.
fn declared(scope: Scope) -> SessionKey {
    match scope {
        Scope::Context => SessionKey::Context,
        Scope::Workspace => SessionKey::Workspace,
    }
}

/// Returns whether a key is the declared one. A runtime serves one workspace, so only its store can show whether all
/// conversations share a session or only those of a workspace.
fn is_declared(scope: Scope, found: SessionKey) -> bool {
    found == declared(scope) || (scope == Scope::Workspace && found == SessionKey::One)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::plan::ScriptTurn;

    fn turn(key: Option<KeyProbe>, reply: &str, store: &str) -> TurnSeen {
        let (say, fact) = ("My boat is Zorvane.".to_owned(), vec!["Zorvane".to_owned()]);
        let turn = ScriptTurn { key, say, reply_contains: fact, ..ScriptTurn::default() };
        let store = match store {
            "" => Store::Unreadable("nobody says where".into()),
            json => Store::from_bytes(json.as_bytes().to_vec()),
        };
        TurnSeen {
            skipped: None,
            context_id: "ctx".into(),
            message_id: "canary-1".into(),
            task_id: Some("task-7".into()),
            reply: reply.into(),
            store: Arc::new(store),
            ..TurnSeen::skipped(1, turn, "")
        }
    }

    /// The key where the same context, the same task and another context know the fact, or not.
    fn key(same_context: bool, same_task: bool, other: bool, store: &str) -> Option<SessionKey> {
        let says = |knows: bool| if knows { "It is Zorvane." } else { "I know of no boat." };
        let probes = [
            (KeyProbe::SameContext, same_context),
            (KeyProbe::SameTask, same_task),
            (KeyProbe::OtherContext, other),
        ];
        let probes = probes.map(|(probe, knows)| turn(Some(probe), says(knows), store));
        infer(&[&[turn(None, "Noted.", store)], &probes[..]].concat())
    }

    #[test]
    fn turns_that_know_the_fact_show_the_key() {
        assert_eq!(key(true, true, false, ""), Some(SessionKey::Context));
        assert_eq!(key(true, true, true, ""), Some(SessionKey::One));
        assert_eq!(key(false, true, false, ""), Some(SessionKey::Task));
        assert_eq!(key(false, false, true, ""), Some(SessionKey::Mixed));
        assert_eq!(key(false, false, false, ""), Some(SessionKey::None));
    }

    #[test]
    fn the_store_may_show_the_key() {
        let under =
            |key: &str| format!(r#"{{"sessions":[{{"key":"{key}","turns":["My boat is Zorvane."]}}]}}"#);
        assert_eq!(key(false, false, false, &under("task-7")), Some(SessionKey::Task));
        assert_eq!(key(false, false, false, &under("canary-1")), Some(SessionKey::Message));
        assert_eq!(key(false, false, false, &under("4711")), Some(SessionKey::TaskOrMessage));
        assert_eq!(key(false, false, false, &under("ctx")), Some(SessionKey::Context));
        assert_eq!(
            key(false, false, false, r#"{"sessions":[{"key":"ctx","turns":[]}]}"#),
            Some(SessionKey::None)
        );
    }

    #[test]
    fn a_session_named_after_the_workspace_is_the_workspaces() {
        let mut seen =
            [KeyProbe::SameContext, KeyProbe::OtherContext].map(|probe| turn(Some(probe), "Zorvane", ""));
        assert_eq!(infer(&[&[turn(None, "Noted.", "")], &seen[..]].concat()), Some(SessionKey::One));
        seen[1].under_workspace = true;
        assert_eq!(infer(&[&[turn(None, "Noted.", "")], &seen[..]].concat()), Some(SessionKey::Workspace));
        let kept = |found| [Scope::Workspace, Scope::Context].map(|scope| is_declared(scope, found));
        assert_eq!(
            [kept(SessionKey::One), kept(SessionKey::Workspace), kept(SessionKey::Context)],
            [[true, false], [true, false], [false, true]]
        );
    }

    #[test]
    fn without_answers_nothing_is_inferred() {
        let asked = TurnSeen::skipped(2, turn(Some(KeyProbe::SameContext), "", "").turn, "the run had ended");
        assert_eq!(infer(&[turn(None, "Noted.", ""), asked]), None);
        assert_eq!(infer(&[]), None);
    }
}
