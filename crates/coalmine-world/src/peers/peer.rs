//! One peer: its name and what it answers.

use regex::Regex;
use serde::Deserialize;

use crate::model::{RuleError, pattern};

/// The answer if no rule matches.
const NO_ANSWER: &str = "I cannot help with that.";
/// Maximum length of an id.
const MAX_ID: usize = 100;

/// A peer agent of the world: its name and what it answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Peer {
    /// The name used in paths and by the control plane: letters, digits, `-` and `_`.
    pub id: String,
    /// The name that people read, in its card.
    pub name: String,
    /// What it can do, in its card. A model chooses the peer by this.
    pub description: String,
    /// What it answers; the first rule that matches applies.
    #[serde(default)]
    pub rules: Vec<PeerRule>,
}

/// One thing that a peer answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeerRule {
    /// A case-insensitive regular expression that is searched for in the text of the message.
    pub when: String,
    /// The answer.
    pub reply: String,
}

/// A peer with its compiled rules.
#[derive(Debug)]
pub(super) struct CompiledPeer {
    pub(super) peer: Peer,
    rules: Vec<Regex>,
}

impl CompiledPeer {
    /// Checks the id and compiles the rules of a peer.
    pub(super) fn new(peer: Peer) -> Result<Self, RuleError> {
        if !is_valid_id(&peer.id) {
            return Err(RuleError::PeerId(peer.id));
        }
        let rules = peer.rules.iter().map(|rule| pattern("when", &rule.when)).collect::<Result<_, _>>()?;
        Ok(Self { peer, rules })
    }

    /// Returns the answer to a message.
    pub(super) fn answer(&self, text: &str) -> &str {
        let mut rules = self.rules.iter().zip(&self.peer.rules);
        rules.find(|(when, _)| when.is_match(text)).map_or(NO_ANSWER, |(_, rule)| &rule.reply)
    }
}

fn is_valid_id(id: &str) -> bool {
    (1..=MAX_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(rules: &[(&str, &str)]) -> CompiledPeer {
        let rule = |(when, reply): &(&str, &str)| PeerRule { when: (*when).into(), reply: (*reply).into() };
        let rules = rules.iter().map(rule).collect();
        CompiledPeer::new(Peer { id: "weather".into(), rules, ..Peer::default() }).unwrap()
    }

    #[test]
    fn first_matching_rule_answers() {
        let weather = peer(&[("rain", "It rains."), ("rain|sun", "It is warm.")]);
        assert_eq!(weather.answer("Will it RAIN?"), "It rains.");
        assert_eq!(weather.answer("Does the sun shine?"), "It is warm.");
        assert_eq!(weather.answer("What is my name?"), NO_ANSWER);
    }

    #[test]
    fn ids_are_bounded_and_plain() {
        assert!(is_valid_id("a-B_9") && is_valid_id(&"x".repeat(MAX_ID)));
        for id in ["", "a/b", "..", "a b", "ä", &"x".repeat(MAX_ID + 1)] {
            assert!(!is_valid_id(id), "{id}");
        }
    }
}
