//! The container of a run: its creation, and what can be seen of it.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use bollard::{Docker as Engine, query_parameters::InspectContainerOptions};
use coalmine_world::Callers;
use ipnet::IpNet;
use tokio::{
    sync::{oneshot, watch as channel},
    task::JoinHandle,
    time::timeout,
};
use url::Url;

use super::{
    DockerSpec, connect, container, engine, files, folder, host_services, image,
    network::{self, labels, network, network_name},
    watch,
};
use crate::{
    deploy::{
        Exit, FolderCheck, Folders, HostEnvironment, LogTail, Placeholders, StoreFiles, TargetError,
        Unreadable, WorldAddress,
    },
    event::{Code, Emitter},
    plan::{DiskSize, Profile},
};

/// A container that was prepared or started.
#[derive(Debug)]
pub struct Docker {
    pub(super) engine: Engine,
    pub(super) spec: DockerSpec,
    pub(super) run: String,
    image: image::Image,
    log: LogTail,
    bounds: container::Bounds,
    disk: DiskSize,
    world_ip: IpAddr,
    /// Whether that is the address of this host in the run's network.
    on_gateway: bool,
    /// The address ranges of the run's network.
    subnets: Vec<IpNet>,
    /// The container that coalmine itself runs in, if it had to join the network.
    pub(super) joined: Option<String>,
    pub(super) container: Option<String>,
    /// Folders in the container that outlive it.
    pub(super) volumes: Vec<String>,
    /// What the engine was asked to create: an interrupt must not leave it half created.
    pub(super) making: Vec<JoinHandle<()>>,
    port: u16,
    ip: Option<IpAddr>,
    pub(super) exit: channel::Sender<Option<Exit>>,
    pub(super) watcher: Option<JoinHandle<()>>,
}

impl Docker {
    /// Connects to the engine; creates nothing yet.
    pub(in crate::deploy) async fn connect(
        spec: &DockerSpec,
        run: &str,
        profile: &Profile,
        host: &HostEnvironment,
        log: LogTail,
    ) -> Result<Self, TargetError> {
        Ok(Self {
            engine: connect(&host.engine_addresses()).await?,
            spec: spec.clone(),
            run: run.to_owned(),
            image: image::Image::default(),
            log,
            bounds: container::Bounds::default(),
            disk: profile.disk.unwrap_or_default(),
            world_ip: Ipv4Addr::LOCALHOST.into(),
            on_gateway: false,
            subnets: vec![],
            joined: None,
            container: None,
            volumes: vec![],
            making: vec![],
            port: profile.port.unwrap_or(8000),
            ip: None,
            exit: channel::Sender::new(None),
            watcher: None,
        })
    }

    /// Creates the network and fetches the image. [`Self::stop`] removes what was created, wherever this
    /// ends.
    pub(in crate::deploy) async fn open(&mut self, events: &Emitter) -> Result<(), TargetError> {
        let request = network(&self.run, &self.spec);
        if self.spec.open {
            let sentence =
                "the container's network has a way out, so that the runtime reaches a model of its own";
            events.finding(Code::RunNetworkOpen, sentence, None);
        }
        // these do not depend on each other, and each takes a while
        let engine = self.engine.clone();
        let network = self.make("create a network", async move { engine.create_network(request).await });
        let image = image::ensure(&self.engine, &self.spec, events);
        let bounds = container::bounds(&self.engine, self.disk);
        let (image, network, bounds) = tokio::join!(image, network, bounds);
        self.image = image?;
        self.bounds = bounds;
        network?;
        self.world_ip = self.find_world_ip().await?;
        Ok(())
    }

    /// Returns the gateway of the run's network, if this process can listen there; else its own address in
    /// that network, which it joins as the container that it runs in.
    async fn find_world_ip(&mut self) -> Result<IpAddr, TargetError> {
        let network::Addresses { gateway, subnets } = network::addresses(&self.engine, &self.run).await?;
        self.subnets = subnets;
        if let Some(gateway) = gateway
            && network::can_listen(gateway)
        {
            self.on_gateway = true;
            return Ok(gateway);
        }
        if let Some(own) = engine::own_container()
            && network::join(&self.engine, &self.run, &own).await
        {
            // kept before anything else, so that it leaves the network wherever this ends
            self.joined = Some(own.clone());
            return container::address(&self.engine, &own, &network_name(&self.run)).await;
        }
        gateway.ok_or(TargetError::Engine {
            what: "give the run's network a gateway",
            cause: "it has none, so a container could not reach coalmine".into(),
        })
    }

    /// Returns where the world listens: the container reaches it at the same address.
    pub(in crate::deploy) fn world_address(&self) -> WorldAddress {
        WorldAddress::same_on_both_sides(self.world_ip)
    }

    /// Returns who may call the world: only what is in the run's network, unless the engine hides its addresses.
    pub(in crate::deploy) fn callers(&self) -> Callers {
        if self.subnets.is_empty() { Callers::Anyone } else { Callers::Networks(self.subnets.clone()) }
    }

    /// Returns what else of the host the container reaches, in words, as far as that can be known.
    pub(in crate::deploy) async fn reached_host_services(&self, world: Option<u16>) -> Option<String> {
        let ip = self.ip.filter(|_| self.on_gateway)?;
        let inspected =
            self.engine.inspect_container(self.id(), None::<InspectContainerOptions>).await.ok()?;
        let process = inspected.state.and_then(|state| state.pid).unwrap_or_default();
        host_services::reached(host_services::Container { process, ip, gateway: self.world_ip }, world).await
    }

    pub(in crate::deploy) fn image_id(&self) -> &str {
        &self.image.id
    }

    pub(in crate::deploy) fn folders(&self) -> Folders {
        Folders { state: container::STATE.to_owned(), memory: format!("{}/memory", container::STATE) }
    }

    pub(in crate::deploy) fn base_url(&self) -> Option<Url> {
        Url::parse(&format!("http://{}:{}/", self.ip?, self.port)).ok()
    }

    pub(in crate::deploy) fn exited(&self) -> channel::Receiver<Option<Exit>> {
        self.exit.subscribe()
    }

    /// Lets the engine finish creating something, even if nobody waits for it any more.
    fn make<T, W>(
        &mut self,
        what: &'static str,
        work: W,
    ) -> impl Future<Output = Result<T, TargetError>> + use<T, W>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, bollard::errors::Error>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.making.push(tokio::spawn(async move {
            let _ = sender.send(work.await.map_err(TargetError::engine(what)));
        }));
        async move {
            let given_up = || Err(TargetError::Engine { what, cause: "it was given up".into() });
            receiver.await.unwrap_or_else(|_| given_up())
        }
    }

    /// Returns the container's id; empty before it was created.
    pub(super) fn id(&self) -> &str {
        self.container.as_deref().unwrap_or_default()
    }

    /// Creates the container with the files of the profile, and starts it.
    pub(in crate::deploy) async fn start(
        &mut self,
        profile: &Profile,
        fill: &Placeholders,
    ) -> Result<(), TargetError> {
        let mut fill = fill.clone();
        fill.port = self.port;
        let labels = labels(&self.run, self.spec.keep);
        let (engine, name) = (self.engine.clone(), network_name(&self.run));
        self.volumes = profile.session.volumes.iter().map(|folder| fill.apply(folder)).collect();
        let blueprint = container::Blueprint {
            name: &name,
            // its name may have been moved to another image since it was looked up
            image: &self.image.id,
            labels: &labels,
            volumes: &self.volumes,
            profile,
            fill: &fill,
        };
        let bounded = self.bounds.quota.map(|_| blueprint.body(self.bounds));
        let without_quotas = blueprint.body(container::Bounds { quota: None, ..self.bounds });
        let create = async move { container::create(&engine, &name, bounded, without_quotas).await };
        let created = self.make("create the container", create).await?;
        self.container = Some(created.id);
        if created.without_quotas {
            // it would refuse again
            self.bounds.quota = None;
        }
        files::write(&self.engine, self.id(), profile, &fill).await?;
        self.launch().await
    }

    /// Starts the container and watches it.
    pub(super) async fn launch(&mut self) -> Result<(), TargetError> {
        self.engine
            .start_container(self.id(), None)
            .await
            .map_err(TargetError::engine("start the container"))?;
        self.watcher = Some(watch::spawn(
            self.engine.clone(),
            self.id().to_owned(),
            self.log.clone(),
            self.exit.clone(),
            self.disk,
        ));
        self.find_address().await
    }

    /// Finds the address of the container. One that ended at once has none; the watcher reports that it
    /// ended.
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
                // nobody answers there, and what matters is that it ended
                self.ip = Some(Ipv4Addr::LOCALHOST.into());
            }
        }
        Ok(())
    }

    pub(in crate::deploy) async fn read_files(
        &self,
        patterns: &[String],
        max: usize,
    ) -> Result<StoreFiles, Unreadable> {
        files::read(&self.engine, self.id(), patterns, max).await
    }

    pub(in crate::deploy) async fn exec(&self, command: &[String]) -> Result<Vec<u8>, Unreadable> {
        watch::exec(&self.engine, self.id(), command).await
    }

    pub(in crate::deploy) async fn memory_root(&self, root: &str) -> Result<FolderCheck, Unreadable> {
        folder::check(&self.engine, self.id(), &self.image.user, root).await
    }

    pub(in crate::deploy) async fn inspect(&self) -> Option<String> {
        let inspected =
            self.engine.inspect_container(self.id(), None::<InspectContainerOptions>).await.ok()?;
        serde_json::to_string_pretty(&inspected).ok()
    }
}
