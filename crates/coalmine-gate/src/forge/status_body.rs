//! Commit statuses, as both APIs send them.

use serde::Deserialize;

use super::{ForgeError, Status, StatusSource, StatusState, body::or_default, client::Answer, types::time};

#[derive(Debug, Deserialize)]
struct Creator {
    login: String,
}

/// A commit status; GitHub says `state` where Gitea says `status`.
#[derive(Debug, Deserialize)]
pub(super) struct StatusBody {
    id: u64,
    #[serde(alias = "state")]
    status: String,
    #[serde(default, deserialize_with = "or_default")]
    target_url: String,
    #[serde(default, deserialize_with = "or_default")]
    description: String,
    #[serde(default, deserialize_with = "or_default")]
    context: String,
    #[serde(default)]
    creator: Option<Creator>,
    #[serde(default)]
    created_at: Option<String>,
}

impl From<StatusBody> for Status {
    fn from(body: StatusBody) -> Self {
        Self {
            id: body.id,
            source: StatusSource::CommitStatus,
            context: body.context,
            state: StatusState::of(&body.status),
            description: body.description,
            target_url: body.target_url,
            creator: body.creator.map(|creator| creator.login),
            created: time(body.created_at.as_deref()),
        }
    }
}

impl StatusBody {
    /// Returns the statuses on one page.
    pub(super) fn page(answer: &Answer) -> Result<(Vec<Status>, Option<u64>), ForgeError> {
        let page: Vec<Self> = answer.json()?;
        Ok((page.into_iter().map(Status::from).collect(), None))
    }
}
