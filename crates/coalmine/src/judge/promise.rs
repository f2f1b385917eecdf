//! Failures of what a runtime never promised: not judged, and said so.

use coalmine_world::Prompt;

use super::Known;
use crate::{
    event::{Code, Diagnosis},
    observe::TurnSeen,
    plan::{Need, Promise, Restart, Script},
};

/// Why a failure is none, where the profile promises nothing and the runtime shows no sign of it.
pub(super) fn unpromised(
    script: &Script,
    seen: &[TurnSeen],
    known: &Known,
    diagnosis: &Diagnosis,
) -> Option<String> {
    unpromised_memory(script, seen, known)
        .or_else(|| unpromised_sessions(script, seen, known, diagnosis))
        .or_else(|| unpromised_binary(script, known, diagnosis))
        .or_else(|| unpromised_peers(script, known, diagnosis))
}

/// A runtime that never promised a memory and shows no sign of one is not broken.
fn unpromised_memory(script: &Script, seen: &[TurnSeen], known: &Known) -> Option<String> {
    let needs = script.turns.iter().any(|turn| turn.memory.is_some());
    let errors = seen.iter().any(|turn| turn.error.is_some());
    let sign = seen.iter().any(|turn| !turn.memory.kept.is_empty() || !turn.memory.write_tools.is_empty());
    let silent = known.memory == Promise::Unknown && needs && !sign && !errors;
    let offered: Vec<&str> = seen
        .iter()
        .flat_map(|turn| turn.prompts())
        .flat_map(Prompt::offers)
        .map(|tool| tool.name.as_str())
        .filter(|name| name.contains("memor"))
        .take(4)
        .collect();
    let seen_tools = match offered.is_empty() {
        true => "the runtime offers the model no tool to remember with".to_owned(),
        false => format!(
            "the runtime offers `{}`, none of which is known for writing memories",
            offered.join("`, `")
        ),
    };
    silent.then(|| {
        format!(
            "{seen_tools}; say `memory.promise = \"kept\"` in its profile to require one, or name its tools in `[tools]`"
        )
    })
}

/// Nobody said whether sessions outlive the process, and they do not.
fn unpromised_sessions(
    script: &Script,
    seen: &[TurnSeen],
    known: &Known,
    diagnosis: &Diagnosis,
) -> Option<String> {
    let lost = [Code::SessionLostOnRestart, Code::SessionLostOnKill].contains(&diagnosis.code);
    let open = script.canary.needs.contains(&Need::KeptSessions) && known.restart == Restart::Unknown;
    let refused = seen.iter().find(|turn| Some(turn.number) == diagnosis.turn && turn.error.is_some());
    let how = match refused.and_then(|turn| turn.error.as_ref()) {
        Some(error) => format!("and said so ({error})"),
        None => "without a word".to_owned(),
    };
    (lost && open).then(|| {
        format!(
            "the runtime forgot when its process ended, {how}; say `session.restart = \"kept\"` in its profile to require \
             that it does not, `\"lost\"` where that is known"
        )
    })
}

/// Nobody said whether images and PDFs are taken, and they are not.
fn unpromised_binary(script: &Script, known: &Known, diagnosis: &Diagnosis) -> Option<String> {
    let dropped = diagnosis.code == Code::PromptFileMissing || diagnosis.code == Code::WireTaskFailed;
    let open = script.canary.needs.contains(&Need::Binaries) && known.binary == Promise::Unknown;
    (dropped && open).then(|| {
        format!(
            "{}; say `attachments.binary = \"kept\"` in its profile to require that it does not",
            diagnosis.sentence
        )
    })
}

/// Nobody said whether other agents are asked, and the model is offered no tool for it.
fn unpromised_peers(script: &Script, known: &Known, diagnosis: &Diagnosis) -> Option<String> {
    let none = diagnosis.code == Code::ToolNotOffered;
    let open = script.canary.needs.contains(&Need::Peers) && known.peers == Promise::Unknown;
    (none && open).then(|| {
        "the runtime offers the model no tool to ask other agents with; say `peers.promise = \"kept\"` in its profile to \
         require one, or name it in `[tools]`"
            .to_owned()
    })
}
