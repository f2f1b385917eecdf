//! What a profile promises about sessions, and where their store can be read.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::plan::canary::Texts;

/// What the runtime promises about sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionPromise {
    /// What a session belongs to. Defaults to `context`.
    pub scope: Scope,
    /// Who keeps the history of a conversation. Defaults to `runtime`.
    pub history: History,
    /// Whether sessions survive a restart of the runtime. Defaults to `unknown`.
    pub restart: Restart,
    /// Folders in the container that survive recreating it, by absolute path.
    pub volumes: Vec<String>,
}

/// What a session belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Each `contextId` has its own session.
    #[default]
    Context,
    /// All contexts of a workspace share one session by design.
    Workspace,
}

/// Who keeps the history of a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// The runtime keeps it.
    #[default]
    Runtime,
    /// The client sends it with every message, in `params.metadata.history`.
    Client,
}

/// Whether sessions survive a restart of the runtime.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Sessions survive, whether the runtime is stopped or killed.
    Kept,
    /// Sessions survive if the runtime is stopped (SIGTERM), and are lost if it is killed (SIGKILL).
    StoppedOnly,
    /// Sessions are lost.
    Lost,
    /// The profile does not say.
    #[default]
    Unknown,
}

/// Where the session store can be read. It is read for evidence, and to find the layer of a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StateProbe {
    /// A path of the runtime's own HTTP server, such as `/admin/session-store`.
    pub http: Option<String>,
    /// Patterns of files in the container or in the state folder, such as `/tmp/**/session*.json`.
    pub files: Vec<String>,
    /// Patterns of SQLite databases, such as `{state}/sessions.db`: one, or a list.
    pub sqlite: Texts,
    /// A database in Redis, such as `redis://127.0.0.1:6379/0?keys=session:*`. A password is written as `{env:NAME}`.
    pub redis: Option<String>,
    /// A command, as a list of words, that runs in the container and prints the store.
    pub exec: Vec<String>,
}
