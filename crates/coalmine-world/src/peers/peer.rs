//! One peer: what it is called and what it answers.

use regex::Regex;
use serde::Deserialize;

use crate::model::{RuleError, pattern};

/// What is said where no rule fits.
const NO_HELP: &str = "I cannot help with that.";
/// Longest id.
const ID_LENGTH: usize = 100;

/// A peer agent of the world: what it is called and what it answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Peer {
    /// Names it in paths and to the control plane: letters, digits, `-` and `_`.
    pub id: String,
    /// Its name for people, in its card.
    pub name: String,
    /// What it is good for, in its card: by this a model chooses it.
    pub description: String,
    /// The first that fits answers.
    #[serde(default)]
    pub rules: Vec<PeerRule>,
}

/// One thing that a peer answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeerRule {
    /// Regular expression without regard to case, looked for in the text of the message.
    pub when: String,
    /// What to answer.
    pub reply: String,
}

/// A peer whose rules can be used.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) peer: Peer,
    rules: Vec<Regex>,
}

impl Known {
    pub(super) fn new(peer: Peer) -> Result<Self, RuleError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if peer.id.is_empty() || peer.id.len() > ID_LENGTH || !peer.id.bytes().all(fits) {
            return Err(RuleError::Peer(peer.id));
        }
        let rules = peer.rules.iter().map(|rule| pattern("when", &rule.when)).collect::<Result<_, _>>()?;
        Ok(Self { peer, rules })
    }

    pub(super) fn answer(&self, text: &str) -> &str {
        let found = self.rules.iter().position(|when| when.is_match(text));
        found.map_or(NO_HELP, |at| &self.peer.rules[at].reply)
    }
}
