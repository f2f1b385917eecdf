//! The roles of tools, which follow from their names.

use std::collections::BTreeMap;

use regex::Regex;

use super::{RuleError, compiled_rule::pattern};

/// The names of tools by role: each role maps to a pattern of names.
pub type Roles = BTreeMap<String, String>;

/// The roles with their compiled patterns.
#[derive(Debug, Default)]
pub(super) struct ToolRoles(Vec<ToolRole>);

#[derive(Debug)]
struct ToolRole {
    role: String,
    names: Regex,
}

impl ToolRoles {
    /// Compiles the patterns.
    pub(super) fn new(roles: &Roles) -> Result<Self, RuleError> {
        roles.iter().map(|(role, names)| ToolRole::new(role, names)).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the role of a tool by its own name, or else by its name without that of its plugin.
    pub(super) fn role_of(&self, tool: &str) -> Option<&str> {
        self.exact_role_of(tool).or_else(|| self.exact_role_of(without_plugin(tool)?))
    }

    fn exact_role_of(&self, tool: &str) -> Option<&str> {
        self.0.iter().find(|known| known.names.is_match(tool)).map(|known| known.role.as_str())
    }

    /// Returns whether a tool has a role, perhaps in addition to the one that [`Self::role_of`] returns.
    pub(super) fn has_role(&self, tool: &str, role: &str) -> bool {
        self.0.iter().any(|known| known.role == role && known.names.is_match(tool))
            || self.role_of(tool) == Some(role)
    }
}

impl ToolRole {
    fn new(role: &str, names: &str) -> Result<Self, RuleError> {
        let names = pattern("tools", &format!("^(?:mcp__.+__)?(?:{names})$"))?;
        Ok(Self { role: role.to_owned(), names })
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
    use super::*;

    #[test]
    fn ignores_the_plugin_in_clear_tool_names() {
        let roles = [("memory-write", "commit_memory|save"), ("read-file", "read")];
        let roles = roles.map(|(role, names)| (role.to_owned(), names.to_owned())).into();
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
    fn tools_may_have_several_roles() {
        let roles = [("memory-read", "recall|look_up"), ("read-file", "look_up")];
        let roles = roles.map(|(role, names)| (role.to_owned(), names.to_owned())).into();
        let roles = ToolRoles::new(&roles).unwrap();
        assert_eq!(roles.role_of("look_up"), Some("memory-read"));
        assert!(roles.has_role("look_up", "memory-read") && roles.has_role("look_up", "read-file"));
        assert!(!roles.has_role("recall", "read-file"));
    }
}
