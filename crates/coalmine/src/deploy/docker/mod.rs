//! A container, in an internal network of its own: it reaches the world on the gateway and nothing else, unless it is to
//! ask a model of its own.
//!
//! No bind mounts (files go in and out by the archive API), no published ports, no credentials.

use crate::event::Code;
mod container;
mod engine;
mod files;
mod image;
mod watch;

use std::{
    net::{IpAddr, Ipv4Addr, TcpListener},
    time::Duration,
};

use bollard::{
    Docker as Engine,
    models::{Ipam, NetworkConnectRequest, NetworkCreateRequest, NetworkDisconnectRequest},
    query_parameters::{
        InspectContainerOptions, KillContainerOptions, RemoveContainerOptionsBuilder,
        RemoveVolumeOptionsBuilder, StopContainerOptionsBuilder,
    },
};
pub(super) use engine::connect;
use tokio::{
    sync::{oneshot, watch as channel},
    task::JoinHandle,
    time::timeout,
};
use url::Url;

use super::{Exit, LogTail, Owner, Placeholders, StoreFile, TargetError, Unreadable};
use crate::{event::Emitter, plan::Profile};

/// Labels on everything that is ours.
pub(super) const RUN: &str = "coalmine.run";
pub(super) const OWNER: &str = "coalmine.owner";
pub(super) const KEPT: &str = "coalmine.kept";

/// How long an engine may still be busy with something whose making was interrupted.
const STILL_MAKING: Duration = Duration::from_secs(20);

/// What to start.
#[derive(Debug, Clone)]
pub struct DockerSpec {
    /// The image.
    pub image: String,
    /// Whether it may be fetched.
    pub pull: PullPolicy,
    /// Whether the container is to stay after the run.
    pub keep: bool,
    /// Whether its network has a way out: for a runtime that asks a model of its own.
    pub open: bool,
}

/// When an image is pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum PullPolicy {
    /// If the engine does not have it.
    #[default]
    Missing,
    /// Never. An image that the engine does not have is an error.
    Never,
    /// Before every run.
    Always,
}

/// A container that was prepared or started.
#[derive(Debug)]
pub struct Docker {
    engine: Engine,
    spec: DockerSpec,
    run: String,
    image: image::Image,
    log: LogTail,
    world_ip: IpAddr,
    /// The container that coalmine itself runs in, where it had to join the network.
    joined: Option<String>,
    container: Option<String>,
    /// Folders in the container that outlive it.
    volumes: Vec<String>,
    /// What the engine is asked to make: an interrupt must not leave it half made.
    making: Vec<JoinHandle<()>>,
    port: u16,
    ip: Option<IpAddr>,
    exit: channel::Sender<Option<Exit>>,
    watcher: Option<JoinHandle<()>>,
}

impl Docker {
    /// Finds the engine; nothing is made yet.
    pub(super) async fn connect(
        spec: &DockerSpec,
        run: &str,
        port: u16,
        log: LogTail,
    ) -> Result<Self, TargetError> {
        Ok(Self {
            engine: connect().await?,
            spec: spec.clone(),
            run: run.to_owned(),
            image: image::Image::default(),
            log,
            world_ip: Ipv4Addr::LOCALHOST.into(),
            joined: None,
            container: None,
            volumes: vec![],
            making: vec![],
            port,
            ip: None,
            exit: channel::Sender::new(None),
            watcher: None,
        })
    }

    /// Makes the network and fetches the image. What was made is removed by [`Self::stop`], wherever this ends.
    pub(super) async fn open(&mut self, events: &Emitter) -> Result<(), TargetError> {
        let network = network(&self.run, &self.spec);
        if self.spec.open {
            let sentence =
                "the container's network has a way out, so that the runtime reaches a model of its own";
            events.finding(Code::RunNetworkOpen, sentence, None);
        }
        // the two do not depend on each other, and each takes the engine a while
        let engine = self.engine.clone();
        let network = self.make("create a network", async move { engine.create_network(network).await });
        let (image, network) = tokio::join!(image::ensure(&self.engine, &self.spec, events), network);
        self.image = image?;
        network?;
        self.world_ip = self.find_world_ip().await?;
        Ok(())
    }

    /// The gateway of the run's network, where this process can listen there; else its own address in that network,
    /// which it joins as the container that it runs in.
    async fn find_world_ip(&mut self) -> Result<IpAddr, TargetError> {
        let name = network_name(&self.run);
        let network = self.engine.inspect_network(&name, None).await;
        let network = network.map_err(TargetError::engine("describe the run's network"))?;
        let gateways = network.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
        // an address with its prefix has been seen in older engines
        let gateway = gateways
            .into_iter()
            .filter_map(|config| config.gateway)
            .find_map(|gateway| gateway.split('/').next().and_then(|ip| ip.parse::<IpAddr>().ok()));
        if let Some(gateway) = gateway
            && TcpListener::bind((gateway, 0)).is_ok()
        {
            return Ok(gateway);
        }
        if let Some(own) = engine::own_container() {
            let request = NetworkConnectRequest { container: own.clone(), ..Default::default() };
            if self.engine.connect_network(&name, request).await.is_ok() {
                self.joined = Some(own.clone());
                return container::address(&self.engine, &own, &name).await;
            }
        }
        gateway.ok_or(TargetError::Engine {
            what: "give the run's network a gateway",
            cause: "it has none, so a container could not reach coalmine".into(),
        })
    }

    pub(super) fn world_ip(&self) -> IpAddr {
        self.world_ip
    }

    pub(super) fn image_id(&self) -> &str {
        &self.image.id
    }

    pub(super) fn folders(&self) -> (String, String) {
        (container::STATE.to_owned(), format!("{}/memory", container::STATE))
    }

    pub(super) fn base_url(&self) -> Option<Url> {
        Url::parse(&format!("http://{}:{}/", self.ip?, self.port)).ok()
    }

    pub(super) fn exited(&self) -> channel::Receiver<Option<Exit>> {
        self.exit.subscribe()
    }

    /// Lets the engine make something to the end, also where nobody waits for it any more.
    fn make<T, W>(
        &mut self,
        what: &'static str,
        work: W,
    ) -> impl Future<Output = Result<T, TargetError>> + use<T, W>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, bollard::errors::Error>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        self.making.push(tokio::spawn(async move {
            let _ = tell.send(work.await.map_err(TargetError::engine(what)));
        }));
        async move { told.await.unwrap_or(Err(TargetError::Engine { what, cause: "it was given up".into() })) }
    }

    fn id(&self) -> &str {
        self.container.as_deref().unwrap_or_default()
    }

    pub(super) async fn start(&mut self, profile: &Profile, fill: &Placeholders) -> Result<(), TargetError> {
        let mut fill = fill.clone();
        fill.port = self.port;
        let labels = labels(&self.run, self.spec.keep);
        let (engine, name) = (self.engine.clone(), network_name(&self.run));
        let volumes = profile.session.volumes.iter().map(|folder| fill.apply(folder)).collect();
        self.volumes = volumes;
        let mounts = container::mounts(&name, &self.volumes, &labels);
        let body = container::body(&name, &self.spec.image, labels, mounts, profile, &fill);
        let create = async move { container::create(&engine, &name, body).await };
        self.container = Some(self.make("create the container", create).await?);
        files::write(&self.engine, self.id(), profile, &fill).await?;
        self.launch().await
    }

    async fn launch(&mut self) -> Result<(), TargetError> {
        self.engine
            .start_container(self.id(), None)
            .await
            .map_err(TargetError::engine("start the container"))?;
        self.watcher = Some(watch::spawn(
            self.engine.clone(),
            self.id().to_owned(),
            self.log.clone(),
            self.exit.clone(),
        ));
        self.find_address().await
    }

    /// A container that ended at once has no address; that it ended is told by the watcher.
    async fn find_address(&mut self) -> Result<(), TargetError> {
        let found = container::address(&self.engine, self.id(), &network_name(&self.run)).await;
        let mut exited = self.exited();
        match found {
            Ok(ip) => self.ip = Some(ip),
            Err(error) => {
                let ended = exited.wait_for(Option::is_some);
                if timeout(Duration::from_secs(2), ended).await.is_err() {
                    return Err(error);
                }
                // nobody answers there, and the end is the news
                self.ip = Some(Ipv4Addr::LOCALHOST.into());
            }
        }
        Ok(())
    }

    pub(super) async fn restart(&mut self) -> Result<(), TargetError> {
        self.unwatch();
        let options = StopContainerOptionsBuilder::new().t(5).build();
        self.engine
            .stop_container(self.id(), Some(options))
            .await
            .map_err(TargetError::engine("stop the container"))?;
        self.launch().await
    }

    pub(super) async fn kill_and_start(&mut self) -> Result<(), TargetError> {
        self.unwatch();
        self.engine
            .kill_container(self.id(), None::<KillContainerOptions>)
            .await
            .map_err(TargetError::engine("kill the container"))?;
        // the signal is sent, the end is waited for
        let options = StopContainerOptionsBuilder::new().t(5).build();
        let _ = self.engine.stop_container(self.id(), Some(options)).await;
        self.launch().await
    }

    pub(super) async fn recreate(
        &mut self,
        profile: &Profile,
        fill: &Placeholders,
    ) -> Result<(), TargetError> {
        self.unwatch();
        let options = StopContainerOptionsBuilder::new().t(5).build();
        let _ = self.engine.stop_container(self.id(), Some(options)).await;
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let removed = self.engine.remove_container(self.id(), Some(options)).await;
        removed.map_err(TargetError::engine("remove the container"))?;
        self.start(profile, fill).await
    }

    /// The end that comes now is wanted.
    fn unwatch(&mut self) {
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
        self.exit.send_replace(None);
    }

    pub(super) async fn read_files(&self, patterns: &[String]) -> Result<Vec<StoreFile>, Unreadable> {
        files::read(&self.engine, self.id(), patterns).await
    }

    pub(super) async fn exec(&self, command: &[String]) -> Result<Vec<u8>, Unreadable> {
        watch::exec(&self.engine, self.id(), command).await
    }

    pub(super) async fn memory_root(&self, root: &str) -> Result<Result<String, String>, Unreadable> {
        files::memory_root(&self.engine, self.id(), &self.image.user, root).await
    }

    pub(super) async fn inspect(&self) -> Option<String> {
        let inspected =
            self.engine.inspect_container(self.id(), None::<InspectContainerOptions>).await.ok()?;
        serde_json::to_string_pretty(&inspected).ok()
    }

    pub(super) async fn stop(&mut self, keep: bool) -> Vec<String> {
        if let (true, Some(container), true) = (keep, &self.container, self.exit.borrow().is_none()) {
            let address = self.base_url().map(String::from).unwrap_or_default();
            return vec![
                format!("runtime: {address} (container {})", container.get(..12).unwrap_or(container)),
                "to remove it: coalmine clean".to_owned(),
            ];
        }
        self.unwatch();
        for made in self.making.drain(..) {
            let _ = timeout(STILL_MAKING, made).await;
        }
        let name = network_name(&self.run);
        let container = self.container.take().unwrap_or_else(|| name.clone());
        // once it is killed it leaves the network, which can then be removed beside it
        let _ = self.engine.kill_container(&container, None::<KillContainerOptions>).await;
        if let Some(own) = self.joined.take() {
            let request = NetworkDisconnectRequest { container: own, force: Some(true) };
            let _ = self.engine.disconnect_network(&name, request).await;
        }
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let remove = self.engine.remove_container(&container, Some(options));
        let (_, freed) = tokio::join!(remove, self.engine.remove_network(&name));
        if freed.is_err() {
            // the container had not left it yet; what cannot be removed now is swept later
            let _ = self.engine.remove_network(&name).await;
        }
        for at in 0..self.volumes.len() {
            let options = RemoveVolumeOptionsBuilder::new().force(true).build();
            let _ = self.engine.remove_volume(&container::volume_name(&name, at), Some(options)).await;
        }
        vec![]
    }
}

/// The run's network: without a way out, unless the runtime asks a model of its own.
fn network(run: &str, spec: &DockerSpec) -> NetworkCreateRequest {
    NetworkCreateRequest {
        name: network_name(run),
        internal: Some(!spec.open),
        ipam: Some(Ipam::default()),
        labels: Some(labels(run, spec.keep).into_iter().collect()),
        ..Default::default()
    }
}

fn network_name(run: &str) -> String {
    format!("coalmine-{run}")
}

fn labels(run: &str, keep: bool) -> Vec<(String, String)> {
    let mut labels = vec![(RUN.to_owned(), run.to_owned()), (OWNER.to_owned(), Owner::me().label())];
    if keep {
        labels.push((KEPT.to_owned(), "true".to_owned()));
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_has_a_way_out_only_where_that_is_asked_for() {
        let spec = |open| DockerSpec { image: "x".into(), pull: PullPolicy::Never, keep: false, open };
        assert_eq!(network("r", &spec(false)).internal, Some(true));
        assert_eq!(network("r", &spec(true)).internal, Some(false));
    }
}
