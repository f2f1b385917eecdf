//! The bodies that both APIs have in common: Gitea's was made after GitHub's.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{
    client::{Answer, Client, Request},
    error::ForgeError,
    path::{Path, RepositoryName},
    types::{Comment, Pull, PullState, Repository, User, time},
};

/// Reads `null` as the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Debug, Deserialize)]
pub(super) struct UserBody {
    pub(super) id: u64,
    pub(super) login: String,
}

impl From<UserBody> for User {
    fn from(body: UserBody) -> Self {
        Self { id: body.id, login: body.login }
    }
}

#[derive(Debug, Default, Deserialize)]
struct PermissionsBody {
    #[serde(default)]
    admin: bool,
    #[serde(default)]
    push: bool,
    #[serde(default)]
    pull: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct RepositoryBody {
    full_name: String,
    #[serde(default, deserialize_with = "or_default")]
    default_branch: String,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    empty: bool,
    #[serde(default, deserialize_with = "or_default")]
    permissions: PermissionsBody,
}

impl From<RepositoryBody> for Repository {
    fn from(body: RepositoryBody) -> Self {
        Self {
            full_name: body.full_name,
            default_branch: body.default_branch,
            archived: body.archived,
            empty: body.empty,
            can_read: body.permissions.pull,
            can_write: body.permissions.push,
            can_administer: body.permissions.admin,
        }
    }
}

/// Fails if there is no such repository, as far as the token may know.
pub(super) async fn exists(client: &Client, repository: &RepositoryName) -> Result<(), ForgeError> {
    client.send(&Request::get(Path::repository(repository))).await.map(|_| ())
}

#[derive(Debug, Deserialize)]
struct NamedRepository {
    full_name: String,
}

#[derive(Debug, Deserialize)]
struct SideBody {
    #[serde(rename = "ref")]
    name: String,
    sha: String,
    #[serde(default)]
    repo: Option<NamedRepository>,
}

#[derive(Debug, Deserialize)]
struct Login {
    login: String,
}

/// A commit of a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct CommitBody {
    sha: String,
}

impl CommitBody {
    /// Returns the ids on one page of commits.
    pub(super) fn shas(answer: &Answer) -> Result<(Vec<String>, Option<u64>), ForgeError> {
        let commits: Vec<Self> = answer.json()?;
        Ok((commits.into_iter().map(|commit| commit.sha).collect(), None))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct PullBody {
    pub(super) number: u64,
    #[serde(default, deserialize_with = "or_default")]
    title: String,
    state: String,
    #[serde(default)]
    draft: Option<bool>,
    #[serde(default)]
    merged: Option<bool>,
    #[serde(default)]
    merged_at: Option<String>,
    #[serde(default)]
    user: Option<Login>,
    #[serde(default, deserialize_with = "or_default")]
    html_url: String,
    head: SideBody,
    base: SideBody,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    updated_at: Option<String>,
    #[serde(default)]
    closed_at: Option<String>,
}

impl From<PullBody> for Pull {
    fn from(body: PullBody) -> Self {
        Self {
            number: body.number,
            title: body.title,
            head: body.head.sha,
            head_ref: body.head.name,
            head_repository: body.head.repo.map(|repository| repository.full_name),
            base_ref: body.base.name,
            state: if body.state == "open" { PullState::Open } else { PullState::Closed },
            // GitHub's lists have only the time
            merged: body.merged.unwrap_or(body.merged_at.is_some()),
            draft: body.draft.unwrap_or_default(),
            author: body.user.map(|user| user.login).unwrap_or_default(),
            url: body.html_url,
            created: time(body.created_at.as_deref()),
            updated: time(body.updated_at.as_deref()),
            closed: time(body.closed_at.as_deref()),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CommentBody {
    id: u64,
    #[serde(default)]
    user: Option<Login>,
    #[serde(default, deserialize_with = "or_default")]
    body: String,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    updated_at: Option<String>,
}

impl From<CommentBody> for Comment {
    fn from(body: CommentBody) -> Self {
        Self {
            id: body.id,
            author: body.user.map(|user| user.login).unwrap_or_default(),
            body: body.body,
            created: time(body.created_at.as_deref()),
            updated: time(body.updated_at.as_deref()),
        }
    }
}
