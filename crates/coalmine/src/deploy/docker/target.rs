//! The container of a run, from the engine to its removal.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use bollard::{
    Docker as Engine,
    models::NetworkDisconnectRequest,
    query_parameters::{
        InspectContainerOptions, KillContainerOptions, RemoveContainerOptionsBuilder,
        RemoveVolumeOptionsBuilder, StopContainerOptionsBuilder,
    },
};
use tokio::{
    sync::{oneshot, watch as channel},
    task::JoinHandle,
    time::timeout,
};
use url::Url;

use super::{
    DockerSpec, connect, container, engine, files, folder, image,
    network::{self, labels, network, network_name},
    watch,
};
use crate::{
    deploy::{
        Exit, FolderCheck, Folders, HostEnvironment, LogTail, Placeholders, StoreFile, TargetError,
        Unreadable, WorldAddress,
    },
    event::{Code, Emitter},
    plan::Profile,
};

/// How long an engine may still be busy with something whose creation was interrupted.
const STILL_MAKING: Duration = Duration::from_secs(20);

/// A container that was prepared or started.
#[derive(Debug)]
pub struct Docker {
    engine: Engine,
    spec: DockerSpec,
    run: String,
    image: image::Image,
    log: LogTail,
    world_ip: IpAddr,
    /// The container that coalmine itself runs in, if it had to join the network.
    joined: Option<String>,
    container: Option<String>,
    /// Folders in the container that outlive it.
    volumes: Vec<String>,
    /// What the engine was asked to create: an interrupt must not leave it half created.
    making: Vec<JoinHandle<()>>,
    port: u16,
    ip: Option<IpAddr>,
    exit: channel::Sender<Option<Exit>>,
    watcher: Option<JoinHandle<()>>,
}

impl Docker {
    /// Connects to the engine; creates nothing yet.
    pub(in crate::deploy) async fn connect(
        spec: &DockerSpec,
        run: &str,
        port: u16,
        host: &HostEnvironment,
        log: LogTail,
    ) -> Result<Self, TargetError> {
        Ok(Self {
            engine: connect(&host.engine_addresses()).await?,
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

    /// Creates the network and fetches the image. [`Self::stop`] removes what was created, wherever this ends.
    pub(in crate::deploy) async fn open(&mut self, events: &Emitter) -> Result<(), TargetError> {
        let request = network(&self.run, &self.spec);
        if self.spec.open {
            let sentence =
                "the container's network has a way out, so that the runtime reaches a model of its own";
            events.finding(Code::RunNetworkOpen, sentence, None);
        }
        // the two do not depend on each other, and each takes a while
        let engine = self.engine.clone();
        let network = self.make("create a network", async move { engine.create_network(request).await });
        let (image, network) = tokio::join!(image::ensure(&self.engine, &self.spec, events), network);
        self.image = image?;
        network?;
        self.world_ip = self.find_world_ip().await?;
        Ok(())
    }

    /// Returns the gateway of the run's network, if this process can listen there; else its own address in that
    /// network, which it joins as the container that it runs in.
    async fn find_world_ip(&mut self) -> Result<IpAddr, TargetError> {
        let gateway = network::gateway(&self.engine, &self.run).await?;
        if let Some(gateway) = gateway
            && network::can_listen(gateway)
        {
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
        async move { receiver.await.unwrap_or(Err(TargetError::Engine { what, cause: "it was given up".into() })) }
    }

    fn id(&self) -> &str {
        self.container.as_deref().unwrap_or_default()
    }

    pub(in crate::deploy) async fn start(
        &mut self,
        profile: &Profile,
        fill: &Placeholders,
    ) -> Result<(), TargetError> {
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

    /// Finds the address of the container. One that ended at once has none; the watcher reports that it ended.
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

    pub(in crate::deploy) async fn restart(&mut self) -> Result<(), TargetError> {
        self.unwatch();
        let options = StopContainerOptionsBuilder::new().t(5).build();
        self.engine
            .stop_container(self.id(), Some(options))
            .await
            .map_err(TargetError::engine("stop the container"))?;
        self.launch().await
    }

    pub(in crate::deploy) async fn kill_and_start(&mut self) -> Result<(), TargetError> {
        self.unwatch();
        self.engine
            .kill_container(self.id(), None::<KillContainerOptions>)
            .await
            .map_err(TargetError::engine("kill the container"))?;
        // the signal was sent; this waits for the end
        let options = StopContainerOptionsBuilder::new().t(5).build();
        let _ = self.engine.stop_container(self.id(), Some(options)).await;
        self.launch().await
    }

    pub(in crate::deploy) async fn recreate(
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

    /// Stops watching the container: an end that comes now is intended.
    fn unwatch(&mut self) {
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
        self.exit.send_replace(None);
    }

    pub(in crate::deploy) async fn read_files(
        &self,
        patterns: &[String],
    ) -> Result<Vec<StoreFile>, Unreadable> {
        files::read(&self.engine, self.id(), patterns).await
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

    pub(in crate::deploy) async fn stop(&mut self, keep: bool) -> Vec<String> {
        if keep
            && self.exit.borrow().is_none()
            && let Some(container) = &self.container
        {
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
