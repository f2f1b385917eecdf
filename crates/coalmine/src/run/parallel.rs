//! Canaries side by side, if they cannot disturb each other.
//!
//! What reached the model in a turn is told from other turns' calls by the user's words. So only canaries whose every turn
//! has words, which no other canary of the batch says, are run at once; and only a pass is believed, where nothing was asked
//! of the model that could not be told to be somebody's: whatever else comes out is run again, alone, and that verdict
//! counts. One job or many, the verdicts are the same.

use std::collections::HashMap;

use coalmine_world::{Call, Prompt};
use futures_util::{StreamExt, stream};

use super::{attribution::is_asked, state::Running};
use crate::{
    event::{CanaryReport, Code, Diagnosis, Phase, Verdict},
    observe::is_model_call,
    plan::{ModelFaults, Need, Script, ScriptTurn},
};

/// How a canary is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concurrency {
    /// Nothing else goes on.
    Alone,
    /// Other canaries go on beside it.
    Shared,
}

impl Concurrency {
    /// Marks the contexts, so that one that is run again begins afresh.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Alone => "",
            Self::Shared => "~",
        }
    }
}

impl Running<'_> {
    /// Runs those of the canaries that can share the runtime; what came of them is there by id, as far as it is believed.
    pub(super) async fn batch(&self, scripts: &[Script], jobs: usize) -> ParallelBatch {
        if jobs < 2
            || self.options.repeat.is_some()
            || self.options.profile.rate.is_some()
            || !self.options.simulated()
        {
            return ParallelBatch::default();
        }
        let sharing = sharing(scripts);
        if sharing.len() < 2 {
            return ParallelBatch::default();
        }
        // with facts of their own: what is run again must not meet its own traces
        let mut apart: Vec<Script> = sharing.iter().filter_map(|script| script.apart().ok()).collect();
        // what waits goes first, so that the others fill its time
        apart.sort_by_key(|script| !waits(script));
        let reports = stream::iter(&apart).map(|script| self.canary(script, Concurrency::Shared));
        let mut reports = reports.buffer_unordered(jobs).enumerate();
        let mut batch = ParallelBatch::default();
        let mark = self.world.journal_position();
        self.events.progress(Phase::Canaries, format!("{} canaries, {jobs} at once", apart.len()));
        while let Some((at, report)) = reports.next().await {
            let done = format!("{} of {} canaries done, {jobs} at once", at + 1, apart.len());
            self.events.progress(Phase::Canaries, done);
            match (report.verdict, &report.diagnosis) {
                (Verdict::Pass, _) => drop(batch.passed.insert(report.id.clone(), report)),
                (Verdict::Fail, Some(diagnosis)) => {
                    drop(batch.failed.insert(report.id.clone(), diagnosis.clone()));
                }
                _ => {}
            }
        }
        // calls that nobody can be told to have made may have been any canary's
        if !self.world.has_all_calls_since(mark)
            || self.world.calls_since(mark).iter().any(|call| is_stray(call, &apart))
        {
            apart.iter().filter(|script| counts_calls(script)).for_each(|script| {
                batch.passed.remove(&script.canary.id);
            });
        }
        batch
    }

    /// Tells what failed beside others and passed alone: the verdict is that of the canary alone, but customers are not.
    pub(super) fn tell_apart(&self, batch: &ParallelBatch, report: &CanaryReport) {
        if let Some(diagnosis) = batch.failed.get(&report.id).filter(|_| report.verdict == Verdict::Pass) {
            let sentence = format!(
                "`{}` passed alone, but failed while other conversations went on (`{}`: {})",
                report.id, diagnosis.code, diagnosis.sentence
            );
            self.events.finding_each(Code::RunFailedBesideOthers, sentence, Some(&report.id));
        }
    }
}

/// What came of canaries that were run at once.
#[derive(Debug, Default)]
pub(super) struct ParallelBatch {
    /// The reports of those that passed.
    pub(super) passed: HashMap<String, CanaryReport>,
    /// Why the others failed, which decides nothing.
    failed: HashMap<String, Diagnosis>,
}

/// Whether messages of one context must meet: beside others one may come so late that the other is done with.
fn must_meet(script: &Script) -> bool {
    script.turns.chunk_by(|a, b| a.parallel.is_some() && a.parallel == b.parallel).any(|group| {
        let same =
            |turn: &&ScriptTurn| group.iter().filter(|other| other.context == turn.context).count() > 1;
        group.iter().any(|turn| same(&turn))
    })
}

/// Whether a canary spends its time waiting: for a slow model, or until the runtime is quiet.
fn waits(script: &Script) -> bool {
    script.turns.iter().any(|turn| turn.ends_in_quiet() || turn.model_fault != ModelFaults::None)
}

/// Whether a call to the model asks what no turn says.
fn is_stray(call: &Call, scripts: &[Script]) -> bool {
    let question = call.content.prompt.as_ref().map(Prompt::question);
    let mut turns = scripts.iter().flat_map(|script| &script.turns);
    is_model_call(call) && !turns.any(|turn| is_asked(question.as_deref(), turn))
}

/// Whether it matters to a canary what the model was asked beyond what was told to be its own.
fn counts_calls(script: &Script) -> bool {
    script.turns.iter().any(|turn| {
        turn.model_fault != ModelFaults::None
            || turn.max_model_calls.is_some()
            || !turn.prompt_lacks.is_empty()
            || !turn.others.is_empty()
    })
}

/// Canaries that can be run at once.
fn sharing(scripts: &[Script]) -> Vec<&Script> {
    let mut taken: Vec<&Script> = vec![];
    for script in scripts.iter().filter(|script| can_share(script)) {
        let said = |other: &&Script| other.turns.iter().any(|b| script.turns.iter().any(|a| overlap(a, b)));
        if !taken.iter().any(said) {
            taken.push(script);
        }
    }
    taken
}

/// Whether the words of one turn stand in the other's.
fn overlap(a: &ScriptTurn, b: &ScriptTurn) -> bool {
    a.say.contains(&b.say) || b.say.contains(&a.say)
}

fn can_share(script: &Script) -> bool {
    let special = [Need::Restart, Need::KeptSessions, Need::Recreate, Need::Peers];
    script.canary.converses()
        && script.canary.probes.is_empty()
        && !must_meet(script)
        && !script.canary.needs.iter().any(|need| special.contains(need))
        && script.turns.iter().all(ScriptTurn::disturbs_nobody)
}

#[cfg(test)]
mod tests {
    use coalmine_world::{CallContent, Message, Role};

    use super::*;
    use crate::{
        event::ModelMode,
        observe::model_call,
        plan::{Canary, RunParameters, builtin},
    };

    fn script(text: &str) -> Script {
        let head = "title = \"t\"\nlevel = \"continuity\"\n";
        let canary = Canary::read("x.toml", &format!("{head}{text}")).unwrap();
        Script::new(canary, RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 }).unwrap()
    }

    #[test]
    fn words_that_two_canaries_say_keep_them_apart() {
        let one = script("id = \"one\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hello there.\"\n");
        let two = script("id = \"two\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hello there. And more.\"\n");
        let three = script("id = \"three\"\n[[turn]]\ncontext = \"a\"\nsay = \"Good bye.\"\n");
        let scripts = [one, two, three];
        let ids: Vec<_> = sharing(&scripts).iter().map(|script| script.canary.id.as_str()).collect();
        assert_eq!(ids, ["one", "three"]);
    }

    #[test]
    fn what_touches_the_runtime_as_a_whole_goes_alone() {
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
    fn a_call_that_asks_what_no_turn_says_may_be_anybodys() {
        let hello = script("id = \"x\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hello there.\"\n");
        let stray = |messages: &[(Role, &str)]| {
            let messages = messages.iter().map(|(role, text)| Message::text(*role, *text)).collect();
            let prompt = Some(Prompt { messages, ..Prompt::default() });
            is_stray(
                &model_call(CallContent { prompt, ..CallContent::default() }),
                std::slice::from_ref(&hello),
            )
        };
        let (told, noted) = ((Role::User, "Hello there."), (Role::Assistant, "Hello."));
        assert!(!stray(&[told]) && !stray(&[(Role::User, "A title for: Hello there.")]));
        assert!(stray(&[told, noted, (Role::User, "Continue.")]), "its words are history there");
        assert!(stray(&[(Role::User, "Hello  there.")]), "its words were altered");
    }

    #[test]
    fn what_must_not_be_asked_of_the_model_counts_all_calls() {
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
