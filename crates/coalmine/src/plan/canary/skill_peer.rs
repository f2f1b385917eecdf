//! Skills that the runtime is given, and agents that it can ask.

use schemars::JsonSchema;
use serde::Deserialize;

/// A skill that is written to the profile's `skills.folder`, as `<name>/SKILL.md`, before the runtime starts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillSpec {
    /// The name of the skill and of its folder. It must be unique in a run.
    pub name: String,
    /// What the skill is for; models choose a skill by its description. Facts in braces are filled in.
    pub description: String,
    /// The text of the skill. Facts in braces are filled in.
    pub text: String,
}

/// An agent of the simulated world that the runtime can ask over A2A.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeerSpec {
    /// The id of the agent on the platform. It must be unique in a run.
    pub id: String,
    /// The name of the agent.
    pub name: String,
    /// What the agent can be asked.
    pub description: String,
    /// The agent's answers. The first one whose `when` matches is given.
    pub answer: Vec<PeerAnswer>,
}

/// An answer of a peer agent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeerAnswer {
    /// A regular expression, case-insensitive, that is searched in the question.
    pub when: String,
    /// The answer. Facts in braces are filled in.
    pub reply: String,
}
