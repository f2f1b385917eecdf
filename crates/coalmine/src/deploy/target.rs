//! A runtime under test: one closed enum, one small interface.

use coalmine_world::Callers;
use tokio::sync::watch;
use url::Url;

use super::{
    Exit, FolderCheck, Folders, HostEnvironment, LogTail, Placeholders, StoreFiles, TargetError, TargetSpec,
    Unreadable, WorldAddress, docker::Docker, external::External, process::Process,
};
use crate::{event::Emitter, plan::Profile};

/// A runtime under test.
#[derive(Debug)]
pub enum Target {
    /// A local process and its group.
    Process(Box<Process>),
    /// A container in a network of its own.
    Docker(Box<Docker>),
    /// A runtime that someone else started.
    Url(External),
}

impl Target {
    /// Finds what is needed to start the runtime: the engine, a place for the state. Starts nothing yet.
    ///
    /// # Errors
    /// There is no engine, or no place for the state.
    pub async fn new(
        spec: &TargetSpec,
        run: &str,
        profile: &Profile,
        host: &HostEnvironment,
        log: LogTail,
    ) -> Result<Self, TargetError> {
        Ok(match spec {
            TargetSpec::Process(spec) => Self::Process(Box::new(Process::prepare(spec, run, host, log)?)),
            TargetSpec::Docker(spec) => {
                Self::Docker(Box::new(Docker::connect(spec, run, profile, host, log).await?))
            }
            TargetSpec::Url(url) => Self::Url(External::new(url.base.clone())),
        })
    }

    /// Does all that can be done before the world's address is known.
    ///
    /// # Errors
    /// There is no image, or the network cannot be created.
    pub async fn open(&mut self, events: &Emitter) -> Result<(), TargetError> {
        match self {
            Self::Docker(docker) => docker.open(events).await,
            Self::Process(_) | Self::Url(_) => Ok(()),
        }
    }

    /// Returns where the world is to listen and how the runtime reaches it, unless the user fixes the
    /// address.
    pub fn world_address(&self) -> WorldAddress {
        match self {
            Self::Docker(docker) => docker.world_address(),
            Self::Process(_) | Self::Url(_) => WorldAddress::same_on_both_sides([127, 0, 0, 1].into()),
        }
    }

    /// Returns who may call the world at that address: nobody but the runtime, as far as addresses show that.
    pub fn callers(&self) -> Callers {
        match self {
            Self::Docker(docker) => docker.callers(),
            Self::Process(_) | Self::Url(_) => Callers::loopback(),
        }
    }

    /// Returns what the runtime reaches of the host beside the world, in words; `None` if that is nothing, or not known, or
    /// if the runtime is not meant to be apart from the host.
    pub async fn reached_host_services(&self, world: Option<u16>) -> Option<String> {
        match self {
            Self::Docker(docker) => docker.reached_host_services(world).await,
            Self::Process(_) | Self::Url(_) => None,
        }
    }

    /// Returns the folders of the runtime, as the runtime sees them.
    pub fn folders(&self) -> Folders {
        match self {
            Self::Process(process) => process.folders(),
            Self::Docker(docker) => docker.folders(),
            Self::Url(_) => Folders::default(),
        }
    }

    /// Starts the runtime.
    ///
    /// # Errors
    /// The command or the container does not start.
    pub async fn start(&mut self, profile: &Profile, fill: &Placeholders) -> Result<(), TargetError> {
        match self {
            Self::Process(process) => process.start(profile, fill).await,
            Self::Docker(docker) => docker.start(profile, fill).await,
            Self::Url(_) => Ok(()),
        }
    }

    /// Returns where the runtime can be reached from here; known once it was started.
    pub fn base_url(&self) -> Option<Url> {
        match self {
            Self::Process(process) => process.base_url(),
            Self::Docker(docker) => docker.base_url(),
            Self::Url(external) => Some(external.base.clone()),
        }
    }

    /// Returns a channel that reports the end of the runtime, if it ends by itself.
    pub fn exited(&self) -> watch::Receiver<Option<Exit>> {
        match self {
            Self::Process(process) => process.exited(),
            Self::Docker(docker) => docker.exited(),
            Self::Url(external) => external.exited(),
        }
    }

    /// Returns the image's id, for a container.
    pub fn image_digest(&self) -> Option<String> {
        match self {
            Self::Docker(docker) => Some(docker.image_id().to_owned()),
            Self::Process(_) | Self::Url(_) => None,
        }
    }

    /// Stops the runtime as an operator would, and starts it on the same disk.
    ///
    /// # Errors
    /// The runtime does not start again, or coalmine did not start it.
    pub async fn restart(&mut self, profile: &Profile, fill: &Placeholders) -> Result<(), TargetError> {
        match self {
            Self::Process(process) => {
                process.end().await;
                process.start(profile, fill).await
            }
            Self::Docker(docker) => docker.restart().await,
            Self::Url(_) => Err(TargetError::NotOurs),
        }
    }

    /// Kills the runtime (SIGKILL), and starts it on the same disk.
    ///
    /// # Errors
    /// The runtime does not start again, or coalmine did not start it.
    pub async fn kill_and_start(
        &mut self,
        profile: &Profile,
        fill: &Placeholders,
    ) -> Result<(), TargetError> {
        match self {
            Self::Process(process) => {
                process.kill().await;
                process.start(profile, fill).await
            }
            Self::Docker(docker) => docker.kill_and_start().await,
            Self::Url(_) => Err(TargetError::NotOurs),
        }
    }

    /// Removes the container and creates it again, with the profile's volumes.
    ///
    /// # Errors
    /// The runtime does not start again, or it is not a container.
    pub async fn recreate(&mut self, profile: &Profile, fill: &Placeholders) -> Result<(), TargetError> {
        match self {
            Self::Docker(docker) => docker.recreate(profile, fill).await,
            Self::Process(_) | Self::Url(_) => Err(TargetError::NotOurs),
        }
    }

    /// Reads files of the running runtime by patterns.
    ///
    /// # Errors
    /// Nothing can be read, for the reason given.
    pub(crate) async fn read_files(&self, patterns: &[String], max: usize) -> Result<StoreFiles, Unreadable> {
        match self {
            Self::Process(process) => process.read_files(patterns, max).await,
            Self::Docker(docker) => docker.read_files(patterns, max).await,
            Self::Url(_) => Err(Unreadable("files of a runtime that runs elsewhere cannot be read".into())),
        }
    }

    /// Runs a command beside the runtime and returns what it prints.
    ///
    /// # Errors
    /// Nothing can be read, for the reason given.
    pub async fn exec(&self, command: &[String]) -> Result<Vec<u8>, Unreadable> {
        match self {
            Self::Process(process) => process.exec(command).await,
            Self::Docker(docker) => docker.exec(command).await,
            Self::Url(_) => {
                Err(Unreadable("no command can be run beside a runtime that runs elsewhere".into()))
            }
        }
    }

    /// Checks whether the memory root is a folder that the runtime may write to.
    ///
    /// # Errors
    /// The folder cannot be checked, for the reason given.
    pub async fn memory_root(&self, root: &str) -> Result<FolderCheck, Unreadable> {
        match self {
            Self::Process(process) => Ok(process.memory_root(root).await),
            Self::Docker(docker) => docker.memory_root(root).await,
            Self::Url(_) => {
                Err(Unreadable("the disk of a runtime that runs elsewhere cannot be inspected".into()))
            }
        }
    }

    /// Returns the engine's description of the container, as JSON.
    pub async fn inspect(&self) -> Option<String> {
        match self {
            Self::Docker(docker) => docker.inspect().await,
            Self::Process(_) | Self::Url(_) => None,
        }
    }

    /// Removes everything that was started; or, if it is to be kept, returns how to inspect it.
    pub async fn stop(&mut self, keep: bool) -> Vec<String> {
        match self {
            Self::Process(process) => process.stop(keep).await,
            Self::Docker(docker) => docker.stop(keep).await,
            Self::Url(_) => vec![],
        }
    }
}
