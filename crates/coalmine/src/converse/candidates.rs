//! The addresses where RPC may be: cards are often wrong when they are read from outside a container.

use coalmine_a2a::{Card, Dialect, Endpoint, Interface, JSON_RPC};
use url::{Host, Url};

/// Which ports of the given host may serve the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// The given one alone: coalmine chose it, so another one belongs to another process.
    Given,
    /// Also the one that the card names.
    OfTheCard,
}

/// Returns the endpoints to try, in order. The host is always the one that the user gave.
///
/// - the profile's `rpc`, alone
/// - the card's path on the given address
/// - the given address itself
/// - the card's path on the card's port, if the card names this machine and `ports` allows it
/// - `/` and `/a2a` on the given address
pub(crate) fn endpoints(
    base: &Url,
    card: &Card,
    rpc: Option<&str>,
    dialect: Dialect,
    ports: Ports,
) -> Vec<Endpoint> {
    let interface = card.interface(dialect).or_else(|| card.interface(dialect.other()));
    let tenant = card.interface(dialect).and_then(|interface| interface.tenant.clone());
    let binding = interface.and_then(Interface::known_binding).unwrap_or(JSON_RPC);
    let endpoint = |url: Url| Endpoint { url, binding, dialect, tenant: tenant.clone() };
    if let Some(rpc) = rpc {
        return base.join(rpc).into_iter().map(endpoint).collect();
    }
    let on_card = interface.and_then(|interface| Url::parse(&interface.url).ok());
    let mut urls: Vec<Url> = vec![];
    let mut add = |url: Url| {
        if !urls.contains(&url) {
            urls.push(url);
        }
    };
    if let Some(card) = &on_card {
        add(with_path(base, card));
    }
    add(base.clone());
    let elsewhere = on_card.as_ref().filter(|_| ports == Ports::OfTheCard);
    if let Some(card) = elsewhere.filter(|card| is_here(card) || card.host() == base.host()) {
        let mut url = with_path(base, card);
        // an address without a port has that of its scheme
        if url.set_port(card.port_or_known_default()).is_ok() {
            add(url);
        }
    }
    for path in ["/", "/a2a"] {
        if let Ok(url) = base.join(path) {
            add(url);
        }
    }
    urls.into_iter().map(endpoint).collect()
}

/// Returns the addresses that a card names on this machine, or on the host of the runtime, with another port than
/// the runtime's.
pub(crate) fn other_ports(base: &Url, card: &Card) -> Vec<Url> {
    let named = [Dialect::V0_3, Dialect::V1_0].into_iter().filter_map(|dialect| card.interface(dialect));
    let mut urls: Vec<Url> = named.filter_map(|interface| Url::parse(&interface.url).ok()).collect();
    urls.retain(|url| {
        matches!(url.scheme(), "http" | "https")
            && (is_here(url) || url.host() == base.host())
            && url.port_or_known_default() != base.port_or_known_default()
    });
    urls.dedup();
    urls
}

fn with_path(base: &Url, other: &Url) -> Url {
    let mut url = base.clone();
    url.set_path(other.path());
    url.set_query(other.query());
    url
}

/// Returns whether the host is a name that a server inside a container uses for itself.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn urls(base: &str, card_url: &str, rpc: Option<&str>) -> Vec<String> {
        let card = Card::parse(json!({"name": "t", "url": card_url, "protocolVersion": "0.3.0"})).unwrap();
        let found = endpoints(&Url::parse(base).unwrap(), &card, rpc, Dialect::V0_3, Ports::OfTheCard);
        found.into_iter().map(|endpoint| endpoint.url.to_string()).collect()
    }

    #[test]
    fn port_of_the_card_may_be_another_process() {
        let (base, url) = ("http://127.0.0.1:1/", "http://localhost:9000/x");
        let card = Card::parse(json!({"name": "t", "url": url, "protocolVersion": "0.3.0"})).unwrap();
        let ports = |ports| {
            let found = endpoints(&Url::parse(base).unwrap(), &card, None, Dialect::V0_3, ports);
            found.iter().any(|endpoint| endpoint.url.port() == Some(9000))
        };
        assert!(ports(Ports::OfTheCard) && !ports(Ports::Given));
    }

    #[test]
    fn card_path_is_used_on_the_given_address() {
        let found = urls("http://172.20.0.2:8000/", "http://0.0.0.0:8000/a2a/app", None);
        assert_eq!(found[..2], ["http://172.20.0.2:8000/a2a/app", "http://172.20.0.2:8000/"]);
    }

    #[test]
    fn card_leads_to_no_other_host() {
        for url in urls("http://172.20.0.2:8000/", "http://evil.invalid:9/x", None) {
            assert!(url.starts_with("http://172.20.0.2:8000/"), "{url}");
        }
    }

    #[test]
    fn other_ports_of_this_machine_are_named() {
        let other = |url: &str| {
            let card = Card::parse(json!({"name": "t", "url": url, "protocolVersion": "0.3.0"})).unwrap();
            other_ports(&Url::parse("http://10.0.0.2:8000/").unwrap(), &card).len()
        };
        for (url, count) in [
            ("http://localhost:8000/a2a", 0),
            ("http://localhost:9000/a2a", 1),
            ("http://10.0.0.2/", 1),
            ("http://agent.example.com:9000/", 0),
            ("grpc://localhost:9000", 0),
        ] {
            assert_eq!(other(url), count, "{url}");
        }
    }

    #[test]
    fn profile_overrides_the_card() {
        assert_eq!(urls("http://h:1/", "http://h:1/wrong", Some("/right")), ["http://h:1/right"]);
    }
}
