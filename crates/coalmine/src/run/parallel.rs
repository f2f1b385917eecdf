//! Canaries that run at the same time.
//!
//! Only a pass counts. If a call to the model cannot be attributed, the pass of a canary that depends on the
//! number or content of calls does not count either. Nor does the pass of a canary in whose prompts another one's words stand:
//! a runtime that mixes conversations up passes by chance. Everything else is run again, alone, and that verdict stands. A
//! runtime that stopped answering is started again before that, because a canary alone meets no others' traces.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use coalmine_world::{Call, Prompt};
use futures_util::{StreamExt, stream};

use super::{
    RunContext,
    canary::CanaryRunner,
    limit::LimitMet,
    sharing::{counts_calls, sharing, waits},
};
use crate::{
    event::{CanaryReport, Code, Diagnosis, Event, Layer, Phase, Progress, Severity, Verdict},
    observe::{Concurrency, is_asked, is_model_call},
    plan::{Before, Scope, Script},
};

/// What came of canaries that ran at the same time.
#[derive(Debug, Default)]
pub(super) struct ParallelBatch {
    /// The reports of the canaries that passed, by id.
    passed: HashMap<String, CanaryReport>,
    /// Why others failed, by id; that decides nothing.
    failed: HashMap<String, FailureBesideOthers>,
}

/// Why a canary failed while others ran.
#[derive(Debug)]
struct FailureBesideOthers {
    diagnosis: Diagnosis,
    /// The limit of the runtime that was met, if that is what happened.
    limit: Option<LimitMet>,
}

impl ParallelBatch {
    /// Runs those of the canaries that can share the runtime, if the run allows that.
    pub(super) async fn run(context: &RunContext<'_>, scripts: &[Script], jobs: usize) -> Self {
        let options = context.options;
        if jobs < 2 || options.repeat.is_some() || options.profile.rate.is_some() || !options.simulated() {
            return Self::default();
        }
        let sharing = sharing(scripts);
        if sharing.len() < 2 {
            return Self::default();
        }
        // with facts of their own: a canary that is run again must not meet its own traces
        let mut apart: Vec<Script> = sharing.iter().filter_map(|script| script.apart().ok()).collect();
        // canaries that wait go first, so that the others fill their time
        apart.sort_by_key(|script| !waits(script));
        let mut batch = Self::default();
        let mark = context.world.journal_position();
        batch.run_all(context, &apart, jobs).await;
        let calls = context.world.calls_since(mark);
        // a call that cannot be attributed may have been any canary's
        let unclear =
            !context.world.has_all_calls_since(mark) || calls.iter().any(|call| is_stray(call, &apart));
        let mixed = if options.profile.session.scope == Scope::Context {
            mixed_up(&calls, &apart)
        } else {
            HashSet::new()
        };
        for script in &apart {
            let id = script.canary.id.as_str();
            if (unclear && counts_calls(script) || mixed.contains(id)) && batch.passed.remove(id).is_some() {
                CanaryRunner::new(context, script, Concurrency::Shared).set_evidence_aside();
            }
        }
        if batch.failed.values().any(|failure| leaves_unanswered(&failure.diagnosis))
            && options.target.is_owned()
        {
            context.restart(Before::Restart).await;
        }
        batch
    }

    async fn run_all(&mut self, context: &RunContext<'_>, scripts: &[Script], jobs: usize) {
        let planned = scripts.len();
        let report_done = |done: usize| {
            let message = format!("{done} of {planned} canaries done, up to {jobs} at once");
            let count = |number: usize| u64::try_from(number).ok();
            let (done, total) = (count(done), count(planned));
            context.events.emit(Event::Progress(Progress { phase: Phase::Canaries, message, done, total }));
        };
        report_done(0);
        let runs = stream::iter(scripts).map(|script| async move {
            let runner = CanaryRunner::new(context, script, Concurrency::Shared);
            let report = runner.run().await;
            if report.verdict != Verdict::Pass {
                runner.set_evidence_aside();
            }
            (report, runner.limit_met())
        });
        let mut reports = runs.buffer_unordered(jobs).enumerate();
        while let Some((at, (report, limit))) = reports.next().await {
            report_done(at + 1);
            self.add(report, limit);
        }
    }

    fn add(&mut self, report: CanaryReport, limit: Option<LimitMet>) {
        if report.verdict == Verdict::Pass {
            self.passed.insert(report.id.clone(), report);
        } else if let (Verdict::Fail, Some(diagnosis)) = (report.verdict, report.diagnosis)
            && !is_certain_only_alone(diagnosis.code)
        {
            self.failed.insert(report.id, FailureBesideOthers { diagnosis, limit });
        }
    }

    /// Removes and returns the report of a canary that passed.
    pub(super) fn take_passed(&mut self, id: &str) -> Option<CanaryReport> {
        self.passed.remove(id)
    }

    /// Reports a canary that failed while others ran and passed alone: its verdict is that of the run alone,
    /// but users of the runtime are not alone.
    pub(super) fn report_failure_beside_others(&self, context: &RunContext<'_>, report: &CanaryReport) {
        if report.verdict == Verdict::Pass
            && let Some(FailureBesideOthers { diagnosis, limit }) = self.failed.get(&report.id)
        {
            let met = limit.map(|limit| format!("; it met {limit}")).unwrap_or_default();
            let sentence = format!(
                "`{}` passed alone, but failed while other conversations went on (`{}`: {}){met}",
                report.id, diagnosis.code, diagnosis.sentence
            );
            let code = Code::RunFailedBesideOthers;
            // a limit is slow or too small, but nothing of a conversation is lost or mixed up
            let severity = if limit.is_some() { Severity::Warn } else { code.severity() };
            context.events.finding_with(code, severity, sentence, Some(&report.id));
        }
    }
}

/// Returns whether a failure beside others shows nothing: the reply was right and only its origin is unknown, or the client
/// acted in time and a busy runtime handled that late.
fn is_certain_only_alone(code: Code) -> bool {
    matches!(
        code,
        Code::PromptBypassed
            | Code::ReplyNotFromModel
            | Code::WireCancelIgnored
            | Code::WireResubscribeFailed
    )
}

/// Returns whether turns were left without an answer. What did that may last: a history that the model's provider refuses from
/// then on, or a lock that nobody releases.
fn leaves_unanswered(diagnosis: &Diagnosis) -> bool {
    diagnosis.layer == Layer::Wire
        || matches!(
            diagnosis.code,
            Code::PromptRefused
                | Code::PromptNoModelCall
                | Code::SessionConflict
                | Code::SessionLocked
                | Code::ToolResultMissing
                | Code::ReplyAnswerLost
        )
}

/// Returns whether a call to the model asks what no turn says.
fn is_stray(call: &Call, scripts: &[Script]) -> bool {
    let question = call.content.prompt.as_ref().map(Prompt::question);
    let mut turns = scripts.iter().flat_map(|script| &script.turns);
    is_model_call(call) && !turns.any(|turn| is_asked(question.as_deref(), turn))
}

/// Returns the ids of the canaries whose words stand in one prompt together.
fn mixed_up<'a>(calls: &[Arc<Call>], scripts: &'a [Script]) -> HashSet<&'a str> {
    let says = |script: &'a Script| script.turns.iter().map(|turn| turn.say.trim());
    // words that two canaries say show nothing
    let is_own = |script: &Script, said: &str| {
        let mut others = scripts.iter().filter(|other| other.canary.id != script.canary.id);
        !others.any(|other| says(other).any(|say| say.contains(said)))
    };
    let own = |script: &'a Script| says(script).filter(move |said| is_own(script, said)).collect::<Vec<_>>();
    let own: Vec<(&str, Vec<&str>)> =
        scripts.iter().map(|script| (script.canary.id.as_str(), own(script))).collect();
    let mut mixed = HashSet::new();
    for call in calls.iter().filter(|call| is_model_call(call)) {
        let held = own.iter().filter(|(_, said)| said.iter().any(|said| call.holds(said)));
        let held: Vec<&str> = held.map(|(id, _)| *id).collect();
        if held.len() > 1 {
            mixed.extend(held);
        }
    }
    mixed
}

#[cfg(test)]
mod tests {
    use coalmine_world::{CallContent, Message, Role};

    use super::*;
    use crate::{
        event::ModelMode,
        observe::model_call,
        plan::{Canary, RunParameters},
    };

    fn script(text: &str) -> Script {
        let head = "title = \"t\"\nlevel = \"continuity\"\n";
        let canary = Canary::read("x.toml", &format!("{head}{text}")).unwrap();
        Script::new(canary, RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 }).unwrap()
    }

    fn call(messages: &[(Role, &str)]) -> Arc<Call> {
        let messages = messages.iter().map(|(role, text)| Message::text(*role, *text)).collect();
        let prompt = Some(Prompt { messages, ..Prompt::default() });
        model_call(CallContent { prompt, ..CallContent::default() })
    }

    #[test]
    fn words_of_two_canaries_in_one_prompt_are_mixed_up() {
        let says = |id: &str, own: &str| {
            script(&format!(
                "id = \"{id}\"\n[[turn]]\ncontext = \"a\"\nsay = \"{own}\"\n\n[[turn]]\ncontext = \"a\"\nsay = \"Go on.\"\n"
            ))
        };
        let scripts = [says("x", "I am Ann."), says("y", "I am Bob."), says("z", "I am Eve.")];
        let mixed = |texts: &[&str]| {
            let messages: Vec<_> = texts.iter().map(|text| (Role::User, *text)).collect();
            let mut ids: Vec<_> = mixed_up(&[call(&messages)], &scripts).into_iter().collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(mixed(&["I am Ann.", "I am Bob.", "Go on."]), ["x", "y"]);
        assert!(mixed(&["I am Ann.", "Go on."]).is_empty(), "everybody says the second");
    }

    #[test]
    fn call_that_asks_what_no_turn_says_is_stray() {
        let hello = script("id = \"x\"\n[[turn]]\ncontext = \"a\"\nsay = \"Hello there.\"\n");
        let stray = |messages: &[(Role, &str)]| is_stray(&call(messages), std::slice::from_ref(&hello));
        let (hello_again, noted) = ((Role::User, "Hello there."), (Role::Assistant, "Hello."));
        assert!(!stray(&[hello_again]) && !stray(&[(Role::User, "A title for: Hello there.")]));
        assert!(stray(&[hello_again, noted, (Role::User, "Continue.")]), "its words are history there");
        assert!(stray(&[(Role::User, "Hello  there.")]), "its words were altered");
    }
}
