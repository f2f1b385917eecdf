//! What stands around the runtime: skills that it is given, and agents that it can ask.

use schemars::JsonSchema;
use serde::Deserialize;

/// A skill in the open form (`SKILL.md`), put into the profile's `skills.folder` before the runtime starts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillSpec {
    /// Its name, which is also its folder's.
    pub name: String,
    /// What it is for: by this a model chooses it.
    pub description: String,
    /// What it says; `{fact}` is filled in.
    pub text: String,
}

/// An agent of the world that the runtime can ask over A2A.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeerSpec {
    /// The id under which the platform knows it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it can be asked.
    pub description: String,
    /// What it answers.
    pub answer: Vec<PeerAnswer>,
}

/// One answer of a peer: the first that fits is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeerAnswer {
    /// Regular expression without regard to case, looked for in the question.
    pub when: String,
    /// What it answers; `{fact}` is filled in.
    pub reply: String,
}
