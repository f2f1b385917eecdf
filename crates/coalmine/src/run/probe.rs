//! Probes of the runtime itself, without a conversation.

use std::{io::ErrorKind, time::Duration};

use coalmine_a2a::{CARD_PATHS, CardProblem};
use tokio::{net::TcpStream, time::timeout};

use super::RunContext;
use crate::{
    converse::other_ports,
    deploy::FolderCheck,
    event::{CheckReport, Code, Diagnosis, Layer, Level, Verdict},
    plan::{Canary, Probe, Promise},
};

/// The most characters of the agent's name that are reported.
const MAX_NAME: usize = 100;

/// How long to wait for a connection to a port that the card names.
const CONNECT_WITHIN: Duration = Duration::from_millis(200);

/// The outcome of a probe.
pub(super) struct ProbeOutcome {
    pub(super) check: CheckReport,
    /// What is wrong, if the check failed.
    pub(super) diagnosis: Option<Diagnosis>,
}

/// Probes the runtime for a canary.
pub(super) async fn run(context: &RunContext<'_>, probe: Probe, canary: &Canary) -> ProbeOutcome {
    match probe {
        Probe::AgentCard => {
            report_dead_addresses(context, canary).await;
            probe_card(context, canary)
        }
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

/// Reports addresses of the card at which nobody listens. The runtime answers where it was asked for its card.
async fn report_dead_addresses(context: &RunContext<'_>, canary: &Canary) {
    let (base, card) = (context.runtime.base(), &context.runtime.ready.card);
    let own_port = context.options.profile.port.filter(|_| context.options.target.needs_engine());
    for url in other_ports(&base, card) {
        let (Some(host), Some(port)) = (base.host_str(), url.port_or_known_default()) else { continue };
        // a container's port may be published as another one
        if own_port != Some(port) && is_refused(host, port).await {
            let sentence = format!(
                "the card names {url}, where nobody listens; the runtime answers at {base}, and a client that follows its \
                 card does not reach it"
            );
            context.events.finding(Code::CardDeadAddress, sentence, Some(&canary.id));
        }
    }
}

/// Returns whether connections to a port are refused. One that hangs says nothing.
async fn is_refused(host: &str, port: u16) -> bool {
    let connecting = TcpStream::connect((host.trim_matches(['[', ']']), port));
    let connected = timeout(CONNECT_WITHIN, connecting).await;
    matches!(connected, Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused)
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
