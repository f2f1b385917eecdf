//! Removing what killed runs left behind, and nothing else.

use std::collections::HashMap;

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
};

use super::{
    HostEnvironment, Liveness, Owner,
    docker::{self, KEPT, OWNER, RUN},
    ledger,
};
use crate::untrusted::on_disk;

/// What [`sweep`] removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Runs whose processes and folders were removed.
    pub runs: Vec<String>,
    /// Containers, by name.
    pub containers: Vec<String>,
    /// Networks, by name.
    pub networks: Vec<String>,
    /// Volumes, by name.
    pub volumes: Vec<String>,
}

impl Swept {
    /// Returns whether there was nothing to remove.
    pub fn is_empty(&self) -> bool {
        [&self.runs, &self.containers, &self.networks, &self.volumes].iter().all(|left| left.is_empty())
    }
}

/// What [`sweep`] removes beside the processes and folders of dead runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepScope {
    /// Whether to remove containers, networks and volumes as well.
    pub containers: bool,
    /// Whether to remove what was kept on purpose as well.
    pub kept: bool,
}

/// Removes what dead runs left behind.
pub async fn sweep(host: &HostEnvironment, scope: SweepScope) -> Swept {
    let ledger = host.ledger_folder();
    // what takes longer goes on, and is swept by the next run
    let runs = on_disk(move || Ok(ledger::sweep(&ledger, scope.kept))).await.unwrap_or_default();
    let mut swept = Swept { runs, ..Swept::default() };
    if !scope.containers {
        return swept;
    }
    // without an engine there is nothing left in it
    let Ok(engine) = docker::connect(&host.engine_addresses()).await else { return swept };
    let marked = HashMap::from([("label", vec![RUN])]);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&marked).build();
    for container in engine.list_containers(Some(options)).await.unwrap_or_default() {
        let labels = container.labels.unwrap_or_default();
        if is_left_behind(&labels, scope.kept)
            && let Some(id) = container.id
        {
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            if engine.remove_container(&id, Some(options)).await.is_ok() {
                let name = container.names.unwrap_or_default().into_iter().next().unwrap_or(id);
                swept.containers.push(name.trim_start_matches('/').to_owned());
            }
        }
    }
    let options = ListNetworksOptionsBuilder::new().filters(&marked).build();
    for network in engine.list_networks(Some(options)).await.unwrap_or_default() {
        let labels = network.labels.unwrap_or_default();
        if is_left_behind(&labels, scope.kept)
            && let Some(name) = network.name
            && engine.remove_network(&name).await.is_ok()
        {
            swept.networks.push(name);
        }
    }
    let options = ListVolumesOptionsBuilder::new().filters(&marked).build();
    let volumes = engine.list_volumes(Some(options)).await.ok().and_then(|found| found.volumes);
    for volume in volumes.unwrap_or_default() {
        let options = RemoveVolumeOptionsBuilder::new().force(true).build();
        if is_left_behind(&volume.labels, scope.kept)
            && engine.remove_volume(&volume.name, Some(options)).await.is_ok()
        {
            swept.volumes.push(volume.name);
        }
    }
    swept
}

fn is_left_behind(labels: &HashMap<String, String>, kept_too: bool) -> bool {
    let dead = labels
        .get(OWNER)
        .and_then(|owner| Owner::from_label(owner))
        .is_some_and(|owner| owner.liveness() == Liveness::Dead);
    dead && (kept_too || !labels.contains_key(KEPT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(owner: &str, kept: bool) -> HashMap<String, String> {
        let mut labels = HashMap::from([(OWNER.to_owned(), owner.to_owned())]);
        if kept {
            labels.insert(KEPT.to_owned(), "true".to_owned());
        }
        labels
    }

    #[test]
    fn only_dead_runs_of_this_machine_are_swept() {
        let me = Owner::me().label();
        let place = me.splitn(3, ':').nth(2).unwrap();
        let dead = format!("4194305:1:{place}");
        assert!(!is_left_behind(&labels(&me, false), true), "alive");
        assert!(!is_left_behind(&labels("4194305:1:elsewhere", false), true), "elsewhere");
        assert!(!is_left_behind(&labels("nonsense", false), true), "unreadable");
        assert!(!is_left_behind(&HashMap::new(), true), "unmarked");
        assert!(is_left_behind(&labels(&dead, false), false), "dead");
        assert!(!is_left_behind(&labels(&dead, true), false), "dead, but kept");
        assert!(is_left_behind(&labels(&dead, true), true), "dead and kept, by `coalmine clean`");
    }
}
