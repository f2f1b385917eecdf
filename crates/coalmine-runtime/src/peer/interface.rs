//! The URL and the dialect of a peer, from its card.

use serde_json::Value;
use url::Url;

use crate::wire::Dialect;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct PeerInterface {
    pub(super) url: Url,
    pub(super) dialect: Dialect,
}

impl PeerInterface {
    /// Returns the first supported interface of a card, or the only one of a 0.3 card.
    ///
    /// Only the path and the query of its URL count, because the card must not lead away from the place where
    /// the platform located the peer.
    pub(super) fn from_card(card: &Value, located_at: &Url) -> Self {
        let supported = |interface: &Value| {
            let is_rpc = interface["protocolBinding"].as_str()?.eq_ignore_ascii_case("JSONRPC");
            let dialect = Dialect::from_header(interface["protocolVersion"].as_str()?).ok()?;
            is_rpc.then(|| (interface["url"].as_str().unwrap_or_default().to_owned(), dialect))
        };
        let interface = card["supportedInterfaces"].as_array().into_iter().flatten().find_map(supported);
        let (claimed, dialect) =
            interface.unwrap_or_else(|| (card["url"].as_str().unwrap_or_default().to_owned(), Dialect::V0_3));
        let mut url = located_at.clone();
        if let Ok(claimed) = Url::parse(&claimed) {
            url.set_path(claimed.path());
            url.set_query(claimed.query());
        }
        Self { url, dialect }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(card: &Value) -> (String, Dialect) {
        let PeerInterface { url, dialect } =
            PeerInterface::from_card(card, &Url::parse("http://peer:81/peers/w/").unwrap());
        (url.to_string(), dialect)
    }

    #[test]
    fn takes_the_first_supported_interface() {
        let interface = |binding: &str, version: &str| json!({ "url": format!("http://0.0.0.0/{version}?x=1"), "protocolBinding": binding, "protocolVersion": version });
        let card = |offered: &[Value]| json!({ "supportedInterfaces": offered, "url": "http://x/old" });
        let [grpc, newest, new, old] =
            [("GRPC", "1.0"), ("JSONRPC", "2.0"), ("JSONRPC", "1.0"), ("JSONRPC", "0.3")]
                .map(|(b, v)| interface(b, v));
        let both = card(&[grpc.clone(), newest, new, old.clone()]);
        assert_eq!(read(&both), ("http://peer:81/1.0?x=1".into(), Dialect::V1_0));
        assert_eq!(read(&card(&[old])), ("http://peer:81/0.3?x=1".into(), Dialect::V0_3));
        assert_eq!(read(&card(&[grpc])), ("http://peer:81/old".into(), Dialect::V0_3));
        assert_eq!(read(&json!({ "url": "/no/url" })), ("http://peer:81/peers/w/".into(), Dialect::V0_3));
        assert_eq!(read(&json!(7)), ("http://peer:81/peers/w/".into(), Dialect::V0_3));
    }
}
