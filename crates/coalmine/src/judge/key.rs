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
    match holding {
        None => "none",
        Some(record) if record.key == told.context_id => "context",
        Some(_) => "task or message",
    }
}

/// The key that a profile promises.
pub(super) fn promised(scope: Scope) -> &'static str {
    match scope {
        Scope::Context => "context",
        Scope::Workspace => "one",
    }
}
