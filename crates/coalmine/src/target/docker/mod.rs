//! A container, in an internal network of its own: it reaches the world on the gateway and nothing else.
//!
//! No bind mounts (files go in and out by the archive API), no published ports, no credentials.

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
    query_parameters::{InspectContainerOptions, RemoveContainerOptionsBuilder, StopContainerOptionsBuilder},
};
use tokio::sync::watch as channel;
use url::Url;

use super::{Exit, Fill, LogTail, Owner, StoreFile, TargetError, Unreadable};
use crate::{event::Emitter, plan::Profile};

pub(super) use engine::connect;

/// Labels on everything that is ours.
pub(super) const RUN: &str = "coalmine.run";
pub(super) const OWNER: &str = "coalmine.owner";
pub(super) const KEPT: &str = "coalmine.kept";

/// How long an engine may still be busy with a container whose making was interrupted.
const STILL_MAKING: Duration = Duration::from_millis(500);

/// What to start.
#[derive(Debug, Clone)]
pub struct DockerSpec {
    /// The image.
    pub image: String,
    /// Whether it may be fetched.
    pub pull: PullPolicy,
    /// Whether the container is to stay after the run.
    pub keep: bool,
}

/// Whether an image may be fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PullPolicy {
    /// Where it is not there.
    #[default]
    Missing,
    /// Never.
    Never,
    /// Even where it is there.
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
    /// Whether the engine was asked to make the container.
    creating: bool,
    port: u16,
    ip: Option<IpAddr>,
    exit: channel::Sender<Option<Exit>>,
    watcher: Option<tokio::task::JoinHandle<()>>,
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
            creating: false,
            port,
            ip: None,
            exit: channel::Sender::new(None),
            watcher: None,
        })
    }

    /// Makes the network and fetches the image. What was made is removed by [`Self::stop`], wherever this ends.
    pub(super) async fn open(&mut self, events: &Emitter) -> Result<(), TargetError> {
        let network = NetworkCreateRequest {
            name: network_name(&self.run),
            internal: Some(true),
            ipam: Some(Ipam::default()),
            labels: Some(labels(&self.run, self.spec.keep).into_iter().collect()),
            ..Default::default()
        };
        // the two do not depend on each other, and each takes the engine a while
        let (image, network) = tokio::join!(
            image::ensure(&self.engine, &self.spec, events),
            self.engine.create_network(network)
        );
        self.image = image?;
        network.map_err(TargetError::engine("create a network"))?;
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

    fn id(&self) -> &str {
        self.container.as_deref().unwrap_or_default()
    }

    pub(super) async fn start(&mut self, profile: &Profile, fill: &Fill) -> Result<(), TargetError> {
        let mut fill = fill.clone();
        fill.port = self.port;
        let labels = labels(&self.run, self.spec.keep);
        let created =
            container::create(&self.engine, &self.run, &self.spec.image, labels, profile, &fill).await?;
        self.container = Some(created);
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
                if tokio::time::timeout(Duration::from_secs(2), ended).await.is_err() {
                    return Err(error);
                }
                // nobody answers there, and the end is the news
                self.ip = Some(Ipv4Addr::LOCALHOST.into());
            }
        }
        Ok(())
    }

    pub(super) async fn restart(&mut self) -> Result<(), TargetError> {
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
        let options = StopContainerOptionsBuilder::new().t(5).build();
        self.engine
            .stop_container(self.id(), Some(options))
            .await
            .map_err(TargetError::engine("stop the container"))?;
        self.exit.send_replace(None);
        self.launch().await
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
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
        let name = network_name(&self.run);
        let known = self.container.take();
        let options = || RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let removed = self.engine.remove_container(known.as_deref().unwrap_or(&name), Some(options())).await;
        // an interrupt may have come while the engine was still making it
        if known.is_none() && removed.is_err() && self.creating {
            tokio::time::sleep(STILL_MAKING).await;
            let _ = self.engine.remove_container(&name, Some(options())).await;
        }
        if let Some(own) = self.joined.take() {
            let request = NetworkDisconnectRequest { container: own, force: Some(true) };
            let _ = self.engine.disconnect_network(&name, request).await;
        }
        // what cannot be removed now is swept later
        let _ = self.engine.remove_network(&name).await;
        vec![]
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
