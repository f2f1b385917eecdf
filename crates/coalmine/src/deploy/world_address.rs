//! Where the world listens, and under which address the runtime reaches it: the two may differ.

use std::net::{IpAddr, SocketAddr};

/// The address of the world on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldAddress {
    /// The world listens here; port 0 stands for any free port.
    pub bind: SocketAddr,
    /// The base URL under which the runtime reaches the world; it ends with `:0` if the port is any free one.
    pub advertised: String,
}

impl WorldAddress {
    /// Returns an address with any free port, which the runtime reaches as it was bound.
    pub(super) fn same_on_both_sides(ip: IpAddr) -> Self {
        let bind = SocketAddr::new(ip, 0);
        Self { bind, advertised: format!("http://{bind}") }
    }

    /// Returns the base URL for the runtime once the world is bound.
    pub(crate) fn url(&self, bound: SocketAddr) -> String {
        if self.bind.port() != 0 {
            return self.advertised.clone();
        }
        format!("{}:{}", self.advertised.trim_end_matches(":0"), bound.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_port_is_filled_in() {
        let bound: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        assert_eq!(WorldAddress::same_on_both_sides(bound.ip()).url(bound), "http://127.0.0.1:4711");
        let ipv6: SocketAddr = "[::1]:4711".parse().unwrap();
        assert_eq!(WorldAddress::same_on_both_sides(ipv6.ip()).url(ipv6), "http://[::1]:4711");
    }

    #[test]
    fn advertised_address_may_differ_from_the_bound_one() {
        let bound: SocketAddr = "0.0.0.0:4711".parse().unwrap();
        let fixed = WorldAddress { bind: bound, advertised: "http://host.internal:4711".into() };
        assert_eq!(fixed.url(bound), "http://host.internal:4711");
        let free =
            WorldAddress { bind: "0.0.0.0:0".parse().unwrap(), advertised: "http://host.internal:0".into() };
        assert_eq!(free.url(bound), "http://host.internal:4711");
    }
}
