//! What the container reaches of its host beside the world.
//!
//! Engines do not keep a container from the addresses of its host: what listens there on all addresses can be reached at
//! the gateway of the run's network. Coalmine knows these services only where it runs on the host itself. If it may
//! enter the container's network, as root may, it connects to them from there. If it may not, it can only conclude:
//! the container reaches the world, which listens on the same gateway.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

/// The tables of the sockets of this network namespace.
const TABLES: [&str; 2] = ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"];
/// The most bytes of a table that are read.
const MAX_TABLE: u64 = 8 << 20;
/// The state of a socket that listens, in such a table.
const LISTENING: &str = "0A";
/// The most services that are tried.
const MAX_TRIED: usize = 16;
/// The most services that are listed in words.
const MAX_SHOWN: usize = 8;
/// The longest wait for a connection. A host answers its containers at once, unless a firewall drops what they send.
const WITHIN: Duration = Duration::from_millis(80);

/// From where services of the host are tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Container {
    /// The id of a process of it, on the host.
    pub(super) process: i64,
    /// Its address in the run's network.
    pub(super) ip: IpAddr,
    /// The address of the host in that network.
    pub(super) gateway: IpAddr,
}

/// Returns which services of the host the container reaches, in words; `None` if it reaches none. The world's port is
/// not one of them.
pub(super) async fn reached(container: Container, world: Option<u16>) -> Option<String> {
    let (sender, receiver) = oneshot::channel();
    // a thread that has entered the network of a container must not do anything else afterwards
    let look = move || {
        let mut ports = listening_everywhere(&tables());
        ports.retain(|port| Some(*port) != world);
        let tried = !ports.is_empty() && enter(container);
        if tried {
            ports = connectable(container.gateway, &ports);
        }
        sender.send(describe(&ports, tried))
    };
    thread::Builder::new().name("host-services".into()).spawn(look).ok()?;
    receiver.await.ok().flatten()
}

fn tables() -> String {
    let mut all = String::new();
    for table in TABLES {
        // a table that cannot be read lists no service; without IPv6, its table is missing
        let _ = File::open(table).and_then(|file| file.take(MAX_TABLE).read_to_string(&mut all));
    }
    all
}

/// Returns the ports on which something listens on all addresses.
fn listening_everywhere(tables: &str) -> BTreeSet<u16> {
    let port = |line: &str| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (address, port) = fields.next()?.rsplit_once(':')?;
        let is_everywhere = address.bytes().all(|digit| digit == b'0');
        let listens = fields.nth(1)? == LISTENING;
        u16::from_str_radix(port, 16).ok().filter(|_| is_everywhere && listens)
    };
    tables.lines().filter_map(port).collect()
}

/// Moves this thread into the network of a container. Returns whether it is there.
#[cfg(target_os = "linux")]
fn enter(container: Container) -> bool {
    use std::os::fd::AsFd;

    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

    let entered = File::open(format!("/proc/{}/ns/net", container.process)).is_ok_and(|namespace| {
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).is_ok()
    });
    // where the engine counts processes in another way, that could be any other network
    entered && TcpListener::bind((container.ip, 0)).is_ok()
}

/// Returns `false`: this system has no network namespaces.
#[cfg(not(target_os = "linux"))]
fn enter(_: Container) -> bool {
    false
}

/// Returns the ports that take a connection from here. Threads are in the network of the one that starts them.
fn connectable(gateway: IpAddr, ports: &BTreeSet<u16>) -> BTreeSet<u16> {
    let connects = |port| TcpStream::connect_timeout(&SocketAddr::new(gateway, port), WITHIN).is_ok();
    thread::scope(|scope| {
        let tried = ports.iter().take(MAX_TRIED).map(|port| (*port, scope.spawn(move || connects(*port))));
        let tried: Vec<_> = tried.collect();
        tried.into_iter().filter_map(|(port, thread)| thread.join().ok()?.then_some(port)).collect()
    })
}

fn describe(ports: &BTreeSet<u16>, tried: bool) -> Option<String> {
    if ports.is_empty() {
        return None;
    }
    let mut shown: Vec<String> = ports.iter().take(MAX_SHOWN).map(u16::to_string).collect();
    if ports.len() > MAX_SHOWN {
        shown.push(format!("and {} more", ports.len() - MAX_SHOWN));
    }
    let (what, shown) = (if ports.len() == 1 { "port" } else { "ports" }, shown.join(", "));
    Some(if tried {
        format!("the container reaches services of its host that listen on all addresses: {what} {shown}")
    } else {
        format!(
            "services of the host listen on all addresses, where the container reaches them unless a firewall keeps it away, \
             which coalmine could not try: {what} {shown}"
        )
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";

    #[test]
    fn only_what_listens_on_all_addresses_counts() {
        let table = format!(
            "{HEAD}   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 641 1\n\
             \x20  1: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 641 1\n\
             \x20  2: 00000000:0051 0200A8C0:92FA 01 00000000:00000000 00:00000000 00000000 0 0 641 1\n\
             \x20  3: {}:0016 {}:0000 0A 00000000:00000000 00:00000000 00000000 0 0 641 1\nnonsense\n",
            "0".repeat(32),
            "0".repeat(32),
        );
        assert_eq!(listening_everywhere(&table), [22, 2024].into());
        assert_eq!(listening_everywhere(""), [].into());
    }

    #[test]
    fn own_listener_is_found_and_tried() {
        let everywhere = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let port = everywhere.local_addr().unwrap().port();
        let here = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let found = listening_everywhere(&tables());
        assert!(found.contains(&port) && !found.contains(&here.local_addr().unwrap().port()), "{found:?}");
        assert_eq!(connectable(Ipv4Addr::LOCALHOST.into(), &[port].into()), [port].into());
        drop(everywhere);
        assert_eq!(connectable(Ipv4Addr::LOCALHOST.into(), &[port].into()), [].into());
    }

    #[tokio::test]
    async fn what_could_not_be_tried_is_said_to_be_so() {
        let everywhere = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        // no process has this id, so its network cannot be entered
        let nobody = Ipv4Addr::LOCALHOST.into();
        let sentence = reached(Container { process: 0, ip: nobody, gateway: nobody }, None).await.unwrap();
        assert!(sentence.contains("could not try"), "{sentence}");
        drop(everywhere);
    }

    #[test]
    fn sentences_are_short() {
        assert_eq!(describe(&[].into(), true), None);
        let one = describe(&[22].into(), true).unwrap();
        assert!(one.ends_with("all addresses: port 22"), "{one}");
        let many = describe(&(1..=50).collect(), true).unwrap();
        assert!(many.ends_with("ports 1, 2, 3, 4, 5, 6, 7, 8, and 42 more"), "{many}");
    }
}
