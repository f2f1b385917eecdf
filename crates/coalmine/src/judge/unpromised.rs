//! Failures of what a runtime never promised: they are skipped with the reason.

use coalmine_a2a::{State, WireError};
use coalmine_world::Prompt;

use super::{case::Case, premise};
use crate::{
    event::{Code, Diagnosis, Layer, ModelMode},
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
    memory(case, diagnosis)
        .map(|reason| kept("memory.promise = \"kept\"", reason))
        .or_else(|| sessions(case, diagnosis).map(|reason| kept("session.restart = \"kept\"", reason)))
        .or_else(|| binary_files(case, diagnosis).map(|reason| kept("attachments.binary = \"kept\"", reason)))
        .or_else(|| text_files(case, diagnosis).map(|reason| kept("attachments.text = \"kept\"", reason)))
        .or_else(|| peers(case, diagnosis).map(|reason| kept("peers.promise = \"kept\"", reason)))
}

/// The profile does not say whether there is a memory, and there is no sign of one. That explains a fact that is missing, and
/// nothing else.
fn memory(case: Case<'_>, diagnosis: &Diagnosis) -> Option<String> {
    let missing = diagnosis.layer == Layer::Tool
        || matches!(
            diagnosis.code,
            Code::PromptHistoryMissing | Code::PromptQuestionMissing | Code::SessionNotKept
        );
    let needed = case.script.turns.iter().any(|turn| turn.memory.is_some());
    let failed = case.turns.iter().any(|turn| turn.error.is_some());
    let sign =
        case.turns.iter().any(|turn| !turn.memory.kept.is_empty() || !turn.memory.write_tools.is_empty());
    if case.known.memory != Promise::Unknown || !missing || !needed || sign || failed {
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

/// Nobody says whether files are accepted, and no sign of one ever reached the model. Words that came through
/// without their file are a loss, whatever was promised.
fn text_files(case: Case<'_>, diagnosis: &Diagnosis) -> Option<String> {
    let unknown = case.known.text == Promise::Unknown && case.known.model == ModelMode::Simulated;
    if !unknown || !case.script.canary.needs.contains(&Need::Files) {
        return None;
    }
    let sign = |turn: &TurnSeen| turn.turn.files.iter().any(|file| premise::reaches(turn, file));
    let turn = case.turns.iter().find(|turn| Some(turn.number) == diagnosis.turn)?;
    let caption = &turn.turn.say;
    let alone = !caption.is_empty() && turn.prompted(caption);
    let dropped = matches!(
        diagnosis.code,
        Code::PromptFileMissing
            | Code::PromptEmptyPrompt
            | Code::PromptNoModelCall
            | Code::PromptRefused
            | Code::WireTaskFailed
    ) || refuses_file(turn);
    if turn.turn.files.is_empty() || alone || !dropped || case.turns.iter().any(sign) {
        return None;
    }
    Some(format!(
        "{}; set `attachments.text = \"kept\"` in its profile to require that files reach the model, or `\"none\"` if it \
         reads text only",
        diagnosis.sentence
    ))
}

/// Returns whether a turn with files was refused. A runtime that refuses a file says so, which may not be
/// worse than dropping it in silence.
fn refuses_file(turn: &TurnSeen) -> bool {
    !turn.turn.files.is_empty()
        && (turn.error.as_ref().is_some_and(WireError::rejects_message)
            || turn.state.is_some_and(State::is_refusal))
}

/// The profile does not say whether images and PDFs are accepted, and they are not.
fn binary_files(case: Case<'_>, diagnosis: &Diagnosis) -> Option<String> {
    let refused = |turn: &TurnSeen| Some(turn.number) == diagnosis.turn && refuses_file(turn);
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
    use coalmine_world::Role;

    use super::*;
    use crate::judge::{
        Known,
        testing::{KNOWN, call, script, turn, turn_of},
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

    /// Returns whether a failure of a turn with a file is skipped: what the user says, the prompt if there is
    /// one, and the code.
    fn file_is_skipped(say: &str, prompt: Option<&str>, known: Known, code: Code) -> bool {
        let say = if say.is_empty() { String::new() } else { format!("say = \"{say}\"\n") };
        let script = script(&format!(
            "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\nneeds = [\"files\"]\n[[turn]]\ncontext = \"a\"\n{say}\
             file = {{ name = \"a.txt\", content = \"The code is 7.\" }}\nexpect.prompt.contains = \"7\"\n"
        ));
        let mut turn = turn_of(1, script.turns[0].clone());
        turn.calls = prompt.map(|prompt| call(&[(Role::User, prompt)], "Hm.")).into_iter().collect();
        let diagnosis = Diagnosis { turn: Some(1), ..Diagnosis::new(code, "it broke") };
        unpromised(Case { script: &script, turns: &[turn], known: &known }, &diagnosis).is_some()
    }

    #[test]
    fn files_are_skipped_without_a_promise_and_a_sign() {
        let missing = Code::PromptFileMissing;
        assert!(file_is_skipped("", Some("(nothing)"), KNOWN, missing));
        assert!(file_is_skipped("Read it.", None, KNOWN, Code::WireTaskFailed));
        // the name is a sign
        assert!(!file_is_skipped("", Some("file a.txt"), KNOWN, missing));
        // the words came through without the file
        assert!(!file_is_skipped("Read it.", Some("Read it."), KNOWN, missing));
        assert!(!file_is_skipped("", Some("(nothing)"), KNOWN, Code::ReplyEcho));
        assert!(!file_is_skipped("", Some("(nothing)"), Known { text: Promise::Kept, ..KNOWN }, missing));
        let canary_mode = Known { model: ModelMode::CanaryMode, ..KNOWN };
        assert!(!file_is_skipped("", None, canary_mode, Code::PromptEmptyPrompt));
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
