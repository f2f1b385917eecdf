//! Looks at the runtime itself.

use coalmine_a2a::{CARD_PATHS, CardProblem};

use super::state::Running;
use crate::{
    event::{CheckReport, Code, Diagnosis, Layer, Level, Verdict},
    plan::{Probe, Promise},
};

impl Running<'_> {
    /// One look, with the diagnosis where what was seen is wrong.
    pub(super) async fn probe(&self, probe: Probe, level: Level) -> (CheckReport, Option<Diagnosis>) {
        match probe {
            Probe::AgentCard => self.card(level),
            Probe::MemoryRoot => self.root(level).await,
        }
    }

    fn card(&self, level: Level) -> (CheckReport, Option<Diagnosis>) {
        let ready = &self.ready;
        if ready.card_url.path().ends_with(CARD_PATHS[1]) {
            let sentence = format!(
                "the card is served only where versions before 0.3 had it: {}",
                ready.card_url.path()
            );
            self.events.finding(Code::DriftCardPath, sentence, Some("agent-card"));
        }
        let problems = ready.card.problems();
        let fatal = problems
            .iter()
            .find(|problem| matches!(problem, CardProblem::NoInterface | CardProblem::NotACard));
        for problem in problems.iter().filter(|problem| matches!(problem, CardProblem::Missing(_))) {
            self.events.finding(
                Code::CardIncomplete,
                format!("of the agent card, {problem}"),
                Some("agent-card"),
            );
        }
        let expected = "a card with a JSON-RPC interface".to_owned();
        let check = |verdict, actual: String| CheckReport {
            id: "agent-card".into(),
            level,
            verdict,
            expected,
            actual,
        };
        let Some(fatal) = fatal else {
            let actual =
                format!("`{}` at {}", ready.card.name.chars().take(100).collect::<String>(), ready.card_url);
            return (check(Verdict::Pass, actual), None);
        };
        let mut diagnosis = Diagnosis::new(
            Code::WireCardInvalid,
            format!("the card at {} cannot be used: {fatal}", ready.card_url),
        );
        diagnosis.layer = Layer::Wire;
        (check(Verdict::Fail, fatal.to_string()), Some(diagnosis))
    }

    async fn root(&self, level: Level) -> (CheckReport, Option<Diagnosis>) {
        let root = &self.memory_root;
        let expected = format!("{root} is a folder that the runtime may write to");
        let check = |verdict, actual: String| CheckReport {
            id: "memory-root".into(),
            level,
            verdict,
            expected,
            actual,
        };
        let memory = &self.options.profile.memory;
        if memory.promise == Promise::Unknown && memory.root.is_none() && !self.so_far().memory_seen {
            let actual =
                "the runtime shows no sign of a memory, and its profile promises none (`memory.promise`)";
            return (check(Verdict::Skip, actual.into()), None);
        }
        let looked = self.target.read().await.memory_root(root).await;
        match looked {
            Err(unreadable) => (check(Verdict::Skip, unreadable.to_string()), None),
            Ok(Ok(seen)) => (check(Verdict::Pass, seen), None),
            Ok(Err(seen)) => {
                let mut diagnosis = Diagnosis::new(Code::ToolMemoryRoot, &seen);
                diagnosis.layer = Layer::Tool;
                (check(Verdict::Fail, seen), Some(diagnosis))
            }
        }
    }
}
