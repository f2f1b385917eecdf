//! What a profile promises about memory, files, repeated messages, skills and other agents.

use schemars::JsonSchema;
use serde::Deserialize;

/// Whether a runtime promises something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Promise {
    /// The runtime does it. If there is no sign of it, the canary fails.
    Kept,
    /// The runtime does not do it. Canaries that need it are skipped.
    None,
    /// The profile does not say. Canaries that need it are judged if the runtime shows a sign of it, and
    /// skipped if not.
    #[default]
    Unknown,
}

/// What the runtime promises about memory that outlives a context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MemoryPromise {
    /// Whether the runtime has such a memory. Defaults to `unknown`.
    pub promise: Promise,
    /// The memory's folder, by absolute path. Needed only if the runtime does not use `{memory}`.
    pub root: Option<String>,
}

/// What the runtime promises about files in messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Attachments {
    /// The kind of link by which the runtime fetches files. Defaults to `unknown`.
    pub link: Linked,
    /// Whether the runtime reads text files. Defaults to what the agent card says: `kept` if its
    /// `defaultInputModes` name anything beside text, and `unknown` otherwise.
    pub text: Option<Promise>,
    /// Whether the runtime reads images and PDFs. Defaults to `unknown`.
    pub binary: Promise,
}

/// The kind of link by which a runtime fetches files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Linked {
    /// The platform's own form, `workspace:/…`.
    Workspace,
    /// `http://…`, served by the simulated world.
    Http,
    /// Links are not fetched.
    None,
    /// The profile does not say.
    #[default]
    Unknown,
}

/// What the runtime promises about messages that arrive twice. The A2A specification leaves it to the agent
/// whether it detects them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeliveryPromise {
    /// Whether a message with a `messageId` that was received before is not executed again. Defaults to
    /// `unknown`.
    pub once: Promise,
}

/// Where the runtime looks for skills.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SkillsPromise {
    /// The folder in which the runtime looks for `<name>/SKILL.md`, by absolute path in the container.
    /// Placeholders are filled in as in `env`. Without a folder, canaries that need skills are skipped.
    pub folder: Option<String>,
}

/// What the runtime promises about asking other agents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeersPromise {
    /// Whether the runtime can ask the platform's other agents. Defaults to `unknown`.
    pub promise: Promise,
}
