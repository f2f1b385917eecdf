//! One thing that a competent model does, as a person writes it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What tools are for, as rules and profiles name it.
pub const ROLES: [&str; 5] = ["memory-write", "memory-read", "read-file", "skill", "peer"];

/// A rule of the honest model: the first of a canary's whose `when` is found in the question answers it.
///
/// All patterns are regular expressions without regard to case. What the named groups of `read` and `recall` catch can
/// be used in braces in `reply`, `call.with` and `call.args`; of several matches the last one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Looked for in the question: all user text, files included, since the model's last answer.
    pub when: String,
    /// Must be found in the question itself.
    pub read: Option<String>,
    /// Must be found in the prompt, wherever it stands: in earlier turns, system messages, tool results, and in the
    /// question, into which some runtimes write the history.
    pub recall: Option<String>,
    /// A tool to call first, where the runtime offers one.
    pub call: Option<CallRule>,
    /// What to answer.
    pub reply: String,
    /// What to answer where `read` or `recall` finds nothing.
    pub otherwise: Option<String>,
}

/// A call of a tool, by what the tool is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CallRule {
    /// What the tool is for: one of [`ROLES`]; a profile says which tool names that means.
    pub role: String,
    /// The text to hand to it.
    pub with: String,
    /// Texts for arguments of these names; those that the tool does not have are left out.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
}

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A pattern that is no regular expression.
    #[error("`{key}` is no regular expression: {reason}")]
    Pattern {
        /// The key that holds it.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A placeholder that nothing fills.
    #[error("`{key}` uses `{{{name}}}`, which neither `read` nor `recall` catches")]
    Placeholder {
        /// The key that uses it.
        key: &'static str,
        /// The unknown name.
        name: String,
    },
    /// An id that no peer can have: one of another kind, or one that another peer has.
    #[error(
        "`{0}` is no id for a peer: it takes 1 to 100 letters, digits, `-` and `_`, and no peer that has it already"
    )]
    Peer(String),
}
