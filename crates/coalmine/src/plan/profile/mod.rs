//! A profile as a person writes it: how a runtime family is booted and pointed at the world, and what it
//! promises.

mod auth;
mod boot;
mod disk;
mod known_limit;
mod own_model;
mod placeholders;
mod promises;
mod read;
mod redis;
mod session;
mod side_call;
mod tools;

use std::{collections::BTreeMap, time::Duration};

pub use auth::{Auth, BasicAuth, QueryAuth, SendTo, SentAuth};
pub use boot::{DialectChoice, Rate, Ready, UnusableDuration, parse_duration};
use coalmine_a2a::Dialect;
use coalmine_world::model::Roles;
pub use disk::DiskSize;
pub use known_limit::{Date, KnownLimit};
pub use promises::{
    Attachments, DeliveryPromise, Linked, MemoryPromise, PeersPromise, Promise, SkillsPromise,
};
pub use redis::RedisStore;
use schemars::JsonSchema;
use serde::Deserialize;
pub use session::{History, Restart, Scope, SessionPromise, StateProbe};
pub use side_call::{SideCall, SideCallMatch, SideCallReply};

/// How a runtime family is booted and pointed at the world, and what it promises. A key that is left out has
/// the value of the profile `generic`, or of the profile that `extends` names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Profile {
    /// The name of the profile. Defaults to the file's name without `.toml`.
    pub name: String,
    /// The name of the built-in profile that this one changes. Defaults to `generic`.
    pub extends: Option<String>,
    /// The container image to judge if `--image` is not given.
    pub image: Option<String>,
    /// The shell command to judge if `--cmd` is not given.
    pub command: Option<String>,
    /// The port on which the runtime listens inside its container. Defaults to 8000.
    pub port: Option<u16>,
    /// The most that a container may write to its disk and its volumes together, such as `500MiB`. One that
    /// writes more is stopped. Defaults to `2GiB`.
    #[schemars(with = "Option<String>")]
    pub disk: Option<DiskSize>,
    /// When the runtime counts as ready.
    pub ready: Ready,
    /// The path of the JSON-RPC interface, such as `/a2a`. Needed only if the agent card names a wrong one.
    pub rpc: Option<String>,
    /// The A2A dialect to speak: `auto`, `0.3` or `1.0`. Defaults to `auto`, the dialect of the agent card.
    #[serde(deserialize_with = "boot::dialect")]
    #[schemars(with = "DialectChoice")]
    pub dialect: Option<Dialect>,
    /// Credentials for the A2A interface.
    pub auth: Option<Auth>,
    /// The highest rate of turns that the runtime accepts: a number per `s`, `min` or `h`, such as `30/min`.
    /// Turns are spaced evenly. Defaults to no limit.
    #[schemars(with = "Option<String>")]
    pub rate: Option<Rate>,
    /// The longest that a turn may take, such as `30s`; `--turn-timeout` overrides it. Defaults to `30s`.
    #[serde(deserialize_with = "boot::duration")]
    #[schemars(with = "Option<String>")]
    pub turn_within: Option<Duration>,
    /// Environment variables of the runtime. The placeholders `{world}`, `{port}`, `{state}`, `{memory}`,
    /// `{run}`, `{workspace}` and `{token}` are filled in.
    pub env: BTreeMap<String, String>,
    /// Files that are written before the runtime starts: absolute path in the container to content.
    /// Placeholders are filled in as in `env`.
    pub files: BTreeMap<String, String>,
    /// What the runtime promises about sessions.
    pub session: SessionPromise,
    /// What the runtime promises about memory that outlives a context.
    pub memory: MemoryPromise,
    /// What the runtime promises about files in messages.
    pub attachments: Attachments,
    /// What the runtime promises about messages that arrive twice.
    pub delivery: DeliveryPromise,
    /// Where the runtime looks for skills.
    pub skills: SkillsPromise,
    /// What the runtime promises about asking other agents.
    pub peers: PeersPromise,
    /// The purpose of the runtime's tools: role to a regular expression that matches the names of its tools, or
    /// to a table with a `pattern` and with the `args` that they are called with.
    #[schemars(with = "BTreeMap<String, tools::RoleToolsForm>")]
    pub tools: Roles,
    /// How the simulated model answers requests beside the turn's own call, such as guardrails. It knows the
    /// usual forms by itself.
    pub side_call: Vec<SideCall>,
    /// Where the session store can be read.
    pub state: StateProbe,
    /// Canaries that are expected to fail under this profile.
    pub known_limit: Vec<KnownLimit>,
}
