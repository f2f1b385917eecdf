//! Types that exist only for the JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;

// stands in for `coalmine_world::model::Rule`, which has no schema
/// A rule of the simulated model.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "only the schema is used")]
pub(super) struct RuleSchema {
    /// A regular expression, case-insensitive, that is searched in the question: the user's text and files
    /// since the model's last answer.
    when: String,
    /// A regular expression with named groups that must match in the question. The last match counts.
    read: Option<String>,
    /// A regular expression with named groups that must match in the prompt. The last match counts.
    recall: Option<String>,
    /// A tool that is called first, if the runtime offers it.
    call: Option<CallSchema>,
    /// The answer. Named groups in braces are filled in.
    reply: String,
    /// The answer if `read` or `recall` matches nothing.
    otherwise: Option<String>,
}

/// A tool call of the simulated model.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
struct CallSchema {
    /// The purpose of the tool; the profile's `tools` say which tool has it.
    #[schemars(extend("enum" = coalmine_world::model::ROLES))]
    role: String,
    /// The text that is passed to the tool. Named groups in braces are filled in.
    with: String,
    /// Further arguments: name to text. Arguments that the tool does not have are left out.
    args: Option<BTreeMap<String, String>>,
}
