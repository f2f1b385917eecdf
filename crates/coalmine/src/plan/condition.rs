//! `when = "scope = context"`: turns that make sense only with some promises.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Linked, Profile, Scope};

/// A promise of the profile on which a turn depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Condition {
    /// Sessions belong to a context: strangers must not know.
    #[serde(rename = "scope = context")]
    ScopeContext,
    /// Sessions belong to the workspace: strangers may know.
    #[serde(rename = "scope = workspace")]
    ScopeWorkspace,
    /// The runtime fetches files that come as links.
    #[serde(rename = "attachments = link")]
    AttachmentsLink,
}

impl Condition {
    /// Why the condition does not hold under a profile; `None` where it does.
    pub fn unmet(self, profile: &Profile) -> Option<&'static str> {
        match (self, profile.session.scope, profile.attachments.link) {
            (Self::ScopeContext, Scope::Workspace, _) => {
                Some("the profile says that sessions belong to the workspace, so another context may know")
            }
            (Self::ScopeWorkspace, Scope::Context, _) => {
                Some("the profile says that sessions belong to the context")
            }
            (Self::AttachmentsLink, _, Linked::Unknown) => {
                Some("the profile does not say whether files are fetched by link (`attachments.link`)")
            }
            (Self::AttachmentsLink, _, Linked::None) => {
                Some("the profile says that files are not fetched by link")
            }
            _ => None,
        }
    }
}
