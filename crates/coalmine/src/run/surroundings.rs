//! The world of a run: opened before the runtime starts, closed after it is gone.

use std::{io::Write, net::SocketAddr, sync::Arc};

use coalmine_world::{Timeouts, World, WorldConfig, model::SimulatedModel, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Options;
use crate::{
    deploy::{Placeholders, Target},
    event::{Code, Diagnosis},
    plan::Script,
};

/// The world and the address under which the runtime reaches it.
pub(super) struct Surroundings {
    journal: Option<Box<dyn Write + Send>>,
    stop: CancellationToken,
    pub(super) world: Option<Arc<World>>,
    pub(super) url: String,
}

impl Surroundings {
    pub(super) fn new(journal: Box<dyn Write + Send>) -> Self {
        Self { journal: Some(journal), stop: CancellationToken::new(), world: None, url: String::new() }
    }

    /// Opens the world where the target can reach it; returns what is filled in for the runtime.
    pub(super) async fn open(
        &mut self,
        options: &Options,
        target: &Target,
    ) -> Result<Placeholders, Diagnosis> {
        let rules = options.scripts.iter().map(|script| script.canary.rules.clone());
        let model = SimulatedModel::grouped(rules, &options.profile.tools);
        let model = model.map_err(|error| Diagnosis::new(Code::BootStartFailed, error.to_string()))?;
        let address =
            options.world.as_ref().map_or(SocketAddr::new(target.world_ip(), 0), |world| world.listen);
        let listener =
            TcpListener::bind(address).await.map_err(|error| cannot_listen(options, address, &error))?;
        let bound = listener
            .local_addr()
            .map_err(|error| Diagnosis::new(Code::BootStartFailed, error.to_string()))?;
        self.url = match &options.world {
            Some(world) if world.listen.port() != 0 => world.advertised.clone(),
            Some(world) => format!("{}:{}", world.advertised.trim_end_matches(":0"), bound.port()),
            None => format!("http://{bound}"),
        };
        let journal = self.journal.take().unwrap_or_else(|| Box::new(std::io::sink()));
        let world = World::new(WorldConfig {
            token: options.token.clone(),
            model,
            journal,
            model_fault: options.model_fault,
            lenient: options.lenient,
            journal_open: false,
            timeouts: Timeouts::default(),
        });
        let peers = options.scripts.iter().flat_map(Script::peers);
        world.add_peers(peers).map_err(|error| Diagnosis::new(Code::BootStartFailed, error.to_string()))?;
        tokio::spawn(serve(listener, Arc::clone(&world), self.stop.clone()));
        self.world = Some(world);
        let (state, memory) = target.folders();
        Ok(Placeholders {
            world: self.url.clone(),
            port: 0,
            state,
            memory: options.profile.memory.root.clone().unwrap_or(memory),
            run: options.run.id.clone(),
            workspace: options.workspace(),
            token: options.token.clone(),
        })
    }

    /// Ends the world and completes its journal; tells why that is not complete.
    pub(super) async fn close(&self) -> Option<String> {
        self.stop.cancel();
        let error = self.world.as_ref()?.close().await.err()?;
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        Some(format!("{error}: {cause}"))
    }
}

fn cannot_listen(options: &Options, address: SocketAddr, error: &std::io::Error) -> Diagnosis {
    let mut problem = Diagnosis::new(Code::BootStartFailed, format!("the world cannot listen on {address}"));
    problem.cause = Some(error.to_string());
    problem.hint = Some(match options.world {
        Some(_) => "is another run using it? Give `--world` another port".into(),
        None => "where the engine runs in a virtual machine, run coalmine in a container beside the runtime, or use \
                 `--url` with `--world`"
            .into(),
    });
    problem
}
