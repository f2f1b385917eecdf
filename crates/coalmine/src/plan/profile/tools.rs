//! The purpose of a runtime's tools.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

/// The schema of the tools of a role: a pattern of names, or a table.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its shape is used, in the JSON Schema")]
pub(super) enum RoleToolsForm {
    /// A regular expression that matches the names of the tools.
    Pattern(String),
    /// The names of the tools, and what they are called with.
    Table(RoleToolsTable),
}

/// The tools of a role, and what they are called with.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used, in the JSON Schema")]
pub(super) struct RoleToolsTable {
    /// A regular expression that matches the names of the tools. Defaults to that of the profile that this one
    /// extends.
    pattern: Option<String>,
    /// Values of arguments, such as `{ action = "add" }`. They come before everything that the simulated model
    /// chooses.
    args: Option<BTreeMap<String, Value>>,
}

/// Writes the short form of each role as a table, so that a profile can add arguments to a pattern that it
/// extends.
pub(super) fn expand(profile: &mut toml::Table) {
    let tools = profile.get_mut("tools").and_then(toml::Value::as_table_mut);
    for (_, tools) in tools.into_iter().flatten() {
        if tools.is_str() {
            let table = toml::Table::from_iter([("pattern".to_owned(), tools.clone())]);
            *tools = toml::Value::Table(table);
        }
    }
}

#[cfg(test)]
mod tests {
    use coalmine_world::model::SimulatedModel;

    use crate::plan::Profile;

    fn read(text: &str) -> Result<Profile, String> {
        Profile::read("mine", "mine.toml", text).map_err(|error| error.message)
    }

    #[test]
    fn arguments_keep_the_pattern_of_the_base() {
        let tools = read("[tools.memory-write]\nargs = { action = \"add\" }\n").unwrap().tools;
        assert_eq!(tools["memory-write"].args["action"], "add");
        let model = SimulatedModel::new([], &tools).unwrap();
        assert_eq!(model.role_of("commit_memory"), Some("memory-write"));
        let tools =
            read("[tools]\nmemory-write = { pattern = \"memory\", args = { n = 1 } }\n").unwrap().tools;
        assert_eq!(
            (tools["memory-write"].pattern.as_str(), &tools["memory-write"].args["n"]),
            ("memory", &1.into())
        );
        let tools = read("[tools]\nmemory-write = \"memory\"\n").unwrap().tools;
        assert_eq!(tools["memory-write"], "memory".into());
    }

    #[test]
    fn refuses_unknown_keys() {
        let error = read("[tools.memory-write]\npatern = \"x\"\n").unwrap_err();
        assert!(error.contains("patern"), "{error}");
    }
}
