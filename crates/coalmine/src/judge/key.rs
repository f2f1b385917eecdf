//! On which key a runtime's sessions hang, inferred from which turns know a fact.

use crate::{
    observe::{Store, TurnSeen},
    plan::{KeyProbe, Scope},
};

/// The key, in the words of the reports.
pub(super) fn infer(seen: &[TurnSeen]) -> Option<&'static str> {
    let told = seen.iter().find(|turn| turn.turn.key.is_none() && turn.error.is_none())?;
    let knows = |probe: KeyProbe| {
        let asked =
            |turn: &&TurnSeen| turn.turn.key == Some(probe) && turn.error.is_none() && turn.skipped.is_none();
        let turn = seen.iter().find(asked)?;
        Some(turn.turn.reply_contains.iter().all(|fact| turn.reply.contains(fact)))
    };
    let same_task = knows(KeyProbe::SameTask) == Some(true);
    Some(match (knows(KeyProbe::SameContext)?, knows(KeyProbe::OtherContext)?) {
        (true, true) if seen.iter().any(|turn| turn.under_workspace) => "workspace",
        (true, true) => "one",
        (true, false) => "context",
        // a fact that others know and its own context does not is nowhere where it belongs
        (false, true) => "mixed",
        (false, false) if same_task => "task",
        (false, false) => by_store(told, seen),
    })
}

/// What nobody knows may still be kept, under a key that never comes again.
fn by_store(told: &TurnSeen, seen: &[TurnSeen]) -> &'static str {
    let Some(store) = seen.iter().rev().find(|turn| turn.skipped.is_none()).map(|turn| &turn.store) else {
        return "none";
    };
    let Store::Read { records, by_session: true, .. } = &**store else { return "none" };
    let holding =
        records.iter().find(|record| !told.turn.say.is_empty() && record.text.contains(&told.turn.say));
    let is = |id: &str| !id.is_empty() && holding.is_some_and(|record| record.key.contains(id));
    match holding {
        None => "none",
        Some(_) if is(&told.context_id) => "context",
        Some(_) if told.task_id.as_deref().is_some_and(is) => "task",
        Some(_) if is(&told.message_id) => "message",
        Some(_) => "task or message",
    }
}

/// The key that a profile promises.
pub(super) fn promised(scope: Scope) -> &'static str {
    match scope {
        Scope::Context => "context",
        Scope::Workspace => "workspace",
    }
}

/// Whether that is the one that was found. A runtime serves one workspace: whether all conversations share a session, or
/// those of a workspace, only a store can show.
pub(super) fn is_promised(scope: Scope, found: &str) -> bool {
    found == promised(scope) || scope == Scope::Workspace && found == "one"
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
    fn key(same_context: bool, same_task: bool, other: bool, store: &str) -> Option<&'static str> {
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
    fn who_knows_the_fact_shows_the_key() {
        assert_eq!(key(true, true, false, ""), Some("context"));
        assert_eq!(key(true, true, true, ""), Some("one"));
        assert_eq!(key(false, true, false, ""), Some("task"));
        assert_eq!(key(false, false, true, ""), Some("mixed"));
        assert_eq!(key(false, false, false, ""), Some("none"));
    }

    #[test]
    fn where_nobody_knows_it_the_store_may_show_under_what_it_lies() {
        let under =
            |key: &str| format!(r#"{{"sessions":[{{"key":"{key}","turns":["My boat is Zorvane."]}}]}}"#);
        assert_eq!(key(false, false, false, &under("task-7")), Some("task"));
        assert_eq!(key(false, false, false, &under("canary-1")), Some("message"));
        assert_eq!(key(false, false, false, &under("4711")), Some("task or message"));
        assert_eq!(key(false, false, false, &under("ctx")), Some("context"));
        assert_eq!(key(false, false, false, r#"{"sessions":[{"key":"ctx","turns":[]}]}"#), Some("none"));
    }

    #[test]
    fn a_store_under_the_workspaces_name_tells_it_from_one_for_all() {
        let mut seen =
            [KeyProbe::SameContext, KeyProbe::OtherContext].map(|probe| turn(Some(probe), "Zorvane", ""));
        assert_eq!(infer(&[&[turn(None, "Noted.", "")], &seen[..]].concat()), Some("one"));
        seen[1].under_workspace = true;
        assert_eq!(infer(&[&[turn(None, "Noted.", "")], &seen[..]].concat()), Some("workspace"));
        let kept = |found: &str| [Scope::Workspace, Scope::Context].map(|scope| is_promised(scope, found));
        assert_eq!(
            [kept("one"), kept("workspace"), kept("context")],
            [[true, false], [true, false], [false, true]]
        );
    }

    #[test]
    fn without_an_answer_nothing_is_inferred() {
        let asked = TurnSeen::skipped(2, turn(Some(KeyProbe::SameContext), "", "").turn, "the run had ended");
        assert_eq!(infer(&[turn(None, "Noted.", ""), asked]), None);
        assert_eq!(infer(&[]), None);
    }
}
