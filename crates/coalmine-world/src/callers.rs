//! Who may call the world.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Mutex,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::lock::lock;

/// Maximum number of foreign addresses that are kept.
const MAX_FOREIGN: usize = 5;

/// Who may call the world.
#[derive(Debug, Clone, Default)]
pub enum Callers {
    /// Whoever reaches it.
    #[default]
    Anyone,
    /// Only addresses in these networks.
    Networks(Vec<IpNet>),
}

impl Callers {
    /// Returns the callers of this machine.
    pub fn loopback() -> Self {
        let v4 = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);
        let v6 = Ipv6Net::from(Ipv6Addr::LOCALHOST);
        Self::Networks(vec![v4.into(), v6.into()])
    }

    /// Returns whether a caller at this address may call the world.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        match self {
            Self::Anyone => true,
            // an IPv4 address arrives in the form of IPv6 if the world listens on both
            Self::Networks(networks) => {
                networks.iter().any(|network| network.contains(&address.to_canonical()))
            }
        }
    }
}

/// The connections from addresses that may not call the world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignCallers {
    /// Some of the addresses, without repetition.
    pub addresses: Vec<IpAddr>,
    /// The number of connections.
    pub connections: u64,
}

#[derive(Debug, Default)]
pub(crate) struct ForeignLog(Mutex<ForeignCallers>);

impl ForeignLog {
    pub(crate) fn add(&self, address: IpAddr) {
        let mut foreign = lock(&self.0);
        foreign.connections = foreign.connections.saturating_add(1);
        let address = address.to_canonical();
        if foreign.addresses.len() < MAX_FOREIGN && !foreign.addresses.contains(&address) {
            foreign.addresses.push(address);
        }
    }

    pub(crate) fn seen(&self) -> ForeignCallers {
        lock(&self.0).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_admit_only_their_own() {
        let run = Callers::Networks(vec!["172.20.0.0/16".parse().unwrap(), "fd00:1::/64".parse().unwrap()]);
        for (address, admitted) in [
            ("172.20.0.2", true),
            ("::ffff:172.20.3.4", true),
            ("172.21.0.2", false),
            ("127.0.0.1", false),
            ("fd00:1::7", true),
            ("fd00:2::7", false),
        ] {
            assert_eq!(run.admits(ip(address)), admitted, "{address}");
        }
        assert!(Callers::Anyone.admits(ip("8.8.8.8")));
        assert!(Callers::loopback().admits(ip("127.0.0.1")) && Callers::loopback().admits(ip("::1")));
        assert!(!Callers::loopback().admits(ip("192.168.0.1")));
        assert!(!Callers::Networks(vec![]).admits(ip("127.0.0.1")));
    }

    #[test]
    fn some_foreign_addresses_are_kept() {
        let log = ForeignLog::default();
        for last in 0..20_u8 {
            log.add(IpAddr::from([10, 0, 0, last / 2]));
        }
        let seen = log.seen();
        assert_eq!((seen.addresses.len(), seen.connections), (MAX_FOREIGN, 20));
    }
}
