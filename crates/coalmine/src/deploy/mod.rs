//! How a runtime is started, looked at and removed: one closed enum, one small interface.
//!
//! Order of use: [`Target::new`], [`Target::open`], the world is bound at [`Target::world_ip`], [`Target::start`]. Whatever
//! happens, [`Target::stop`] is awaited; what a killed run leaves behind, [`sweep`] removes.
//!
//! Add a target by a module here, a variant in [`Target`] and [`TargetSpec`], and a flag in the command line.

mod docker;
mod error;
mod placeholders;
mod glob;
mod ledger;
mod log;
mod owner;
mod process;
mod ready;
mod sweep;
mod url;

use std::net::IpAddr;

use ::url::Url;
pub use docker::{DockerSpec, PullPolicy};
pub use error::TargetError;
pub use log::LogTail;
pub use owner::{Liveness, Owner};
pub use placeholders::Placeholders;
pub use process::ProcessSpec;
pub(crate) use ready::ended;
pub use ready::{NotReady, ReadyRuntime, wait_until_ready};
pub use sweep::{Swept, sweep};
use tokio::sync::watch;

use crate::{event::Emitter, plan::Profile};

/// What to start.
#[derive(Debug, Clone)]
pub enum TargetSpec {
    /// A local command; the embedded runtime too.
    Process(ProcessSpec),
    /// A container image.
    Docker(DockerSpec),
    /// Nothing: it is running already, there.
    Url(Url),
}

/// A runtime under test.
#[derive(Debug)]
pub enum Target {
    /// A local process and its group.
    Process(process::Process),
    /// A container in a network of its own.
    Docker(Box<docker::Docker>),
    /// Started by someone else.
    Url(url::Running),
}

/// How a runtime ended while it should not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Exit code; `None` where a signal ended it or nothing is known.
    pub code: Option<i64>,
    /// In words: `exit code 3`, `signal 9`, `exit code 137 (out of memory)`.
    pub how: String,
}

/// A file of the runtime's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFile {
    /// Its path, as the runtime sees it.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why something of a running runtime cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// Most bytes that are read of a store, and most files.
const STORE_BYTES: usize = 16 << 20;
const STORE_FILES: usize = 1_000;

impl Target {
    /// Finds what is needed to start it: the engine, a place for the state. Nothing runs yet.
    ///
    /// # Errors
    /// No engine, no place for the state.
    pub async fn new(
        spec: &TargetSpec,
        run: &str,
        profile: &Profile,
        log: LogTail,
    ) -> Result<Self, TargetError> {
        Ok(match spec {
            TargetSpec::Process(spec) => Self::Process(process::Process::prepare(spec, run, log)?),
            TargetSpec::Docker(spec) => {
                let docker = docker::Docker::connect(spec, run, profile.port.unwrap_or(8000), log).await?;
                Self::Docker(Box::new(docker))
            }
            TargetSpec::Url(url) => Self::Url(url::Running::new(url.clone())),
        })
    }

    /// Does all that can be done before the world's address is known.
    ///
    /// # Errors
    /// No image, no network.
    pub async fn open(&mut self, events: &Emitter) -> Result<(), TargetError> {
        match self {
            Self::Docker(docker) => docker.open(events).await,
            Self::Process(_) | Self::Url(_) => Ok(()),
        }
    }

    /// The address on which the world is to listen, where the user gives none.
    pub fn world_ip(&self) -> IpAddr {
        match self {
            Self::Docker(docker) => docker.world_ip(),
            Self::Process(_) | Self::Url(_) => IpAddr::from([127, 0, 0, 1]),
        }
    }

    /// The folder that the runtime may write its state to, and the one for its memories, as it sees them.
    pub fn folders(&self) -> (String, String) {
        match self {
            Self::Process(process) => process.folders(),
            Self::Docker(docker) => docker.folders(),
            Self::Url(_) => (String::new(), String::new()),
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

    /// Where the runtime can be reached from here; known once it was started.
    pub fn base_url(&self) -> Option<Url> {
        match self {
            Self::Process(process) => process.base_url(),
            Self::Docker(docker) => docker.base_url(),
            Self::Url(running) => Some(running.base.clone()),
        }
    }

    /// Tells when the runtime ends by itself.
    pub fn exited(&self) -> watch::Receiver<Option<Exit>> {
        match self {
            Self::Process(process) => process.exited(),
            Self::Docker(docker) => docker.exited(),
            Self::Url(running) => running.exited(),
        }
    }

    /// The image's id, for a container.
    pub fn image_digest(&self) -> Option<String> {
        match self {
            Self::Docker(docker) => Some(docker.image_id().to_owned()),
            _ => None,
        }
    }

    /// Stops the runtime as an operator would, and starts it on the same disk.
    ///
    /// # Errors
    /// It does not come back, or nobody here started it.
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
    /// It does not come back, or nobody here started it.
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

    /// Removes the container and makes it anew, with the profile's volumes.
    ///
    /// # Errors
    /// It does not come back, or it is no container.
    pub async fn recreate(&mut self, profile: &Profile, fill: &Placeholders) -> Result<(), TargetError> {
        match self {
            Self::Docker(docker) => docker.recreate(profile, fill).await,
            Self::Process(_) | Self::Url(_) => Err(TargetError::NotOurs),
        }
    }

    /// Reads files of the running runtime by patterns.
    ///
    /// # Errors
    /// Why nothing can be read.
    pub async fn read_files(&self, patterns: &[String]) -> Result<Vec<StoreFile>, Unreadable> {
        match self {
            Self::Process(process) => process.read_files(patterns),
            Self::Docker(docker) => docker.read_files(patterns).await,
            Self::Url(_) => Err(Unreadable("files of a runtime that runs elsewhere cannot be read".into())),
        }
    }

    /// Runs a command beside the runtime and takes what it prints.
    ///
    /// # Errors
    /// Why nothing can be read.
    pub async fn exec(&self, command: &[String]) -> Result<Vec<u8>, Unreadable> {
        match self {
            Self::Process(process) => process.exec(command).await,
            Self::Docker(docker) => docker.exec(command).await,
            Self::Url(_) => {
                Err(Unreadable("no command can be run beside a runtime that runs elsewhere".into()))
            }
        }
    }

    /// Whether the memory root is a folder that the runtime may write to; what was seen, either way.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub async fn memory_root(&self, root: &str) -> Result<Result<String, String>, Unreadable> {
        match self {
            Self::Process(process) => Ok(process.memory_root(root)),
            Self::Docker(docker) => docker.memory_root(root).await,
            Self::Url(_) => {
                Err(Unreadable("the disk of a runtime that runs elsewhere cannot be looked at".into()))
            }
        }
    }

    /// What the engine says of the container, as JSON.
    pub async fn inspect(&self) -> Option<String> {
        match self {
            Self::Docker(docker) => docker.inspect().await,
            _ => None,
        }
    }

    /// Removes everything that was started; or says how to look at it, where it is to be kept.
    pub async fn stop(&mut self, keep: bool) -> Vec<String> {
        match self {
            Self::Process(process) => process.stop(keep).await,
            Self::Docker(docker) => docker.stop(keep).await,
            Self::Url(_) => vec![],
        }
    }
}
