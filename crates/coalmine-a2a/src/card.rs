//! The agent card, in the shapes of both dialects (0.3 `AgentCard`; 1.0 §4.4.1), read tolerantly.

use serde_json::Value;

use crate::{Dialect, JSON_RPC, binding, binding::Binding};

/// The paths where a card may be, in the order in which they are tried: since 0.3; up to 0.2.6; an alias of
/// some platforms.
pub const CARD_PATHS: [&str; 3] = ["/.well-known/agent-card.json", "/.well-known/agent.json", "/agent-card"];

/// A card as it was received, with a view of what matters to a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The whole card.
    pub raw: Value,
    /// The `name`.
    pub name: String,
    /// All interfaces, in the card's order of preference.
    pub interfaces: Vec<Interface>,
    /// The value of `capabilities.streaming`; false if it is absent.
    pub streaming: bool,
}

/// One address at which the agent can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// The address as on the card; often wrong from outside a container.
    pub url: String,
    /// The name of the binding, such as `JSONRPC`, `GRPC` or `HTTP+JSON`.
    pub binding: String,
    /// The version as on the card, such as `0.3.0` or `1.0`.
    pub version: String,
    /// The tenant, which every request must echo.
    pub tenant: Option<String>,
}

/// A reason why a card cannot be used, or is incomplete.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardProblem {
    /// The document is not a card at all.
    #[error("it is not a JSON object with a `name`")]
    NotACard,
    /// A required field is missing or of the wrong type.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// No interface has a binding and a version that the client speaks.
    #[error("it offers no {} interface in a known version", binding::names())]
    NoInterface,
}

impl Card {
    /// Reads a JSON value that looks like a card: an object with a name.
    ///
    /// # Errors
    /// [`CardProblem::NotACard`] for anything else.
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

    /// Returns the first interface on the card that the client can talk to in a dialect.
    pub fn interface(&self, dialect: Dialect) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| interface.dialect() == Some(dialect))
    }

    /// Returns the dialect to speak: 0.3 if it is offered, because that is what the platform posts; else 1.0.
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialects().first().copied()
    }

    /// Returns all dialects in which the client can talk to an interface on the card, the preferred one first.
    pub fn dialects(&self) -> Vec<Dialect> {
        let both = [Dialect::V0_3, Dialect::V1_0];
        both.into_iter().filter(|dialect| self.interface(*dialect).is_some()).collect()
    }

    /// Returns the REQUIRED fields that are missing (`AgentCard` in 0.3 and 1.0), and whether no interface can
    /// be used.
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
            problems.push(CardProblem::NoInterface);
        }
        problems
    }
}

impl Interface {
    /// Returns the dialect if the client speaks both the binding and the version.
    pub fn dialect(&self) -> Option<Dialect> {
        self.known_binding().and_then(|_| Dialect::of_version(&self.version))
    }

    /// Returns the binding if the client speaks it.
    pub fn known_binding(&self) -> Option<&'static dyn Binding> {
        binding::by_name(&self.binding)
    }
}

/// Returns the interfaces of a 1.0 card: `supportedInterfaces[{url, protocolBinding, protocolVersion,
/// tenant?}]`.
fn new_interfaces(raw: &Value) -> Vec<Interface> {
    let Some(items) = raw.get("supportedInterfaces").and_then(Value::as_array) else { return vec![] };
    items
        .iter()
        .filter_map(|item| {
            Some(Interface {
                url: text(item, "url")?,
                binding: text(item, "protocolBinding").unwrap_or_else(|| JSON_RPC.name().to_owned()),
                version: text(item, "protocolVersion").unwrap_or_else(|| "1.0".into()),
                tenant: text(item, "tenant").filter(|tenant| !tenant.is_empty()),
            })
        })
        .collect()
}

/// Returns the interfaces of a 0.3 card: `url` with `preferredTransport` (JSON-RPC if absent), then
/// `additionalInterfaces[{url, transport}]`.
/// Returns the interfaces of a 0.3 card. `protocolVersion` is required there: without it and beside the
/// `supportedInterfaces` of 1.0, the `url` is a leftover that nobody serves.
fn old_interfaces(raw: &Value) -> Vec<Interface> {
    let version = text(raw, "protocolVersion");
    if version.is_none() && raw.get("supportedInterfaces").is_some_and(Value::is_array) {
        return vec![];
    }
    let version = version.unwrap_or_else(|| "0.3".into());
    let interface = |url: String, binding: Option<String>| Interface {
        url,
        binding: binding.unwrap_or_else(|| JSON_RPC.name().to_owned()),
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn any_object_is_a_card_or_refused(
            fields in prop::collection::vec(
                ("(name|url|protocolVersion|supportedInterfaces|additionalInterfaces|capabilities)", "\\PC{0,8}"),
                0..5,
            ),
            list in any::<bool>(),
        ) {
            let value = |text: String| {
                if list { json!([{ "url": text, "protocolVersion": text }]) } else { json!(text) }
            };
            let object = fields.into_iter().map(|(key, text)| (key, value(text))).collect();
            if let Ok(card) = Card::parse(Value::Object(object)) {
                prop_assert!(card.problems().contains(&CardProblem::NoInterface) == card.dialect().is_none());
            }
        }
    }

    #[test]
    fn names_the_bindings_that_it_looked_for() {
        assert_eq!(CardProblem::NoInterface.to_string(), "it offers no JSONRPC interface in a known version");
    }

    #[test]
    fn a_dual_card_is_used_in_0_3() {
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
    fn ignores_unknown_bindings() {
        let card = Card::parse(json!({
            "name": "t", "url": "grpc://h", "preferredTransport": "GRPC", "protocolVersion": "0.3.0",
            "additionalInterfaces": [{"url": "http://h/rest", "transport": "HTTP+JSON"}]
        }))
        .unwrap();
        assert_eq!((card.dialect(), card.dialects()), (None, vec![]));
        assert!(card.problems().contains(&CardProblem::NoInterface));
    }

    #[test]
    fn a_1_0_card_is_used_in_1_0() {
        let card = Card::parse(json!({
            "name": "t",
            "supportedInterfaces": [{"url": "http://h/a", "protocolBinding": "JSONRPC", "protocolVersion": "1.0", "tenant": "x"}]
        }))
        .unwrap();
        assert_eq!((card.dialect(), card.dialects()), (Some(Dialect::V1_0), vec![Dialect::V1_0]));
        assert_eq!(card.interface(Dialect::V1_0).unwrap().tenant.as_deref(), Some("x"));
    }
}
