//! Failures of what a runtime never promised: they are skipped with the reason.

use coalmine_a2a::{State, WireError};
use coalmine_world::Prompt;

use super::case::Case;
use crate::{
    event::{Code, Diagnosis},
    observe::TurnSeen,
    plan::{Need, Promise, Restart},
};

/// Why a failure is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unpromised {
    pub(super) reason: String,
    /// The line of a profile that makes it a promise.
    pub(super) hint_toml: &'static str,
}

impl Unpromised {
    fn new(hint_toml: &'static str, reason: String) -> Self {
        Self { reason, hint_toml }
    }
}

/// Returns why a failure is none: the profile promises nothing, and the runtime shows no sign of it.
pub(super) fn unpromised(case: Case<'_>, diagnosis: &Diagnosis) -> Option<Unpromised> {
    let kept = Unpromised::new;
    memory(case)
        .map(|reason| kept("memory.promise = \"kept\"", reason))
        .or_else(|| sessions(case, diagnosis).map(|reason| kept("session.restart = \"kept\"", reason)))
        .or_else(|| binary_files(case, diagnosis).map(|reason| kept("attachments.binary = \"kept\"", reason)))
        .or_else(|| peers(case, diagnosis).map(|reason| kept("peers.promise = \"kept\"", reason)))
}

/// The profile does not say whether there is a memory, and there is no sign of one.
fn memory(case: Case<'_>) -> Option<String> {
    let needed = case.script.turns.iter().any(|turn| turn.memory.is_some());
    let failed = case.turns.iter().any(|turn| turn.error.is_some());
    let sign =
        case.turns.iter().any(|turn| !turn.memory.kept.is_empty() || !turn.memory.write_tools.is_empty());
    if case.known.memory != Promise::Unknown || !needed || sign || failed {
        return None;
    }
    let offers = case.turns.iter().flat_map(|turn| turn.prompts()).flat_map(Prompt::offers);
    let names: Vec<&str> =
        offers.map(|tool| tool.name.as_str()).filter(|name| name.contains("memor")).take(4).collect();
    let tools = if names.is_empty() {
        "the runtime offers the model no tool to remember with".to_owned()
    } else {
        format!(
            "the runtime offers `{}`, but no profile names a tool of that name for writing memories",
            names.join("`, `")
        )
    };
    Some(format!(
        "{tools}; set `memory.promise = \"kept\"` in its profile to require one, or name its tools in `[tools]`"
    ))
}

/// The profile does not say whether sessions outlive the process, and they do not.
fn sessions(case: Case<'_>, diagnosis: &Diagnosis) -> Option<String> {
    let lost = matches!(diagnosis.code, Code::SessionLostOnRestart | Code::SessionLostOnKill);
    let open =
        case.script.canary.needs.contains(&Need::KeptSessions) && case.known.restart == Restart::Unknown;
    if !lost || !open {
        return None;
    }
    let refused = case.turns.iter().find(|turn| Some(turn.number) == diagnosis.turn);
    let how = match refused.and_then(|turn| turn.error.as_ref()) {
        Some(error) => format!("and said so ({error})"),
        None => "without saying so".to_owned(),
    };
    Some(format!(
        "the runtime forgot the conversation when its process ended, {how}; set `session.restart = \"kept\"` in its profile to \
         require that it does not, or `\"lost\"` if that is known"
    ))
}

/// The profile does not say whether images and PDFs are accepted, and they are not.
fn binary_files(case: Case<'_>, diagnosis: &Diagnosis) -> Option<String> {
    let refused = |turn: &TurnSeen| {
        Some(turn.number) == diagnosis.turn
            && !turn.turn.files.is_empty()
            && (turn.error.as_ref().is_some_and(WireError::rejects_message)
                || turn.state.is_some_and(State::is_refusal))
    };
    // a runtime that refuses such a file says so, which may not be worse than dropping it in silence
    let dropped = matches!(diagnosis.code, Code::PromptFileMissing | Code::WireTaskFailed)
        || case.turns.iter().any(refused);
    let open = case.script.canary.needs.contains(&Need::Binaries) && case.known.binary == Promise::Unknown;
    (dropped && open).then(|| {
        format!(
            "{}; set `attachments.binary = \"kept\"` in its profile to require that such files reach the model",
            diagnosis.sentence
        )
    })
}

/// The profile does not say whether peer agents are asked, and the model is offered no tool for it.
fn peers(case: Case<'_>, diagnosis: &Diagnosis) -> Option<String> {
    let open = case.script.canary.needs.contains(&Need::Peers) && case.known.peers == Promise::Unknown;
    (open && diagnosis.code == Code::ToolNotOffered).then(|| {
        "the runtime offers the model no tool to ask peer agents with; set `peers.promise = \"kept\"` in its profile to require \
         one, or name it in `[tools]`"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{
        Known,
        testing::{KNOWN, script, turn},
    };

    fn unpromised_for(needs: &str, known: Known, code: Code) -> Option<Unpromised> {
        let script = script(&format!(
            "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\nneeds = [\"{needs}\"]\n\
             [[turn]]\ncontext = \"a\"\nsay = \"Hello.\"\n"
        ));
        let turns = [turn(1, "Hello.")];
        let diagnosis = Diagnosis { turn: Some(1), ..Diagnosis::new(code, "it broke") };
        unpromised(Case { script: &script, turns: &turns, known: &known }, &diagnosis)
    }

    #[test]
    fn unknown_promises_skip_and_promises_fail() {
        for (needs, code, hint) in [
            ("kept-sessions", Code::SessionLostOnRestart, "session.restart = \"kept\""),
            ("binaries", Code::PromptFileMissing, "attachments.binary = \"kept\""),
            ("peers", Code::ToolNotOffered, "peers.promise = \"kept\""),
        ] {
            let unpromised = unpromised_for(needs, KNOWN, code).map(|unpromised| unpromised.hint_toml);
            assert_eq!(unpromised, Some(hint), "{needs}");
            let kept = Known { restart: Restart::Kept, binary: Promise::Kept, peers: Promise::Kept, ..KNOWN };
            assert_eq!(unpromised_for(needs, kept, code), None, "{needs}");
            assert_eq!(unpromised_for(needs, KNOWN, Code::ReplyEcho), None, "{needs}");
        }
    }
}
