//! A statement of in-toto: which artifact something is said about, and what.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Sha256;

/// The type of the statements that are written.
pub const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
/// The type of the statements that `cosign attest` writes.
pub const STATEMENT_V0_1: &str = "https://in-toto.io/Statement/v0.1";
/// The type of the predicate that says what was tried and how it ended.
pub const TEST_RESULT_V0_1: &str = "https://in-toto.io/attestation/test-result/v0.1";
/// The type of the predicate that says what was decided.
pub const SVR_V0_1: &str = "https://in-toto.io/attestation/svr/v0.1";
/// The type of the payload of an envelope that holds a statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A statement with its predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement<P> {
    /// The version of the statement's format.
    #[serde(rename = "_type")]
    pub kind: String,
    /// What the statement is about. Exactly one image is written.
    pub subject: Vec<ResourceDescriptor>,
    /// The type of the predicate.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What is said.
    pub predicate: P,
}

/// An artifact, by its digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceDescriptor {
    /// The name, which is for people and for finding the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The digests by their algorithms, in lower-case hexadecimal digits. Only `sha256` is written and understood.
    #[serde(default)]
    pub digest: BTreeMap<String, String>,
    /// What else is known about the artifact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl ResourceDescriptor {
    /// Returns a descriptor without annotations.
    pub fn new(name: &str, digest: Sha256) -> Self {
        Self {
            name: Some(name.to_owned()),
            digest: BTreeMap::from([("sha256".to_owned(), digest.hex())]),
            annotations: BTreeMap::new(),
        }
    }

    /// Adds an annotation.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.annotations.insert(key.to_owned(), value.into());
        self
    }

    /// Returns the SHA-256 digest if it is the only one. Two digests may name two artifacts.
    pub fn only_sha256(&self) -> Option<Sha256> {
        match self.digest.len() {
            1 => Sha256::from_hex(self.digest.get("sha256")?),
            _ => None,
        }
    }
}
