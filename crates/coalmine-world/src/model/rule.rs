//! Rules: what a competent model does, as people write it down.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The roles of tools, as rules and profiles name them.
pub const ROLES: [&str; 5] = ["memory-write", "memory-read", "read-file", "skill", "peer"];

/// A rule of the simulated model: of a canary's rules, the first whose `when` is found in the question
/// answers it.
///
/// All patterns are case-insensitive regular expressions. The texts that named groups of `read` and `recall`
/// capture can be used in braces in `reply`, `call.with` and `call.args`; of several matches, the last one
/// counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Searched for in the question: all user text since the model's last answer, including files.
    pub when: String,
    /// Must be found in the question as well.
    pub read: Option<String>,
    /// Must be found anywhere in the prompt: in earlier turns, system messages, tool results, or the
    /// question, into which some runtimes write the history.
    pub recall: Option<String>,
    /// The tool to call first, if the runtime offers one.
    pub call: Option<CallRule>,
    /// The answer.
    pub reply: String,
    /// The answer if `read` or `recall` is not found.
    pub otherwise: Option<String>,
}

/// A call of a tool by its role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CallRule {
    /// The role of the tool, one of [`ROLES`]. A profile states which tool names have it.
    pub role: String,
    /// The text to pass to it.
    pub with: String,
    /// Texts for arguments by name. Those that the tool does not have are left out.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
}

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A pattern is not a valid regular expression.
    #[error("`{key}` is not a valid regular expression: {reason}")]
    Pattern {
        /// The key that holds the pattern.
        key: &'static str,
        /// The reason why it is invalid.
        reason: String,
    },
    /// Nothing captures the text for a placeholder.
    #[error("`{key}` uses `{{{name}}}`, which neither `read` nor `recall` captures")]
    Placeholder {
        /// The key that uses the placeholder.
        key: &'static str,
        /// The name of the placeholder.
        name: String,
    },
    /// The id of a peer is invalid or already used.
    #[error("invalid peer id `{0}`: expected 1 to 100 letters, digits, `-` or `_`, unique among all peers")]
    PeerId(String),
}
