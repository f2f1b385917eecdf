//! The world of a run: opened before the runtime starts, closed after it is gone.

use std::{io::Write, sync::Arc, time::Duration};

use coalmine_world::{
    Callers, ForeignCallers, Limits, Timeouts, World, WorldConfig, model::SimulatedModel, serve,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{DeploymentSpec, Placeholders, Target, WorldAddress};
use crate::{
    event::{Code, Diagnosis},
    plan::{Script, SideCall},
};

/// How much later than its call an answer comes that recalls something: longer than a reply needs to be read that was
/// sent when the call was made, and too short to be noticed.
const RECALL_PAUSE: Duration = Duration::from_millis(3);

/// The world, and the address under which the runtime reaches it.
pub(crate) struct RunWorld {
    journal: Option<Box<dyn Write + Send>>,
    stop: CancellationToken,
    /// The world, once it is open.
    pub(crate) world: Option<Arc<World>>,
    /// The base URL under which the runtime reaches the world.
    pub(crate) url: String,
}

impl RunWorld {
    pub(super) fn new(journal: Box<dyn Write + Send>) -> Self {
        Self { journal: Some(journal), stop: CancellationToken::new(), world: None, url: String::new() }
    }

    /// Opens the world where the target can reach it; returns what is filled in for the runtime.
    pub(super) async fn open(
        &mut self,
        spec: &DeploymentSpec<'_>,
        target: &Target,
    ) -> Result<Placeholders, Diagnosis> {
        let rules = spec.scripts.iter().map(|script| script.canary.rules.clone());
        let side_calls = spec.profile.side_call.iter().map(SideCall::rule);
        let model = SimulatedModel::grouped(rules, &spec.profile.tools)
            .and_then(|model| model.with_side_calls(side_calls));
        let model = model.map_err(|error| Diagnosis::new(Code::BootStartFailed, error.to_string()))?;
        // if the user fixes the address, only the user knows over which way the runtime reaches it
        let (address, callers) = match spec.world {
            Some(address) => (address.clone(), Callers::Anyone),
            None => (target.world_address(), target.callers()),
        };
        let listener = TcpListener::bind(address.bind)
            .await
            .map_err(|error| cannot_listen(&address, spec.world.is_some(), &error))?;
        let bound = listener
            .local_addr()
            .map_err(|error| Diagnosis::new(Code::BootStartFailed, error.to_string()))?;
        self.url = address.url(bound);
        let journal = self.journal.take().unwrap_or_else(|| Box::new(std::io::sink()));
        let world = World::new(WorldConfig {
            token: spec.token.to_owned(),
            model,
            journal,
            model_fault: spec.model_fault,
            lenient: spec.lenient,
            recall_pause: RECALL_PAUSE,
            journal_open: false,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            callers,
        });
        let peers = spec.scripts.iter().flat_map(Script::peers);
        world.add_peers(peers).map_err(|error| Diagnosis::new(Code::BootStartFailed, error.to_string()))?;
        tokio::spawn(serve(listener, Arc::clone(&world), self.stop.clone()));
        self.world = Some(world);
        let folders = target.folders();
        let mut fill = Placeholders {
            world: self.url.clone(),
            port: 0,
            state: folders.state,
            memory: folders.memory,
            run: spec.run.id.clone(),
            workspace: spec.workspace(),
            token: spec.token.to_owned(),
        };
        if let Some(root) = &spec.profile.memory.root {
            fill.memory = fill.apply(root);
        }
        Ok(fill)
    }

    /// Ends the world and completes its journal; returns what was found: an incomplete journal, and what was refused.
    pub(super) async fn close(&self) -> Vec<(Code, String)> {
        self.stop.cancel();
        let Some(world) = &self.world else { return vec![] };
        let mut found = vec![];
        if let Err(error) = world.close().await {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            found.push((Code::ArtifactJournal, format!("{error}: {cause}")));
        }
        let refused = world.refused_as_too_much();
        if refused > 0 {
            let sentence = format!(
                "the runtime sent more than coalmine holds: {refused} requests or connections were refused"
            );
            found.push((Code::RunOverBudget, sentence));
        }
        found.extend(foreign_callers(&world.foreign_callers()));
        found
    }
}

/// Returns the finding about callers that do not belong to the run, if there were any.
fn foreign_callers(foreign: &ForeignCallers) -> Option<(Code, String)> {
    if foreign.connections == 0 {
        return None;
    }
    let addresses: Vec<String> = foreign.addresses.iter().map(ToString::to_string).collect();
    let sentence = format!(
        "something outside of the run called its world: {} connections from {} were refused",
        foreign.connections,
        addresses.join(", ")
    );
    Some((Code::RunForeignCaller, sentence))
}

fn cannot_listen(address: &WorldAddress, fixed: bool, error: &std::io::Error) -> Diagnosis {
    let sentence = format!("the world cannot listen on {}", address.bind);
    let mut diagnosis = Diagnosis::new(Code::BootStartFailed, sentence);
    diagnosis.cause = Some(error.to_string());
    let hint = if fixed {
        "if another run uses it, give `--world` another port"
    } else {
        "if the engine runs in a virtual machine, run coalmine in a container beside the runtime, or use `--url` with \
         `--world`"
    };
    diagnosis.hint = Some(hint.into());
    diagnosis
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// A disk that is full.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("no space left"))
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::Error::other("no space left"))
        }
    }

    fn world(journal: Box<dyn Write + Send>, limits: Limits) -> RunWorld {
        let mut opened = RunWorld::new(Box::new(io::sink()));
        opened.world = Some(World::new(WorldConfig {
            token: String::new(),
            model: SimulatedModel::new([], &[].into()).unwrap(),
            journal,
            model_fault: None,
            lenient: false,
            recall_pause: RECALL_PAUSE,
            journal_open: false,
            timeouts: Timeouts::default(),
            limits,
            callers: Callers::Anyone,
        }));
        opened
    }

    #[tokio::test]
    async fn journal_that_cannot_be_written_is_a_finding() {
        let unopened = RunWorld::new(Box::new(io::sink()));
        assert_eq!(unopened.close().await, [], "a world that was never opened has no journal");
        let found = world(Box::new(Full), Limits::default()).close().await;
        let [(Code::ArtifactJournal, sentence)] = found.as_slice() else { panic!("{found:?}") };
        assert!(sentence.contains("no space left"), "{sentence}");
    }

    #[test]
    fn foreign_callers_are_a_finding() {
        assert_eq!(foreign_callers(&ForeignCallers::default()), None);
        let foreign = ForeignCallers { addresses: vec!["172.21.0.2".parse().unwrap()], connections: 3 };
        let (code, sentence) = foreign_callers(&foreign).unwrap();
        assert_eq!(code, Code::RunForeignCaller);
        assert!(sentence.contains("3 connections from 172.21.0.2 were refused"), "{sentence}");
    }

    #[tokio::test]
    async fn refusing_what_is_too_much_is_a_finding() {
        let small = world(Box::new(io::sink()), Limits { bytes: 2_000, connections: 1 });
        let upload = |bytes: usize| {
            small.world.as_ref().unwrap().upload("w", "a.txt", vec![b'x'; bytes].into()).is_some()
        };
        assert!(upload(500) && !upload(5_000));
        let found = small.close().await;
        let [(Code::RunOverBudget, sentence)] = found.as_slice() else { panic!("{found:?}") };
        assert!(sentence.contains("1 requests"), "{sentence}");
    }
}
