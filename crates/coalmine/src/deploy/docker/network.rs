//! The run's network, and the names and labels of everything that the run creates.

use std::net::{IpAddr, TcpListener};

use bollard::{
    Docker as Engine,
    models::{Ipam, IpamConfig, NetworkConnectRequest, NetworkCreateRequest},
};
use ipnet::IpNet;

use super::DockerSpec;
use crate::deploy::{Owner, TargetError};

/// The label that names the run, on everything that coalmine creates.
pub(in crate::deploy) const RUN: &str = "coalmine.run";
/// The label that names the process that owns the run.
pub(in crate::deploy) const OWNER: &str = "coalmine.owner";
/// The label of what is kept on purpose.
pub(in crate::deploy) const KEPT: &str = "coalmine.kept";

/// What is known of a network's addresses.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// The gateway, if there is one.
    pub(super) gateway: Option<IpAddr>,
    /// The ranges of the addresses that the engine gives.
    pub(super) subnets: Vec<IpNet>,
}

/// Returns the addresses of the run's network.
pub(super) async fn addresses(engine: &Engine, run: &str) -> Result<Addresses, TargetError> {
    let network = engine.inspect_network(&network_name(run), None).await;
    let network = network.map_err(TargetError::engine("describe the run's network"))?;
    Ok(read_addresses(&network.ipam.and_then(|ipam| ipam.config).unwrap_or_default()))
}

fn read_addresses(configs: &[IpamConfig]) -> Addresses {
    let gateways = configs.iter().filter_map(|config| config.gateway.as_deref());
    Addresses {
        // older engines return an address with its prefix
        gateway: gateways.flat_map(|gateway| gateway.split('/').next()).find_map(|ip| ip.parse().ok()),
        subnets: configs.iter().filter_map(|config| config.subnet.as_ref()?.parse().ok()).collect(),
    }
}

/// Returns whether this process can listen on an address.
pub(super) fn can_listen(ip: IpAddr) -> bool {
    TcpListener::bind((ip, 0)).is_ok()
}

/// Lets a container join the run's network; returns whether it did.
pub(super) async fn join(engine: &Engine, run: &str, container: &str) -> bool {
    let request = NetworkConnectRequest { container: container.to_owned(), ..Default::default() };
    engine.connect_network(&network_name(run), request).await.is_ok()
}

/// Returns the run's network: without a way out, unless the runtime asks a model of its own.
pub(super) fn network(run: &str, spec: &DockerSpec) -> NetworkCreateRequest {
    NetworkCreateRequest {
        name: network_name(run),
        internal: Some(!spec.open),
        ipam: Some(Ipam::default()),
        labels: Some(labels(run, spec.keep).into_iter().collect()),
        ..Default::default()
    }
}

/// Returns the name of the run's network, which its container and its volumes bear as well.
pub(super) fn network_name(run: &str) -> String {
    format!("coalmine-{run}")
}

/// Returns the labels of everything that the run creates.
pub(super) fn labels(run: &str, keep: bool) -> Vec<(String, String)> {
    let mut labels = vec![(RUN.to_owned(), run.to_owned()), (OWNER.to_owned(), Owner::me().label())];
    if keep {
        labels.push((KEPT.to_owned(), "true".to_owned()));
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::{super::PullPolicy, *};

    #[test]
    fn network_has_no_way_out_by_default() {
        let spec = |open| DockerSpec { image: "x".into(), pull: PullPolicy::Never, keep: false, open };
        assert_eq!(network("r", &spec(false)).internal, Some(true));
        assert_eq!(network("r", &spec(true)).internal, Some(false));
    }

    #[test]
    fn addresses_are_read_as_engines_write_them() {
        let config = |subnet: &str, gateway: &str| IpamConfig {
            subnet: Some(subnet.into()),
            gateway: Some(gateway.into()),
            ..Default::default()
        };
        let read =
            read_addresses(&[config("172.20.0.0/16", "172.20.0.1/16"), config("fd00:1::/64", "fd00:1::1")]);
        assert_eq!(read.gateway, Some([172, 20, 0, 1].into()));
        assert_eq!(read.subnets, ["172.20.0.0/16".parse().unwrap(), "fd00:1::/64".parse::<IpNet>().unwrap()]);
        assert_eq!(read_addresses(&[]), Addresses::default());
    }
}
