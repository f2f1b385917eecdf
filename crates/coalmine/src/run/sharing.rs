//! Which canaries can run at the same time.
//!
//! Calls to the model are attributed to turns by the user's words. So only canaries share the runtime whose
//! every turn has words, if no other canary of the batch says them.

use crate::plan::{ModelFaults, Need, Script, ScriptTurn};

/// What a canary needs of the runtime that no other canary can bear.
const NEEDS_THE_RUNTIME_ALONE: [Need; 4] = [Need::Restart, Need::KeptSessions, Need::Recreate, Need::Peers];

/// Returns the canaries that can run at the same time.
pub(super) fn sharing(scripts: &[Script]) -> Vec<&Script> {
    let mut chosen: Vec<&Script> = vec![];
    for script in scripts {
        if can_share(script) && !chosen.iter().any(|other| overlap(other, script)) {
            chosen.push(script);
        }
    }
    chosen
}

/// Returns whether a canary spends its time waiting: for a slow model, or until the runtime is quiet.
pub(super) fn waits(script: &Script) -> bool {
    script.turns.iter().any(|turn| turn.ends_in_quiet() || turn.model_fault != ModelFaults::None)
}

/// Returns whether it matters to a canary what the model was asked beyond the calls that are attributed to
/// it.
pub(super) fn counts_calls(script: &Script) -> bool {
    script.turns.iter().any(|turn| {
        turn.model_fault != ModelFaults::None
            || turn.max_model_calls.is_some()
            || !turn.prompt_lacks.is_empty()
            || !turn.others.is_empty()
    })
}

fn can_share(script: &Script) -> bool {
    script.canary.converses()
        && script.canary.probes.is_empty()
        && !has_meeting_turns(script)
        && !script.canary.needs.iter().any(|need| NEEDS_THE_RUNTIME_ALONE.contains(need))
        && script.turns.iter().all(ScriptTurn::disturbs_nobody)
}

/// Returns whether messages of one context must meet: while other canaries run, one may come so late that the
/// other is done.
fn has_meeting_turns(script: &Script) -> bool {
    script.turns.chunk_by(|a, b| a.parallel.is_some() && a.parallel == b.parallel).any(|group| {
        group.iter().any(|turn| group.iter().filter(|other| other.context == turn.context).count() > 1)
    })
}

/// Returns whether calls of one canary could be attributed to the other.
fn overlap(one: &Script, other: &Script) -> bool {
    one.turns.iter().any(|turn| other.turns.iter().any(|other| turn.overlaps(other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::ModelMode,
        plan::{Canary, RunParameters, builtin},
    };

    fn script(text: &str) -> Script {
        let head = "title = \"t\"\nlevel = \"continuity\"\n";
        let canary = Canary::read("x.toml", &format!("{head}{text}")).unwrap();
        Script::new(canary, RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 }).unwrap()
    }

    #[test]
    fn canaries_with_the_same_words_do_not_share() {
        let one = script("id = \"one\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hello there.\"\n");
        let two = script("id = \"two\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hello there. And more.\"\n");
        let three = script("id = \"three\"\n[[turn]]\ncontext = \"a\"\nsay = \"Good bye.\"\n");
        let scripts = [one, two, three];
        let ids: Vec<_> = sharing(&scripts).iter().map(|script| script.canary.id.as_str()).collect();
        assert_eq!(ids, ["one", "three"]);
    }

    #[test]
    fn canaries_that_touch_the_whole_runtime_run_alone() {
        let text =
            |special: &str| format!("id = \"x\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hello.\"\n{special}\n");
        let large = "file = { name = \"log\", size = \"2 MB\", content = \"x\" }";
        for special in ["before = \"restart\"", "during = \"kill\"", large] {
            assert!(!can_share(&script(&text(special))), "{special}");
        }
        for harmless in [
            "model-fault = \"500\"",
            "parallel = \"x\"",
            "during = \"hang-up\"\nsend = { stream = true }\nexpect.answer = \"none\"",
        ] {
            assert!(can_share(&script(&text(harmless))), "{harmless}");
        }
    }

    #[test]
    fn most_built_in_canaries_share() {
        let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 };
        let scripts: Vec<_> =
            builtin::canaries().unwrap().into_iter().map(|c| Script::new(c, parameters).unwrap()).collect();
        let ids: Vec<_> = sharing(&scripts).iter().map(|script| script.canary.id.as_str()).collect();
        assert!(ids.len() > 12, "{ids:?}");
        assert!(!["kill-recall", "file-only", "parallel-turns"].iter().any(|alone| ids.contains(alone)));
    }

    #[test]
    fn unattributed_calls_matter_to_some_canaries() {
        let counts = |special: &str| {
            let text = format!("id = \"x\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hello.\"\n{special}\n");
            counts_calls(&script(&text))
        };
        for special in ["model-fault = \"500\"", "expect.max-model-calls = 1", "expect.prompt.lacks = \"x\""]
        {
            assert!(counts(special), "{special}");
        }
        assert!(!counts("expect.reply.contains = \"Hello\""));
    }
}
