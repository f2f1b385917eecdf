//! How a runtime is started, inspected, stopped and removed.
//!
//! A [`TargetSpec`] answers every question about a target that has no runtime yet; a [`Target`] is started
//! from it. Order of use: [`Target::new`], [`Target::open`], the world is bound at [`Target::world_address`],
//! [`Target::start`]. Whatever happens, [`Target::stop`] is awaited; what a killed run leaves behind,
//! [`sweep`] removes.
//!
//! To add a target, write a module beside `process` and `docker`, add a variant to [`TargetSpec`] and one to
//! [`Target`], answer the matches that the compiler then asks for, and add a flag to the command line.

mod host;
mod world_address;
mod spec;
mod placeholders;
mod error;
mod views;
mod log;
mod target;
mod process;
mod docker;
mod external;
mod glob;
mod owner;
mod processes;
mod ledger;
mod scratch;
mod sweep;
mod ready;
mod progress;
mod diagnosis;
mod evidence;
mod deployment_spec;
mod run_world;
mod deployment;
mod runtime;
mod lifecycle;
mod needs;

pub(crate) use deployment::Deployment;
pub(crate) use deployment_spec::{DeploymentSpec, Outputs};
pub(crate) use docker::read_archive;
pub use docker::{DockerSpec, ImageDigests, PullPolicy, image_digests};
pub use error::TargetError;
pub(crate) use evidence::attach_log;
pub(crate) use glob::Glob;
pub use host::HostEnvironment;
pub use log::LogTail;
pub use owner::{Liveness, Owner};
pub use placeholders::Placeholders;
pub use process::ProcessSpec;
pub use processes::adopt_orphans;
use ready::ended;
pub use ready::{NotReady, ReadyRuntime, wait_until_ready};
pub(crate) use run_world::RunWorld;
pub(crate) use runtime::Runtime;
pub(crate) use scratch::create as create_scratch;
pub use spec::{TargetSpec, UrlSpec};
pub use sweep::{SweepScope, Swept, sweep};
pub use target::Target;
use views::{Candidate, too_long};
pub use views::{Exit, FolderCheck, Folders, StoreFile, StoreFiles, Unreadable};
pub(crate) use views::{MAX_DATABASE_BYTES, MAX_STORE_BYTES};
pub use world_address::WorldAddress;
