//! A profile as a person writes it: how a runtime family is booted, pointed at the world, and what it promises.

use std::{collections::BTreeMap, time::Duration};

use coalmine_a2a::Dialect;
use coalmine_world::model::{ROLES, Roles};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Script, SourceError, builtin, parse, problem::Problem};

/// How a runtime family is booted, pointed at the world, and what it promises.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Profile {
    /// Its name; the file's name where none is given.
    pub name: String,
    /// A built-in profile that this one changes.
    pub extends: Option<String>,
    /// The image, where `--image` does not name one.
    pub image: Option<String>,
    /// The command, where `--cmd` does not name one.
    pub command: Option<String>,
    /// The port on which the runtime listens inside its container. 8000 where nothing is said.
    pub port: Option<u16>,
    /// When the runtime counts as ready.
    pub ready: Ready,
    /// Path of the JSON-RPC interface; only where the card is wrong.
    pub rpc: Option<String>,
    /// The dialect to speak; the card's where nothing is said.
    #[serde(deserialize_with = "dialect")]
    #[schemars(with = "Option<DialectName>")]
    pub dialect: Option<Dialect>,
    /// Credentials of the A2A interface, made fresh for the run.
    pub auth: Option<Auth>,
    /// The most turns the runtime takes, such as `30/min`.
    #[schemars(with = "Option<String>")]
    pub rate: Option<Rate>,
    /// The longest that a turn may take, such as `30s`.
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub turn_within: Option<Duration>,
    /// Variables of the runtime; `{world} {port} {state} {memory} {run} {workspace} {token}` are filled in.
    pub env: BTreeMap<String, String>,
    /// Files written before the runtime starts, by absolute path in the container; filled in like `env`.
    pub files: BTreeMap<String, String>,
    /// Sessions.
    pub session: SessionPromise,
    /// Memory that outlives a context.
    pub memory: MemoryPromise,
    /// Files in messages.
    pub attachments: Attachments,
    /// Messages that come twice.
    pub delivery: DeliveryPromise,
    /// Skills.
    pub skills: SkillsPromise,
    /// Other agents.
    pub peers: PeersPromise,
    /// What tools are for: role to a pattern of tool names.
    pub tools: Roles,
    /// Where the session store can be read.
    pub state: StateProbe,
    /// Canaries that are skipped, with the reason.
    pub known_limit: Vec<KnownLimit>,
}

/// When a runtime counts as ready.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ready {
    /// Path of the card; the usual places where nothing is said.
    pub http: Option<String>,
    /// The longest wait, such as `60s`.
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub within: Option<Duration>,
}

/// Credentials of the A2A interface.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Sent as `Authorization: Bearer …`; `{token}` is made fresh for the run.
    pub bearer: String,
}

/// The most turns in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The least time between two turns.
    pub interval: Duration,
}

/// Sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionPromise {
    /// What a session belongs to.
    pub scope: Scope,
    /// Who keeps the history.
    pub history: History,
    /// Whether sessions outlive the process.
    pub restart: Restart,
    /// Folders that outlive the container.
    pub volumes: Vec<String>,
}

/// What a session belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Each `contextId` has its own.
    #[default]
    Context,
    /// All contexts of a workspace share one, on purpose.
    Workspace,
}

/// Who keeps the history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// The runtime.
    #[default]
    Runtime,
    /// The client sends it along on every message (`params.metadata.history`).
    Client,
}

/// Whether sessions outlive the process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Restart {
    /// They do.
    Kept,
    /// They do not.
    Lost,
    /// Nobody said.
    #[default]
    Unknown,
}

/// Memory that outlives a context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MemoryPromise {
    /// Whether there is one.
    pub promise: Promise,
    /// Its folder, where the runtime does not take `{memory}`.
    pub root: Option<String>,
}

/// Whether a runtime promises something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Promise {
    /// It does: a sign of it missing is a failure.
    Kept,
    /// It does not: what needs it is skipped.
    None,
    /// Nobody said: judged where the runtime shows a sign of it, skipped where it does not.
    #[default]
    Unknown,
}

/// Files in messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Attachments {
    /// Files that come as links.
    pub link: Linked,
    /// Images and PDFs.
    pub binary: Promise,
}

/// Messages that come twice. The specification leaves it to the agent whether it looks for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeliveryPromise {
    /// Whether a message with a `messageId` that came before is executed only once.
    pub once: Promise,
}

/// Skills.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SkillsPromise {
    /// The folder in which the runtime looks for `<name>/SKILL.md`, by absolute path in the container; filled in like
    /// `env`. Without one, no skill can be given to it.
    pub folder: Option<String>,
}

/// Other agents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeersPromise {
    /// Whether the runtime can ask the platform's other agents.
    pub promise: Promise,
}

/// Files that come as links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Linked {
    /// The platform's own form, `workspace:/…`.
    Workspace,
    /// `http://…` to the world.
    Http,
    /// Not fetched.
    None,
    /// Nobody said.
    #[default]
    Unknown,
}

/// Where the session store can be read, for the evidence and the layer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StateProbe {
    /// A path of the runtime's own HTTP server; empty where there is none.
    pub http: Option<String>,
    /// Patterns of files in the container (or the state folder), such as `/tmp/**/session*.json`.
    pub files: Vec<String>,
    /// A command in the container that prints it.
    pub exec: Vec<String>,
}

/// A canary that is skipped, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownLimit {
    /// The canary's id.
    pub canary: String,
    /// Shown with the skip.
    pub reason: String,
}

impl Profile {
    /// Reads a profile; what it extends is filled in below it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn read(name: &str, file: &str, text: &str) -> Result<Self, SourceError> {
        let mut profile = Self::read_within(name, file, text, &mut vec![])?;
        if profile.name.is_empty() {
            profile.name = name.to_owned();
        }
        Ok(profile)
    }

    fn read_within(name: &str, file: &str, text: &str, seen: &mut Vec<String>) -> Result<Self, SourceError> {
        // read alone first: what is wrong is then shown in the file in which it stands
        let own: Self = parse(file, text)?;
        if let Some(role) = own.tools.keys().find(|role| !ROLES.contains(&role.as_str())) {
            let wrong =
                Problem::at(format!("tools/{role}"), format!("there is no role `{role}`")).needle(role);
            return Err(SourceError::placed(
                file,
                text,
                wrong.help(match super::nearest(role, ROLES) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", ROLES.map(|role| format!("`{role}`")).join(", ")),
                }),
            ));
        }
        // whatever a profile leaves open is as in `generic`, unless it extends another
        let base = own.extends.clone().or_else(|| (name != "generic").then(|| "generic".to_owned()));
        let Some(base) = base.filter(|base| base != name) else { return Ok(own) };
        if seen.contains(&base) {
            let wrong = Problem::at("extends", format!("`{base}` extends itself"));
            return Err(SourceError::placed(file, text, wrong));
        }
        let Some(base_text) = builtin::profile_text(&base) else {
            let wrong = Problem::at("extends", format!("there is no built-in profile `{base}`"));
            let near =
                super::nearest(&base, builtin::profile_names()).map(|near| format!("did you mean `{near}`?"));
            return Err(SourceError::placed(file, text, Problem { help: near, ..wrong }));
        };
        seen.push(base.clone());
        let mut merged = table(&format!("profiles/{base}.toml"), base_text)?;
        if base != "generic" {
            let mut lowest =
                table("profiles/generic.toml", builtin::profile_text("generic").unwrap_or_default())?;
            merge(&mut lowest, merged);
            merged = lowest;
        }
        merge(&mut merged, table(file, text)?);
        merged.try_into().map_err(|error: toml::de::Error| SourceError::whole(file, text, error.message()))
    }

    /// Puts the skills of canaries where the runtime looks for them.
    pub fn give_skills(&mut self, scripts: &[Script]) {
        let Some(folder) = self.skills.folder.clone() else { return };
        for (name, text) in scripts.iter().flat_map(Script::skills) {
            self.files.insert(format!("{}/{name}/SKILL.md", folder.trim_end_matches('/')), text);
        }
    }

    /// Why a canary is skipped under this profile, where that is known beforehand.
    pub fn limit(&self, canary: &str) -> Option<&str> {
        self.known_limit.iter().find(|limit| limit.canary == canary).map(|limit| limit.reason.as_str())
    }
}

fn table(file: &str, text: &str) -> Result<toml::Table, SourceError> {
    parse(file, text)
}

/// Lays `over` on top: tables are merged, everything else is replaced.
fn merge(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => merge(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// For the schema: the names of dialects.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
enum DialectName {
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "0.3")]
    V0_3,
    #[serde(rename = "1.0")]
    V1_0,
}

fn dialect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Dialect>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "auto" => Ok(None),
        text => text.parse().map(Some).map_err(D::Error::custom),
    }
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text)
        .map(Some)
        .ok_or_else(|| D::Error::custom(format!("`{text}` is no duration such as `60s` or `2m`")))
}

/// Reads `500ms`, `60s`, `2m`; a bare number is seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.trim().parse().ok()?;
    match &text[digits.len()..] {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => Some(Duration::from_secs(number)),
        "m" | "min" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("`{text}` is no rate such as `30/min` or `2/s`"));
        let (count, per) = text.split_once('/').ok_or_else(wrong)?;
        let count: u32 = count.trim().parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?;
        let per = match per.trim() {
            "s" => Duration::from_secs(1),
            "min" | "m" => Duration::from_secs(60),
            "h" => Duration::from_secs(3600),
            _ => return Err(wrong()),
        };
        Ok(Self { interval: per / count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_profile_leaves_open_is_as_in_generic() {
        let profile = Profile::read("mine", "mine.toml", "[env]\nOPENAI_API_KEY = \"x\"\n").unwrap();
        assert_eq!(profile.env["OPENAI_API_KEY"], "x");
        assert_eq!(profile.env["OPENAI_BASE_URL"], "{world}/v1");
        assert_eq!(profile.port, Some(8000));
        assert_eq!(profile.name, "mine");
    }

    #[test]
    fn a_profile_changes_what_it_extends() {
        let text = "extends = \"reference\"\nrate = \"30/min\"\n[session]\nscope = \"workspace\"\n";
        let profile = Profile::read("mine", "mine.toml", text).unwrap();
        assert_eq!((profile.session.scope, profile.session.restart), (Scope::Workspace, Restart::Kept));
        assert_eq!(profile.rate.unwrap().interval, Duration::from_secs(2));
        assert_eq!(profile.state.http.as_deref(), Some("/admin/session-store"));
    }

    #[test]
    fn what_is_wrong_is_shown_where_it_stands() {
        let error =
            Profile::read("mine", "mine.toml", "port = 1\n[session]\nscop = \"context\"\n").unwrap_err();
        assert_eq!((error.position(), error.message.as_str()), ((3, 1), "unknown key `scop`"));
        let error = Profile::read("mine", "mine.toml", "[tools]\nskil = \"x\"\n").unwrap_err();
        assert_eq!((error.position(), error.help.as_deref()), ((2, 1), Some("did you mean `skill`?")));
        let error = Profile::read("mine", "mine.toml", "extends = \"refernce\"\n").unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `reference`?"));
    }

    #[test]
    fn tools_are_known_by_their_names_and_others_are_not() {
        let tools = Profile::read("mine", "mine.toml", "").unwrap().tools;
        let model = coalmine_world::model::SimulatedModel::new([], &tools).unwrap();
        for (role, names) in [
            (
                Some("skill"),
                "use_skill load_skill activate_skill Skill skill_view get_skill_instructions skills",
            ),
            (Some("skill"), "skill-activate mcp__local__read_skill invokeSkill"),
            (Some("peer"), "ask_peer ask_agent call_remote_agent send_message_to_agent a2a_send_message"),
            (
                Some("peer"),
                "delegate_task send_task message_peer callAgent send_task_to_remote_agent ask_a2a",
            ),
            (Some("memory-write"), "commit_memory"),
            (Some("read-file"), "read_file"),
            (
                None,
                "list_skills run_skill_script load_skill_resource skill_manage create_skill search_skills",
            ),
            (
                None,
                "send_message_to_user send_message list_peers transfer_to_agent handoff_to_agent task agent",
            ),
            (None, "check_task_status list_agents create_task spawn_agent delegate_work_to_coworker"),
        ] {
            for name in names.split(' ') {
                assert_eq!(model.role_of(name), role, "{name}");
            }
        }
    }

    #[test]
    fn durations_are_read() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("2m"), Some(Duration::from_secs(120)));
        assert_eq!(parse_duration("30"), Some(Duration::from_secs(30)));
        assert_eq!(parse_duration("soon"), None);
    }
}
