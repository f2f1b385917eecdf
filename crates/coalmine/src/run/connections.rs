//! Whether what a runtime remembers depends on the connection: workers or replicas that do not share their
//! sessions answer a client rightly that keeps its connection, and forget it over another one.

use super::{RunContext, canary::CanaryRunner};
use crate::{
    event::{CanaryReport, Code, Diagnosis, Verdict},
    observe::{Attempt, Concurrency},
    plan::{Script, ScriptTurn},
};

/// How often the question of a conversation is asked again, each time over a new connection. With three
/// workers, one conversation in 6,000 finds the same worker each time.
const MAX_ASKED_AGAIN: usize = 7;

/// The most failures of a run that are tried over a single connection without that making a difference: a
/// runtime that never remembers would take twice as long.
const MAX_CONTROLS: u32 = 3;

/// Runs a canary alone. If it lost what was said before, runs it again over a single connection, which shows
/// whether that is the reason.
pub(super) async fn run(context: &RunContext<'_>, script: &Script) -> CanaryReport {
    let mut report = CanaryRunner::new(context, script, Concurrency::Alone).run().await;
    if let Some(lost) = lost_history(&report)
        && context.may_try_one_connection(MAX_CONTROLS)
        && let Ok(again) = script.afresh(1)
    {
        if passes_over_one_connection(context, &again).await {
            report.diagnosis = Some(per_connection(lost));
        } else {
            context.note_connection_is_not_the_reason();
        }
    }
    report
}

/// Runs a canary alone. The first conversation of the run that recalls something is held again over many
/// connections before it is believed: two turns may have reached the same worker by chance.
pub(super) async fn run_and_probe(context: &RunContext<'_>, script: &Script) -> CanaryReport {
    let report = run(context, script).await;
    if report.verdict != Verdict::Pass || !context.options.simulated() {
        return report;
    }
    let probe = || Some([asked_often(script.afresh(2).ok()?)?, asked_often(script.afresh(3).ok()?)?]);
    let Some([many, one]) = probe().filter(|_| context.is_first_recall()) else { return report };
    // the probe asks for what is lost, and that is seen without the pause
    context.world.recall_at_once(true);
    let probed = CanaryRunner::for_attempt(context, &many, Attempt::ManyConnections).run().await;
    context.world.recall_at_once(false);
    let Some(lost) = lost_history(&probed) else { return report };
    // a runtime with a short memory forgets what was said long ago, over any connection
    if !passes_over_one_connection(context, &one).await {
        return report;
    }
    let duration_ms = report.duration_ms + probed.duration_ms;
    CanaryReport { diagnosis: Some(per_connection(lost)), duration_ms, ..probed }
}

/// Returns whether a canary passes if all its turns go over a single connection.
async fn passes_over_one_connection(context: &RunContext<'_>, script: &Script) -> bool {
    context.conversations.keep_connection(true);
    let report = CanaryRunner::for_attempt(context, script, Attempt::OneConnection).run().await;
    context.conversations.keep_connection(false);
    report.verdict == Verdict::Pass
}

/// Returns why a canary failed, if what was said before did not come through and nothing else explains that.
fn lost_history(report: &CanaryReport) -> Option<&Diagnosis> {
    let is_lost = |diagnosis: &&Diagnosis| {
        matches!(diagnosis.code, Code::SessionNotKept | Code::SessionSplit | Code::PromptHistoryMissing)
    };
    report.diagnosis.as_ref().filter(|_| report.verdict == Verdict::Fail).filter(is_lost)
}

/// Returns the diagnosis of a conversation that goes on over a single connection only.
fn per_connection(lost: &Diagnosis) -> Diagnosis {
    let code = Code::SessionPerConnection;
    let sentence = format!(
        "the answer depends on the connection: over a new connection for each turn the conversation was lost ({}), over \
         one connection it went on",
        lost.sentence
    );
    let hint =
        "let all workers and replicas share one session store; a single worker shows whether that is it"
            .into();
    Diagnosis { code, layer: code.layer(), sentence, hint: Some(hint), ..lost.clone() }
}

/// Returns the conversation in which a canary first asks for something that was said in it, with the question
/// repeated; `None` if it has none that consists of plain turns.
fn asked_often(mut script: Script) -> Option<Script> {
    let asks = |turn: &ScriptTurn| !turn.reply_contains.is_empty();
    let at = script.turns.iter().position(asks)?;
    let context = script.turns[at].context.clone();
    let turns = &script.turns[..=at];
    let is_plain = |turn: &ScriptTurn| turn.is_plain() && turn.before.is_none() && turn.parallel.is_none();
    let own: Vec<ScriptTurn> = turns.iter().filter(|turn| turn.context == context).cloned().collect();
    if own.len() < 2 || !own.iter().all(is_plain) {
        return None;
    }
    let question = own.last()?.clone();
    script.turns = own;
    script.turns.extend(std::iter::repeat_n(question, MAX_ASKED_AGAIN));
    for turn in &mut script.turns {
        (turn.same_as, turn.max_model_calls) = (None, None);
        turn.session.clear();
    }
    Some(script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::ModelMode,
        plan::{Canary, RunParameters},
    };

    fn asked(turns: &str) -> Option<Vec<String>> {
        let head = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\n[facts]\nname = \"person\"\n";
        let rule =
            "[[model]]\nwhen = \"name\"\nrecall = \"I am (?<name>{name:shape})\"\nreply = \"{name}\"\n";
        let canary = Canary::read("x.toml", &format!("{head}{turns}{rule}")).unwrap();
        let parameters = RunParameters { seed: 1, model: ModelMode::Simulated, contexts: 2 };
        let script = asked_often(Script::new(canary, parameters).unwrap())?;
        Some(script.turns.into_iter().map(|turn| turn.say).collect())
    }

    #[test]
    fn question_is_repeated() {
        let said = "[[turn]]\ncontext = \"a\"\nsay = \"I am {name}.\"\n";
        let ask = "[[turn]]\ncontext = \"a\"\nsay = \"My name?\"\nexpect.reply.contains = \"{name}\"\n";
        let turns = asked(&format!("{said}{ask}")).unwrap();
        assert_eq!(turns.len(), 2 + MAX_ASKED_AGAIN);
        assert_eq!(turns[1..], vec!["My name?"; 1 + MAX_ASKED_AGAIN]);
        assert_eq!(asked(&format!("{said}before = \"restart\"\n{ask}")), None);
    }

    #[test]
    fn evidence_of_the_loss_is_kept() {
        let mut lost = Diagnosis::new(Code::PromptHistoryMissing, "the prompt lacks `x`");
        lost.turn = Some(2);
        let diagnosis = per_connection(&lost);
        assert_eq!((diagnosis.code, diagnosis.turn), (Code::SessionPerConnection, Some(2)));
        assert!(diagnosis.sentence.contains("the prompt lacks `x`"), "{}", diagnosis.sentence);
    }
}
