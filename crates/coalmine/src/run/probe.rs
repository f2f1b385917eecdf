//! Probes of the runtime itself, without a conversation.

use coalmine_a2a::{CARD_PATHS, CardProblem};

use super::RunContext;
use crate::{
    deploy::FolderCheck,
    event::{CheckReport, Code, Diagnosis, Layer, Level, Verdict},
    plan::{Canary, Probe, Promise},
};

/// The most characters of the agent's name that are reported.
const MAX_NAME: usize = 100;

/// The outcome of a probe.
pub(super) struct ProbeOutcome {
    pub(super) check: CheckReport,
    /// What is wrong, if the check failed.
    pub(super) diagnosis: Option<Diagnosis>,
}

/// Probes the runtime for a canary.
pub(super) async fn run(context: &RunContext<'_>, probe: Probe, canary: &Canary) -> ProbeOutcome {
    match probe {
        Probe::AgentCard => probe_card(context, canary),
        Probe::MemoryRoot => probe_memory_root(context, canary.level).await,
    }
}

fn probe_card(context: &RunContext<'_>, canary: &Canary) -> ProbeOutcome {
    let ready = &context.runtime.ready;
    let mut check = CheckReport {
        id: "agent-card".into(),
        level: canary.level,
        verdict: Verdict::Pass,
        expected: "a card with a JSON-RPC interface".into(),
        actual: String::new(),
    };
    if ready.card_url.path().ends_with(CARD_PATHS[1]) {
        let sentence =
            format!("the card is served only where versions before 0.3 had it: {}", ready.card_url.path());
        context.events.finding(Code::DriftCardPath, sentence, Some(&canary.id));
    }
    let mut fatal = None;
    for problem in ready.card.problems() {
        match problem {
            CardProblem::NoInterface | CardProblem::NotACard => {
                fatal.get_or_insert(problem);
            }
            CardProblem::Missing(_) => {
                let sentence = format!("the agent card is incomplete: {problem}");
                context.events.finding(Code::CardIncomplete, sentence, Some(&canary.id));
            }
        }
    }
    let Some(fatal) = fatal else {
        let name: String = ready.card.name.chars().take(MAX_NAME).collect();
        check.actual = format!("`{name}` at {}", ready.card_url);
        return ProbeOutcome { check, diagnosis: None };
    };
    (check.verdict, check.actual) = (Verdict::Fail, fatal.to_string());
    let sentence = format!("the card at {} cannot be used: {fatal}", ready.card_url);
    let mut diagnosis = Diagnosis::new(Code::WireCardInvalid, sentence);
    diagnosis.layer = Layer::Wire;
    ProbeOutcome { check, diagnosis: Some(diagnosis) }
}

async fn probe_memory_root(context: &RunContext<'_>, level: Level) -> ProbeOutcome {
    let root = &context.runtime.memory_root;
    let mut check = CheckReport {
        id: "memory-root".into(),
        level,
        verdict: Verdict::Skip,
        expected: format!("{root} is a folder that the runtime may write to"),
        actual: String::new(),
    };
    let memory = &context.options.profile.memory;
    if memory.promise == Promise::Unknown && memory.root.is_none() && !context.observer.memory_seen() {
        check.actual =
            "the runtime shows no sign of a memory, and its profile promises none (`memory.promise`)".into();
        return ProbeOutcome { check, diagnosis: None };
    }
    let mut diagnosis = None;
    match context.runtime.target().await.memory_root(root).await {
        Err(unreadable) => check.actual = unreadable.to_string(),
        Ok(FolderCheck::Writable(seen)) => (check.verdict, check.actual) = (Verdict::Pass, seen),
        Ok(FolderCheck::Unusable(seen)) => {
            let mut unusable = Diagnosis::new(Code::ToolMemoryRoot, &seen);
            unusable.layer = Layer::Tool;
            diagnosis = Some(unusable);
            (check.verdict, check.actual) = (Verdict::Fail, seen);
        }
    }
    ProbeOutcome { check, diagnosis }
}
