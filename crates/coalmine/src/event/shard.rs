//! A part of a run that is spread over several machines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A part of a run that is spread over several machines (`--shard K/N`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which part it is, from 1.
    pub number: u32,
    /// How many parts there are.
    pub of: u32,
    /// The SHA-256 of all canaries of all parts, with everything that is asked of them, in hexadecimal.
    pub digest: String,
    /// The ids of all canaries of all parts, in the order of the plan.
    pub canaries: Vec<String>,
}
