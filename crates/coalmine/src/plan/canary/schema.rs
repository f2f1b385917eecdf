//! Shapes that only the JSON Schema needs.

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// For the schema: [`Rule`], which belongs to the world and knows no schema.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its shape is used")]
pub(super) struct RuleSchema {
    /// Regular expression, looked for in the question.
    when: String,
    /// Regular expression with named groups that must be found in the question; the last match counts.
    read: Option<String>,
    /// Regular expression with named groups that must be found in the prompt; the last match counts.
    recall: Option<String>,
    /// A tool to call first, where the runtime offers one.
    call: Option<CallSchema>,
    /// What to answer.
    reply: String,
    /// What to answer where `read` or `recall` finds nothing.
    otherwise: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct CallSchema {
    /// What the tool is for.
    #[schemars(extend("enum" = coalmine_world::model::ROLES))]
    role: String,
    /// The text to hand to it.
    with: String,
    /// Texts for arguments of these names; those that the tool does not have are left out.
    args: Option<BTreeMap<String, String>>,
}
