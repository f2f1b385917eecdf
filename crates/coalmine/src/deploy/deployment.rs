//! A runtime and its world: from nothing to a runtime that answers, and back to nothing.

use std::io::Write;

use coalmine_a2a::{Client, Limits, WireError};
use tokio::sync::RwLock;
use url::Url;

use super::{
    DeploymentSpec, Outputs, Placeholders, ReadyRuntime, Runtime, Target,
    diagnosis::{not_ready, not_started, with_environment_hint},
    evidence,
    progress::ReadyProgress,
    run_world::RunWorld,
    wait_until_ready,
};
use crate::{
    event::{Code, Diagnosis, Emitter, Phase},
    plan::SendTo,
};

/// What was started so far; [`Deployment::teardown`] removes it, however far that came.
pub(crate) struct Deployment<'a> {
    spec: DeploymentSpec<'a>,
    outputs: Outputs<'a>,
    target: Option<RwLock<Target>>,
    fill: Placeholders,
    world: RunWorld,
}

impl<'a> Deployment<'a> {
    /// Returns a deployment of which nothing was started yet.
    pub(crate) fn new(
        spec: DeploymentSpec<'a>,
        outputs: Outputs<'a>,
        journal: Box<dyn Write + Send>,
    ) -> Self {
        let (fill, world) = (Placeholders::default(), RunWorld::new(journal));
        Self { spec, outputs, target: None, fill, world }
    }

    /// Prepares the target, opens the world, starts the runtime and waits for its card.
    pub(crate) async fn boot(&mut self) -> Result<ReadyRuntime, Diagnosis> {
        let (spec, Outputs { events, artifacts, log }) = (self.spec, self.outputs);
        events.progress(Phase::Boot, format!("starting {}", spec.target.describe()));
        let target = Target::new(spec.target, &spec.run.id, spec.profile, spec.host, log.clone()).await;
        // kept before anything is started, so that it is removed wherever this ends
        let target = self.target.insert(RwLock::new(target.map_err(|error| not_started(&error))?)).get_mut();
        target.open(events).await.map_err(|error| not_started(&error))?;
        self.fill = self.world.open(&spec, target).await?;
        target.start(spec.profile, &self.fill).await.map_err(|error| not_started(&error))?;
        let base = target
            .base_url()
            .ok_or_else(|| Diagnosis::new(Code::BootStartFailed, "the runtime has no address"))?;
        let client =
            client(&base, &spec).map_err(|error| Diagnosis::new(Code::BootStartFailed, error.to_string()))?;
        let fill = self.fill.at(&base);
        let path = spec.profile.ready.http.as_deref().map(|path| fill.apply(path));
        let exited = target.exited();
        let mut progress = ReadyProgress::new(events);
        let ready = wait_until_ready(&client, &base, path.as_deref(), spec.ready_within, exited, |last| {
            progress.report(last)
        });
        // this takes less time than a runtime needs to start
        let (waited, ()) = tokio::join!(ready, report_host_services(target, &self.world.url, events));
        match waited {
            Ok(ready) => Ok(ready),
            Err(reason) => {
                evidence::write_description(target, artifacts).await;
                Err(with_environment_hint(not_ready(&reason, spec.profile), spec.target))
            }
        }
    }

    /// Returns the runtime, once it answers.
    pub(crate) async fn runtime(&self, ready: ReadyRuntime) -> Option<Runtime<'_>> {
        let lock = self.target.as_ref()?;
        let base = lock.read().await.base_url()?;
        let client = client(&base, &self.spec).ok()?;
        Some(Runtime::new(self.spec, self.outputs, lock, self.fill.clone(), ready, client, base).await)
    }

    /// Returns the world of the run.
    pub(crate) fn world(&self) -> &RunWorld {
        &self.world
    }

    /// Returns the id of the runtime's image, for a container.
    pub(crate) async fn image_digest(&self) -> Option<String> {
        self.target.as_ref()?.read().await.image_digest()
    }

    /// Removes everything that was started; or, if it is to be kept, returns how to inspect it.
    pub(crate) async fn teardown(&mut self, keep: bool) -> Vec<String> {
        let kept = match &mut self.target {
            Some(target) => target.get_mut().stop(keep).await,
            None => vec![],
        };
        for (code, sentence) in self.world.close().await {
            self.outputs.events.finding(code, sentence, None);
        }
        kept
    }
}

/// Reports what the runtime reaches of the host beside the world.
async fn report_host_services(target: &Target, world: &str, events: &Emitter) {
    let port = Url::parse(world).ok().and_then(|world| world.port_or_known_default());
    if let Some(sentence) = target.reached_host_services(port).await {
        events.finding(Code::RunHostReachable, sentence, None);
    }
}

/// Returns a client with the run's bounds and the profile's credentials.
fn client(base: &Url, spec: &DeploymentSpec<'_>) -> Result<Client, WireError> {
    let limits = Limits { time: spec.turn_within, ..Limits::default() };
    let Some(auth) = &spec.profile.auth else { return Client::new(base, limits, &[]) };
    let sent = auth.sent(spec.token);
    let mut client = Client::new(base, limits, sent.header.as_slice())?;
    if auth.send_to == SendTo::Card {
        client = client.trusting_all();
    }
    Ok(match sent.query {
        Some((name, value)) => client.with_query(name, value),
        None => client,
    })
}
