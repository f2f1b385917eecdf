//! How a peer wants to be spoken to, by its card.

use serde_json::Value;
use url::Url;

use crate::wire::Dialect;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) url: Url,
    pub(super) dialect: Dialect,
}

impl Interface {
    /// The first interface of the card that we speak; an old card has but one. Of its URL only the path counts: the
    /// platform says where the peer is, and a card must not lead elsewhere.
    pub(super) fn of(card: &Value, found_at: &Url) -> Self {
        let spoken = |interface: &Value| {
            let is_rpc = interface["protocolBinding"].as_str()?.eq_ignore_ascii_case("JSONRPC");
            let dialect = Dialect::of_header(interface["protocolVersion"].as_str()?).ok()?;
            is_rpc.then(|| (interface["url"].as_str().unwrap_or_default().to_owned(), dialect))
        };
        let offered = card["supportedInterfaces"].as_array().into_iter().flatten().find_map(spoken);
        let old = || (card["url"].as_str().unwrap_or_default().to_owned(), Dialect::V0_3);
        let (told, dialect) = offered.unwrap_or_else(old);
        let mut url = found_at.clone();
        if let Ok(told) = Url::parse(&told) {
            url.set_path(told.path());
            url.set_query(told.query());
        }
        Self { url, dialect }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(card: &Value) -> (String, Dialect) {
        let Interface { url, dialect } = Interface::of(card, &Url::parse("http://peer:81/peers/w/").unwrap());
        (url.to_string(), dialect)
    }

    #[test]
    fn the_first_interface_that_we_speak_is_taken() {
        let interface = |binding: &str, version: &str| json!({ "url": format!("http://0.0.0.0/{version}?x=1"), "protocolBinding": binding, "protocolVersion": version });
        let card = |offered: &[Value]| json!({ "supportedInterfaces": offered, "url": "http://x/old" });
        let [grpc, newest, new, old] =
            [("GRPC", "1.0"), ("JSONRPC", "2.0"), ("JSONRPC", "1.0"), ("JSONRPC", "0.3")]
                .map(|(b, v)| interface(b, v));
        let both = card(&[grpc.clone(), newest, new, old.clone()]);
        assert_eq!(of(&both), ("http://peer:81/1.0?x=1".into(), Dialect::V1_0));
        assert_eq!(of(&card(&[old])), ("http://peer:81/0.3?x=1".into(), Dialect::V0_3));
        assert_eq!(of(&card(&[grpc])), ("http://peer:81/old".into(), Dialect::V0_3));
        assert_eq!(of(&json!({ "url": "/no/url" })), ("http://peer:81/peers/w/".into(), Dialect::V0_3));
        assert_eq!(of(&json!(7)), ("http://peer:81/peers/w/".into(), Dialect::V0_3));
    }
}
