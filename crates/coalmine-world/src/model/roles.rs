//! The roles of tools, which follow from their names.

use std::{collections::BTreeMap, fmt};

use regex::Regex;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::{RuleError, compiled_rule::pattern, meaning};
use crate::ToolOffer;

/// The tools of each role.
pub type Roles = BTreeMap<String, RoleTools>;

/// The tools of a role: a pattern of names, or a table with a `pattern` and with `args`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleTools {
    /// A regular expression that matches the whole name of a tool.
    pub pattern: String,
    /// Values of arguments, such as `{ action = "add" }`. They come before everything that the model chooses.
    pub args: BTreeMap<String, Value>,
}

/// The role of tools that ask other agents.
const PEER: &str = "peer";

impl From<&str> for RoleTools {
    fn from(pattern: &str) -> Self {
        pattern.to_owned().into()
    }
}

impl From<String> for RoleTools {
    fn from(pattern: String) -> Self {
        Self { pattern, args: BTreeMap::new() }
    }
}

impl<'de> Deserialize<'de> for RoleTools {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RoleToolsVisitor)
    }
}

struct RoleToolsVisitor;

impl<'de> Visitor<'de> for RoleToolsVisitor {
    type Value = RoleTools;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pattern of tool names, or a table with `pattern` and `args`")
    }

    fn visit_str<E>(self, pattern: &str) -> Result<RoleTools, E> {
        Ok(pattern.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RoleTools, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            #[serde(default)]
            pattern: String,
            #[serde(default)]
            args: BTreeMap<String, Value>,
        }
        let Table { pattern, args } = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(RoleTools { pattern, args })
    }
}

/// The roles with their compiled patterns.
#[derive(Debug, Clone, Default)]
pub(super) struct ToolRoles(Vec<ToolRole>);

#[derive(Debug, Clone)]
struct ToolRole {
    role: String,
    names: Regex,
    args: BTreeMap<String, Value>,
}

impl ToolRoles {
    /// Compiles the patterns.
    pub(super) fn new(roles: &Roles) -> Result<Self, RuleError> {
        roles.iter().map(|(role, tools)| ToolRole::new(role, tools)).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the role of a tool by its own name, or else by its name without that of its plugin.
    pub(super) fn role_of(&self, tool: &str) -> Option<&str> {
        self.exact_role_of(tool).or_else(|| self.exact_role_of(without_plugin(tool)?))
    }

    /// Returns the role of a tool by its name and its arguments: a tool that takes nobody to ask
    /// (`delegate_task(goal)`) starts an agent of its own, whatever its name says.
    pub(super) fn role_of_offer(&self, tool: &ToolOffer) -> Option<&str> {
        self.role_of(&tool.name).filter(|role| *role != PEER || meaning::may_ask_peers(tool))
    }

    fn exact_role_of(&self, tool: &str) -> Option<&str> {
        self.0.iter().find(|known| known.names.is_match(tool)).map(|known| known.role.as_str())
    }

    /// Returns whether a tool has a role by its name, perhaps in addition to the one that [`Self::role_of`]
    /// returns.
    pub(super) fn has_role(&self, tool: &str, role: &str) -> bool {
        self.0.iter().any(|known| known.role == role && known.names.is_match(tool))
            || self.role_of(tool) == Some(role)
    }

    /// Returns whether an offered tool has a role by its name and its arguments.
    pub(super) fn offer_has_role(&self, tool: &ToolOffer, role: &str) -> bool {
        self.has_role(&tool.name, role) && (role != PEER || meaning::may_ask_peers(tool))
    }

    /// Returns the arguments that the profile fixes for a role.
    pub(super) fn args_of(&self, role: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter().filter(move |known| known.role == role).flat_map(|known| &known.args)
    }
}

impl ToolRole {
    fn new(role: &str, tools: &RoleTools) -> Result<Self, RuleError> {
        let names = pattern("tools", &format!("^(?:mcp__.+__)?(?:{})$", tools.pattern))?;
        Ok(Self { role: role.to_owned(), names, args: tools.args.clone() })
    }
}

/// Returns the name of a tool without that of its plugin (`plugin-tool`, `plugin__tool`, `plugin.tool`), if
/// it is clear enough by itself: a single word can mean anything.
fn without_plugin(tool: &str) -> Option<&str> {
    let rest = tool.rsplit(['-', '.', ':', '/']).next().filter(|rest| rest.len() < tool.len());
    let rest = rest.or_else(|| Some(tool.rsplit_once("__")?.1));
    rest.filter(|rest| rest.contains('_'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ignores_the_plugin_in_clear_tool_names() {
        let roles = [("memory-write", "commit_memory|save"), ("read-file", "read")];
        let roles = roles.map(|(role, names)| (role.to_owned(), names.into())).into();
        let roles = ToolRoles::new(&roles).unwrap();
        for name in [
            "commit_memory",
            "Mem-commit_memory",
            "mcp__mem__save",
            "mem__commit_memory",
            "a.b.commit_memory",
        ] {
            assert_eq!(roles.role_of(name), Some("memory-write"), "{name}");
        }
        for name in ["memory-read", "calendar.save", "uncommit_memory", "commit_memory-later"] {
            assert_eq!(roles.role_of(name), None, "{name}");
        }
    }

    #[test]
    fn tools_without_an_addressee_ask_no_peers() {
        let roles = ToolRoles::new(&Roles::from([(
            PEER.into(),
            "delegate_task|ask_agent|delegate_to_workspace".into(),
        )]));
        let roles = roles.unwrap();
        let tool = |name: &str, arguments: &[&str]| {
            let properties: serde_json::Map<_, _> =
                arguments.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
            ToolOffer { name: name.into(), parameters: json!({ "properties": properties }) }
        };
        for (name, arguments, is_peer) in [
            ("delegate_task", &["goal", "context"][..], false),
            ("delegate_task", &["agent_id", "task"], true),
            ("delegate_task", &["workspaceId", "task"], true),
            ("ask_agent", &["question"], true),
            ("delegate_to_workspace", &["workspace_id", "task"], true),
        ] {
            let tool = tool(name, arguments);
            assert_eq!(roles.role_of_offer(&tool).is_some(), is_peer, "{tool:?}");
            assert_eq!(roles.offer_has_role(&tool, PEER), is_peer, "{tool:?}");
        }
    }

    #[test]
    fn reads_patterns_and_tables() {
        let read =
            |value: Value| serde_json::from_value::<RoleTools>(value).map_err(|error| error.to_string());
        assert_eq!(read(json!("a|b")).unwrap(), "a|b".into());
        let table = read(json!({"pattern": "a", "args": {"action": "add"}})).unwrap();
        assert_eq!(table.args["action"], "add");
        assert!(read(json!({"patern": "a"})).unwrap_err().contains("patern"));
        assert!(read(json!(7)).unwrap_err().contains("a pattern of tool names, or a table"));
    }

    #[test]
    fn tools_may_have_several_roles() {
        let roles = [("memory-read", "recall|look_up"), ("read-file", "look_up")];
        let roles = roles.map(|(role, names)| (role.to_owned(), names.into())).into();
        let roles = ToolRoles::new(&roles).unwrap();
        assert_eq!(roles.role_of("look_up"), Some("memory-read"));
        assert!(roles.has_role("look_up", "memory-read") && roles.has_role("look_up", "read-file"));
        assert!(!roles.has_role("recall", "read-file"));
    }
}
