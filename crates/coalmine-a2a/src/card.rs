//! The agent card, in the shapes of both dialects (0.3 `AgentCard`; 1.0 §4.4.1), read tolerantly.

use serde_json::Value;

use crate::Dialect;

/// Where a card may be, in the order in which it is looked for: since 0.3; up to 0.2.6; an alias of some platforms.
pub const CARD_PATHS: [&str; 3] = ["/.well-known/agent-card.json", "/.well-known/agent.json", "/agent-card"];

/// A card as it was received, with a view of what matters to a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The whole card.
    pub raw: Value,
    /// `name`, or empty.
    pub name: String,
    /// All interfaces, in the card's order of preference.
    pub interfaces: Vec<Interface>,
    /// `capabilities.streaming`.
    pub streaming: bool,
}

/// One address at which the agent can be talked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// As on the card; often wrong from outside a container.
    pub url: String,
    /// `JSONRPC`, `GRPC`, `HTTP+JSON`.
    pub binding: String,
    /// As on the card (`0.3.0`, `1.0`).
    pub version: String,
    /// To be echoed in every request.
    pub tenant: Option<String>,
}

/// Something that a card must have and this one has not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardProblem {
    /// Not a card at all.
    #[error("it is not a JSON object with a `name`")]
    NotACard,
    /// A required field is missing or of the wrong type.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// No interface that we could talk to.
    #[error("it offers no JSONRPC interface in a known version")]
    NoJsonRpc,
}

impl Card {
    /// Takes a JSON value for a card if it looks like one: an object with a name.
    pub fn parse(raw: Value) -> Result<Self, CardProblem> {
        let name = raw.get("name").and_then(Value::as_str).ok_or(CardProblem::NotACard)?.to_owned();
        let streaming = raw.pointer("/capabilities/streaming").and_then(Value::as_bool).unwrap_or(false);
        let mut interfaces = new_interfaces(&raw);
        for old in old_interfaces(&raw) {
            if !interfaces.contains(&old) {
                interfaces.push(old);
            }
        }
        Ok(Self { raw, name, interfaces, streaming })
    }

    /// The JSONRPC interface for a dialect, the first on the card.
    pub fn interface(&self, dialect: Dialect) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| interface.dialect() == Some(dialect))
    }

    /// The dialect in which to speak: 0.3 where it is offered, because that is what the platform posts; else 1.0.
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialects().first().copied()
    }

    /// All dialects in which the card names a JSONRPC interface, the one to speak first.
    pub fn dialects(&self) -> Vec<Dialect> {
        let both = [Dialect::V0_3, Dialect::V1_0];
        both.into_iter().filter(|dialect| self.interface(*dialect).is_some()).collect()
    }

    /// What the specification requires of a card (0.3 `AgentCard`, 1.0 `AgentCard` REQUIRED fields) and it has not.
    pub fn problems(&self) -> Vec<CardProblem> {
        let mut problems: Vec<_> =
            ["description", "version", "capabilities", "defaultInputModes", "defaultOutputModes", "skills"]
                .into_iter()
                .filter(|field| self.raw.get(field).is_none())
                .map(CardProblem::Missing)
                .collect();
        if self.name.is_empty() {
            problems.push(CardProblem::Missing("name"));
        }
        if self.dialect().is_none() {
            problems.push(CardProblem::NoJsonRpc);
        }
        problems
    }
}

impl Interface {
    /// The dialect, for a JSONRPC interface in a known version.
    pub fn dialect(&self) -> Option<Dialect> {
        (self.binding.eq_ignore_ascii_case("JSONRPC")).then(|| Dialect::of_version(&self.version)).flatten()
    }
}

/// 1.0: `supportedInterfaces[{url, protocolBinding, protocolVersion, tenant?}]`.
fn new_interfaces(raw: &Value) -> Vec<Interface> {
    let Some(items) = raw.get("supportedInterfaces").and_then(Value::as_array) else { return vec![] };
    items
        .iter()
        .filter_map(|item| {
            Some(Interface {
                url: text(item, "url")?,
                binding: text(item, "protocolBinding").unwrap_or_else(|| "JSONRPC".into()),
                version: text(item, "protocolVersion").unwrap_or_else(|| "1.0".into()),
                tenant: text(item, "tenant").filter(|tenant| !tenant.is_empty()),
            })
        })
        .collect()
}

/// 0.3: `url` with `preferredTransport` (JSONRPC when absent), then `additionalInterfaces[{url, transport}]`.
fn old_interfaces(raw: &Value) -> Vec<Interface> {
    let version = text(raw, "protocolVersion").unwrap_or_else(|| "0.3".into());
    let interface = |url: String, binding: Option<String>| Interface {
        url,
        binding: binding.unwrap_or_else(|| "JSONRPC".into()),
        version: version.clone(),
        tenant: None,
    };
    let first = text(raw, "url").map(|url| interface(url, text(raw, "preferredTransport")));
    let more = raw.get("additionalInterfaces").and_then(Value::as_array).into_iter().flatten();
    first
        .into_iter()
        .chain(more.filter_map(|item| Some(interface(text(item, "url")?, text(item, "transport")))))
        .collect()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dual_card_is_spoken_to_as_the_platform_does() {
        let card = Card::parse(json!({
            "name": "t",
            "supportedInterfaces": [
                {"url": "http://h/", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"},
                {"url": "http://h/", "protocolBinding": "JSONRPC", "protocolVersion": "0.3"}
            ],
            "url": "http://h/", "preferredTransport": "JSONRPC", "protocolVersion": "0.3"
        }))
        .unwrap();
        assert_eq!(card.dialect(), Some(Dialect::V0_3));
        assert_eq!(card.dialects(), [Dialect::V0_3, Dialect::V1_0]);
        assert_eq!(card.interfaces.len(), 2);
    }

    #[test]
    fn other_transports_are_not_spoken_to() {
        let card = Card::parse(json!({
            "name": "t", "url": "grpc://h", "preferredTransport": "GRPC", "protocolVersion": "0.3.0",
            "additionalInterfaces": [{"url": "http://h/rest", "transport": "HTTP+JSON"}]
        }))
        .unwrap();
        assert_eq!((card.dialect(), card.dialects()), (None, vec![]));
        assert!(card.problems().contains(&CardProblem::NoJsonRpc));
    }

    #[test]
    fn a_1_0_only_card_is_spoken_to_in_1_0() {
        let card = Card::parse(json!({
            "name": "t",
            "supportedInterfaces": [{"url": "http://h/a", "protocolBinding": "JSONRPC", "protocolVersion": "1.0", "tenant": "x"}]
        }))
        .unwrap();
        assert_eq!((card.dialect(), card.dialects()), (Some(Dialect::V1_0), vec![Dialect::V1_0]));
        assert_eq!(card.interface(Dialect::V1_0).unwrap().tenant.as_deref(), Some("x"));
    }
}
