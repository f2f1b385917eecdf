//! The agent framework of a repository, by what it depends on.

use std::collections::BTreeSet;

/// A framework, the packages by which it is known, and its built-in profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Family {
    pub(super) name: &'static str,
    packages: &'static [&'static str],
    pub(super) profile: Option<&'static str>,
}

/// All frameworks that are recognized.
const FAMILIES: [Family; 7] = [
    Family { name: "hermes", packages: &["hermes-agent"], profile: Some("hermes") },
    Family {
        name: "claude-code",
        packages: &[
            "claude-agent-sdk",
            "claude-code-sdk",
            "@anthropic-ai/claude-code",
            "@anthropic-ai/claude-agent-sdk",
        ],
        profile: Some("claude-code"),
    },
    Family {
        name: "langgraph",
        packages: &["langgraph", "langgraph-api", "@langchain/langgraph"],
        profile: Some("langgraph"),
    },
    Family {
        name: "autogen",
        packages: &["autogen-agentchat", "autogen-core", "autogen-ext", "pyautogen"],
        profile: Some("autogen"),
    },
    Family { name: "openclaw", packages: &["openclaw"], profile: None },
    Family { name: "smolagents", packages: &["smolagents"], profile: Some("smolagents") },
    Family { name: "google-adk", packages: &["google-adk", "@google/adk"], profile: Some("google-adk") },
];

/// Returns the frameworks whose packages are among these.
pub(super) fn families(packages: &BTreeSet<String>) -> Vec<Family> {
    let known = |family: &Family| family.packages.iter().any(|package| packages.contains(*package));
    FAMILIES.into_iter().filter(known).collect()
}

/// Returns the packages of a `requirements.txt`.
pub(super) fn requirements(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(requirement)
}

/// Returns the packages of a `pyproject.toml`. One that cannot be parsed has none.
pub(super) fn pyproject(text: &str) -> Vec<String> {
    let Ok(table) = text.parse::<toml::Table>() else { return vec![] };
    let value = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(table.get(*first)?, |here, key| here.get(key))
    };
    let listed = value(&["project", "dependencies"]).and_then(toml::Value::as_array);
    let listed = listed.into_iter().flatten().filter_map(|line| requirement(line.as_str()?));
    let poetry = value(&["tool", "poetry", "dependencies"]).and_then(toml::Value::as_table);
    listed.chain(poetry.into_iter().flat_map(|table| table.keys().map(|name| normal(name)))).collect()
}

/// Returns the packages of a `package.json`. One that cannot be parsed has none.
pub(super) fn package_json(text: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else { return vec![] };
    let names = |key: &str| value.get(key).and_then(serde_json::Value::as_object).cloned();
    ["dependencies", "devDependencies"]
        .into_iter()
        .filter_map(names)
        .flatten()
        .map(|(name, _)| name)
        .collect()
}

/// Returns the packages that a Dockerfile installs by `pip install` or `npm install`.
pub(super) fn dockerfile(text: &str) -> impl Iterator<Item = String> {
    let joined = text.replace("\\\n", " ");
    let lines: Vec<String> = joined
        .lines()
        .filter(|line| line.contains("pip") || line.contains("npm"))
        .map(str::to_owned)
        .collect();
    lines.into_iter().flat_map(|line| {
        let words = line.split_once("install").map_or("", |(_, words)| words);
        words
            .split_whitespace()
            .filter_map(|word| requirement(word.trim_matches(['"', '\''])))
            .collect::<Vec<_>>()
    })
}

/// Returns the name at the beginning of a requirement such as `langgraph[all]>=1.2`.
fn requirement(line: &str) -> Option<String> {
    let line = line.trim();
    let after_scope = usize::from(line.starts_with('@'));
    let end = line[after_scope..]
        .find(|c: char| "[<>=!~;@# ".contains(c))
        .map_or(line.len(), |at| at + after_scope);
    let name = line.get(..end)?;
    (!name.is_empty() && !name.starts_with('-')).then(|| normal(name))
}

/// Returns a name as package indexes compare it.
fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(packages: impl IntoIterator<Item = String>) -> Vec<&'static str> {
        families(&packages.into_iter().collect()).into_iter().map(|family| family.name).collect()
    }

    #[test]
    fn recognizes_frameworks_by_their_packages() {
        assert_eq!(names(requirements("# langgraph\n-r x\nLangGraph[all] >= 1.2 ; x\n")), ["langgraph"]);
        assert_eq!(names(requirements("google_adk==2\nautogen.ext\n")), ["autogen", "google-adk"]);
        assert_eq!(names(requirements("langgraph-sdk\nmysmolagents\n")), [""; 0]);
        let pyproject_text = "[project]\ndependencies = [\"smolagents~=1\"]\n[tool.poetry.dependencies]\nhermes-agent = \"*\"\n";
        assert_eq!(names(pyproject(pyproject_text)), ["hermes", "smolagents"]);
        assert_eq!(names(package_json("{\"dependencies\":{\"@google/adk\":\"1\"}}")), ["google-adk"]);
        let run = "FROM x\nRUN pip install --no-cache-dir \\\n  'hermes-agent==1' && rm x\nRUN npm i -g @anthropic-ai/claude-code@2\n";
        assert_eq!(names(dockerfile(run)), ["hermes"]);
        assert_eq!(names(dockerfile("RUN npm install -g @anthropic-ai/claude-code@2\n")), ["claude-code"]);
    }

    #[test]
    fn nonsense_has_no_packages() {
        for text in [
            "",
            "@",
            "\u{feff}",
            "=",
            "[project]\ndependencies = 1\n",
            "{\"dependencies\":[1]}",
            "project = 1\n",
        ] {
            let all =
                requirements(text).chain(pyproject(text)).chain(package_json(text)).chain(dockerfile(text));
            assert_eq!(names(all), [""; 0], "{text}");
        }
    }
}
