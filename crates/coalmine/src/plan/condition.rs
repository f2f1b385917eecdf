//! Conditions on turns, such as `when = "scope = context"`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Linked, Profile, Scope};

/// A promise of the profile that a turn depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Condition {
    /// Each context has its own session, so other contexts must not know its facts.
    #[serde(rename = "scope = context")]
    ScopeContext,
    /// All contexts of a workspace share a session, so they may know each other's facts.
    #[serde(rename = "scope = workspace")]
    ScopeWorkspace,
    /// The runtime fetches files that are sent as links.
    #[serde(rename = "attachments = link")]
    AttachmentsLink,
}

impl Condition {
    /// Returns the reason why the condition does not hold under a profile, or `None` if it holds.
    pub fn unmet(self, profile: &Profile) -> Option<&'static str> {
        match (self, profile.session.scope, profile.attachments.link) {
            (Self::ScopeContext, Scope::Workspace, _) => Some(
                "the profile declares `session.scope = \"workspace\"`, so other contexts may know the facts",
            ),
            (Self::ScopeWorkspace, Scope::Context, _) => {
                Some("the profile declares `session.scope = \"context\"`")
            }
            (Self::AttachmentsLink, _, Linked::Unknown) => {
                Some("the profile does not say whether the runtime fetches links (`attachments.link`)")
            }
            (Self::AttachmentsLink, _, Linked::None) => {
                Some("the profile declares `attachments.link = \"none\"`")
            }
            _ => None,
        }
    }
}
