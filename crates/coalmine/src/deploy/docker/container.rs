//! Creating the container and finding its address.

use std::{collections::HashMap, net::IpAddr};

use bollard::{
    Docker as Engine,
    errors::Error,
    models::{
        ContainerCreateBody, HostConfig, HostConfigCgroupnsModeEnum, Mount, MountType, MountVolumeOptions,
        MountVolumeOptionsDriverConfig,
    },
    query_parameters::{CreateContainerOptionsBuilder, InspectContainerOptions},
};

use crate::{
    deploy::{Placeholders, TargetError},
    plan::{DiskSize, Profile},
};

/// The folder for the runtime's state; created in the container before it starts.
pub(super) const STATE: &str = "/coalmine";
/// The most memory in bytes: room for the largest runtimes; one that needs more is worth an error.
const MAX_MEMORY: i64 = 4 << 30;
/// The most processes.
const MAX_PROCESSES: i64 = 1024;
/// The most processors, in billionths.
const MAX_CPUS: i64 = 4_000_000_000;
/// What is left to coalmine and the engine if there are few processors.
const SPARED_CPUS: i64 = 500_000_000;
/// Capabilities that engines grant by default and that nothing needs to change the owner of files or its user.
const DROPPED: [&str; 5] = ["AUDIT_WRITE", "MKNOD", "NET_RAW", "SETFCAP", "SYS_CHROOT"];

/// What the container may use, as far as the engine can bound it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    /// The most that it can write to its layer and to each volume; `None` if the engine has no quotas.
    pub(super) quota: Option<DiskSize>,
    /// The most processor time, in billionths of a processor; `None` if the engine cannot bound it.
    pub(super) nano_cpus: Option<i64>,
}

/// What the container is created from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blueprint<'a> {
    /// The name of the container, its network and its volumes.
    pub(super) name: &'a str,
    pub(super) image: &'a str,
    pub(super) labels: &'a [(String, String)],
    /// Folders that outlive the container.
    pub(super) volumes: &'a [String],
    pub(super) profile: &'a Profile,
    pub(super) fill: &'a Placeholders,
}

impl Blueprint<'_> {
    /// Returns the description from which the engine creates the container.
    pub(super) fn body(&self, bounds: Bounds) -> ContainerCreateBody {
        let environment = self.fill.environment(self.profile);
        let environment = environment.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        ContainerCreateBody {
            image: Some(self.image.to_owned()),
            env: Some(environment),
            labels: Some(self.labels.iter().cloned().collect()),
            host_config: Some(HostConfig {
                network_mode: Some(self.name.to_owned()),
                memory: Some(MAX_MEMORY),
                memory_swap: Some(MAX_MEMORY),
                nano_cpus: bounds.nano_cpus,
                pids_limit: Some(MAX_PROCESSES),
                storage_opt: bounds.quota.map(quota),
                mounts: Some(self.mounts(bounds.quota)),
                cap_drop: Some(DROPPED.map(str::to_owned).into()),
                security_opt: Some(vec!["no-new-privileges:true".to_owned()]),
                cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
                ..Default::default()
            }),
            ..Default::default()
        }
    }

    /// Returns volumes of the run for folders that outlive the container; the engine creates them with it.
    fn mounts(&self, max: Option<DiskSize>) -> Vec<Mount> {
        let driver = |max| MountVolumeOptionsDriverConfig {
            name: Some("local".to_owned()),
            options: Some(quota(max)),
        };
        let volume = MountVolumeOptions {
            labels: Some(self.labels.iter().cloned().collect()),
            driver_config: max.map(driver),
            ..Default::default()
        };
        let mount = |(at, folder): (usize, &String)| Mount {
            target: Some(folder.clone()),
            source: Some(volume_name(self.name, at)),
            typ: Some(MountType::VOLUME),
            volume_options: Some(volume.clone()),
            ..Default::default()
        };
        self.volumes.iter().enumerate().map(mount).collect()
    }
}

/// Returns the option of layers and volumes that bounds their size.
fn quota(max: DiskSize) -> HashMap<String, String> {
    HashMap::from([("size".to_owned(), max.0.to_string())])
}

/// Returns the bounds that can be tried. The quota is larger than what is allowed, so that a container that
/// writes too much is stopped and reported, and not merely refused space.
pub(super) async fn bounds(engine: &Engine, allowed: DiskSize) -> Bounds {
    let info = engine.info().await.unwrap_or_default();
    let cpus = info.ncpu.filter(|_| info.cpu_cfs_quota == Some(true));
    Bounds { quota: Some(DiskSize(allowed.0 + allowed.0 / 8)), nano_cpus: cpus.map(nano_cpus) }
}

/// Returns the processor time for a container of an engine with this many processors.
fn nano_cpus(cpus: i64) -> i64 {
    let spared = cpus.saturating_mul(1_000_000_000) - SPARED_CPUS;
    spared.clamp(1_000_000_000, MAX_CPUS)
}

/// Returns the name of a run's volume.
pub(super) fn volume_name(network: &str, at: usize) -> String {
    format!("{network}-{at}")
}

/// A container that was created.
pub(super) struct Created {
    pub(super) id: String,
    /// Whether the engine refused to create it with quotas, and did without.
    pub(super) without_quotas: bool,
}

/// Creates the container from the first description, or from the one without quotas if the engine refuses.
pub(super) async fn create(
    engine: &Engine,
    name: &str,
    bounded: Option<ContainerCreateBody>,
    without_quotas: ContainerCreateBody,
) -> Result<Created, Error> {
    let options = || Some(CreateContainerOptionsBuilder::new().name(name).build());
    if let Some(body) = bounded
        && let Ok(created) = engine.create_container(options(), body).await
    {
        return Ok(Created { id: created.id, without_quotas: false });
    }
    let created = engine.create_container(options(), without_quotas).await?;
    Ok(Created { id: created.id, without_quotas: true })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn host_config(bounds: Bounds) -> HostConfig {
        let blueprint = Blueprint {
            name: "coalmine-r",
            image: "x",
            labels: &[],
            volumes: &["/data".to_owned()],
            profile: &Profile::default(),
            fill: &Placeholders::default(),
        };
        blueprint.body(bounds).host_config.unwrap()
    }

    #[test]
    fn quota_bounds_layer_and_volumes() {
        let host = host_config(Bounds { quota: Some(DiskSize(9)), nano_cpus: Some(1) });
        assert_eq!(host.storage_opt.unwrap()["size"], "9");
        let volume = host.mounts.unwrap().remove(0).volume_options.unwrap();
        assert_eq!(volume.driver_config.unwrap().options.unwrap()["size"], "9");
        let host = host_config(Bounds::default());
        assert_eq!((host.storage_opt, host.nano_cpus), (None, None));
        assert_eq!(host.mounts.unwrap().remove(0).volume_options.unwrap().driver_config, None);
    }

    #[test]
    fn capabilities_to_change_owner_and_user_stay() {
        let dropped = host_config(Bounds::default()).cap_drop.unwrap();
        assert!(dropped.contains(&"NET_RAW".to_owned()) && dropped.contains(&"MKNOD".to_owned()));
        for needed in ["ALL", "CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID", "KILL"] {
            assert!(!dropped.contains(&needed.to_owned()), "{needed}");
        }
    }

    #[test]
    fn some_processor_time_is_spared() {
        let cpus = [1, 2, 4, 64].map(nano_cpus);
        assert_eq!(cpus, [1_000_000_000, 1_500_000_000, 3_500_000_000, 4_000_000_000]);
    }
}
