//! What stands around the conversation: skills, peers, other contexts, the disk, and how often the model is asked.

use super::{
    Known,
    chain::{Break, Chain},
    diagnose::evidence,
    lost::short,
};
use crate::{
    event::{Diagnosis, Step},
    observe::TurnSeen,
    plan::{Need, Script},
};

/// A fact that only a skill or a peer could give, and that did not come.
pub(super) fn not_fetched(turn: &TurnSeen, script: &Script, wanted: &str) -> Option<Break> {
    let (role, what) = match () {
        () if script.canary.needs.contains(&Need::Skills) => ("skill", "use a skill"),
        () if script.canary.needs.contains(&Need::Peers) => ("peer", "ask another agent"),
        () => return None,
    };
    if turn.calls.is_empty() || turn.prompted(wanted) {
        return None;
    }
    let broke = |code, sentence: String| Some(Break { code, step: Step::Tool, sentence });
    if !turn.offered.contains(role) {
        return broke("tool.not-offered", format!("the model was offered no tool to {what}"));
    }
    if !turn.called.contains(role) {
        return broke("tool.not-called", format!("the model did not get to {what}"));
    }
    let results = short(&turn.memory.results.join(" | "));
    if role == "peer" && turn.asked.is_empty() {
        return broke(
            "tool.peer-not-asked",
            format!("the model called its tool to {what}, but no agent was asked; the tool gave: {results}"),
        );
    }
    broke(
        "tool.result-missing",
        format!("the model called its tool to {what}, but what came back is: {results}"),
    )
}

/// What is wrong with what a peer was asked.
pub(super) fn of_peer(turn: &TurnSeen) -> Option<Diagnosis> {
    let script = &turn.turn;
    let asked = || turn.asked.iter().filter_map(|call| call.content.peer.as_ref());
    let broke = |code, sentence: String| {
        let mut chain = Chain::default();
        chain.ok(Step::Sent, "the runtime took the message and answered");
        Some(chain.diagnosis(Break { code, step: Step::Tool, sentence }, Some(turn.number), evidence(turn)))
    };
    for text in &script.peer_lacks {
        if let Some(ask) = asked().find(|ask| ask.everything.contains(text)) {
            let sentence =
                format!("`{text}` of the user's conversation went along to the agent `{}`", ask.id);
            return broke("tool.peer-history-leaked", sentence);
        }
    }
    let wanted = !script.peer_asked.is_empty() || !script.peer_lacks.is_empty();
    if wanted
        && let Some(ask) = asked().find(|ask| ask.context_id.as_deref() == Some(turn.context_id.as_str()))
    {
        let sentence = format!("the agent `{}` was asked under the user's own contextId", ask.id);
        return broke("tool.peer-context-shared", sentence);
    }
    let missing = script.peer_asked.iter().find(|text| !asked().any(|ask| ask.text.contains(*text)));
    missing.and_then(|text| broke("tool.peer-not-asked", format!("no agent was asked for `{text}`")))
}

/// The model is asked more often than the turn is worth.
pub(super) fn too_many_calls(turn: &TurnSeen, known: &Known) -> Option<Diagnosis> {
    let most = turn.turn.max_model_calls?;
    let count = turn.calls.len();
    if turn.asks_enough() || !known.must_execute_once(turn) {
        return None;
    }
    let mut chain = Chain::default();
    chain.ok(Step::Sent, "the runtime took the message");
    let broke = match turn.turn.send.again {
        true => Break {
            code: "wire.duplicate-executed",
            step: Step::Sent,
            sentence: format!(
                "a message that came a second time was executed a second time ({count} calls to the model)"
            ),
        },
        false => Break {
            code: "prompt.runs-on",
            step: Step::Prompt,
            sentence: format!("the runtime goes on asking the model: {count} calls where {most} are enough"),
        },
    };
    Some(chain.diagnosis(broke, Some(turn.number), evidence(turn)))
}

/// A file that was written where it has no place.
pub(super) fn file_escaped(turn: &TurnSeen) -> Option<Diagnosis> {
    let path = turn.files_there.as_ref().ok()?.first()?;
    let mut chain = Chain::default();
    chain.ok(Step::Sent, "the runtime took the message");
    let broke = Break {
        code: "session.file-escaped",
        step: Step::Store,
        sentence: format!("the name of a file led the runtime out of its folder: it wrote {path}"),
    };
    Some(chain.diagnosis(broke, Some(turn.number), evidence(turn)))
}
