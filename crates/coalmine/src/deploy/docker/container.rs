//! Creating the container and finding its address.

use std::net::IpAddr;

use bollard::{
    Docker as Engine,
    errors::Error,
    models::{ContainerCreateBody, HostConfig, Mount, MountType, MountVolumeOptions},
    query_parameters::{CreateContainerOptionsBuilder, InspectContainerOptions},
};

use crate::{
    deploy::{Placeholders, TargetError},
    plan::Profile,
};

/// The folder for the runtime's state; created in the container before it starts.
pub(super) const STATE: &str = "/coalmine";
/// The most memory in bytes: room for the largest runtimes; one that needs more is worth an error.
const MAX_MEMORY: i64 = 4 << 30;
/// The most processes.
const MAX_PROCESSES: i64 = 1024;

/// Returns the description from which the engine creates the container, which bears its network's name.
pub(super) fn body(
    network: &str,
    image: &str,
    labels: Vec<(String, String)>,
    mounts: Vec<Mount>,
    profile: &Profile,
    fill: &Placeholders,
) -> ContainerCreateBody {
    let environment =
        fill.environment(profile).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    ContainerCreateBody {
        image: Some(image.to_owned()),
        env: Some(environment),
        labels: Some(labels.into_iter().collect()),
        host_config: Some(HostConfig {
            network_mode: Some(network.to_owned()),
            memory: Some(MAX_MEMORY),
            memory_swap: Some(MAX_MEMORY),
            pids_limit: Some(MAX_PROCESSES),
            mounts: Some(mounts),
            security_opt: Some(vec!["no-new-privileges:true".to_owned()]),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Returns volumes of the run for folders that outlive the container; the engine creates them with it.
pub(super) fn mounts(network: &str, folders: &[String], labels: &[(String, String)]) -> Vec<Mount> {
    let volume = MountVolumeOptions { labels: Some(labels.iter().cloned().collect()), ..Default::default() };
    let mount = |(at, folder): (usize, &String)| Mount {
        target: Some(folder.clone()),
        source: Some(volume_name(network, at)),
        typ: Some(MountType::VOLUME),
        volume_options: Some(volume.clone()),
        ..Default::default()
    };
    folders.iter().enumerate().map(mount).collect()
}

/// Returns the name of a run's volume.
pub(super) fn volume_name(network: &str, at: usize) -> String {
    format!("{network}-{at}")
}

/// Creates the container; returns its id.
pub(super) async fn create(engine: &Engine, name: &str, body: ContainerCreateBody) -> Result<String, Error> {
    let options = CreateContainerOptionsBuilder::new().name(name).build();
    Ok(engine.create_container(Some(options), body).await?.id)
}

/// Returns the container's address in a network.
pub(super) async fn address(engine: &Engine, container: &str, network: &str) -> Result<IpAddr, TargetError> {
    let inspected = engine.inspect_container(container, None::<InspectContainerOptions>).await;
    let inspected = inspected.map_err(TargetError::engine("describe the container"))?;
    let networks = inspected.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let address = networks.get(network).and_then(|endpoint| endpoint.ip_address.as_deref());
    address.and_then(|address| address.parse().ok()).ok_or(TargetError::Engine {
        what: "give the container's address",
        cause: "it has none in the run's network".into(),
    })
}
