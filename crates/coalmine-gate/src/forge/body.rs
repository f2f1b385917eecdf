//! The bodies that both APIs have in common: Gitea's was made after GitHub's.

use base64::{
    Engine, alphabet,
    engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{
    client::{Answer, Client, Request},
    error::{ErrorKind, ForgeError},
    path::{Path, RepositoryName},
    types::{Comment, Entry, EntryKind, File, Pull, PullState, Repository, User, time},
};

const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new());

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

/// What `contents` answers about one path.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ContentsBody {
    Folder(Vec<EntryBody>),
    One(FileBody),
}

#[derive(Debug, Deserialize)]
struct EntryBody {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "or_default")]
    sha: String,
    #[serde(default, deserialize_with = "or_default")]
    size: u64,
}

#[derive(Debug, Deserialize)]
struct FileBody {
    #[serde(rename = "type")]
    kind: String,
    sha: String,
    #[serde(default, deserialize_with = "or_default")]
    size: u64,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    content: Option<String>,
}

/// Asks `contents` about a path. A commit without it is told apart from a repository or a branch that is
/// missing: both are 404, but the root of a commit is always there.
async fn contents(client: &Client, request: &Request, root: &Request) -> Result<Option<Answer>, ForgeError> {
    match client.send(request).await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_missing() => client.send(root).await.map(|_| None),
        Err(error) => Err(error),
    }
}

/// Reads a file.
pub(super) async fn file(
    client: &Client,
    request: &Request,
    root: &Request,
) -> Result<Option<File>, ForgeError> {
    let Some(answer) = contents(client, request, root).await? else { return Ok(None) };
    let body = match answer.json()? {
        ContentsBody::One(body) if body.kind == "file" => body,
        ContentsBody::One(body) => {
            return Err(answer.error(ErrorKind::NotAFile, format!("expected a file, found a {}", body.kind)));
        }
        ContentsBody::Folder(_) => {
            return Err(answer.error(ErrorKind::NotAFile, "expected a file, found a folder"));
        }
    };
    let limit = client.options.max_file;
    let too_large = || answer.error(ErrorKind::TooLarge, format!("the file is larger than {limit} bytes"));
    if usize::try_from(body.size).map_or(true, |size| size > limit) {
        return Err(too_large());
    }
    let unexpected = || answer.error(ErrorKind::Unexpected, "the file does not come as base64");
    let encoded =
        body.content.filter(|_| body.encoding.as_deref() == Some("base64")).ok_or_else(unexpected)?;
    let content = decode(&encoded).ok_or_else(unexpected)?;
    if content.len() > limit {
        return Err(too_large());
    }
    if content.len() as u64 != body.size {
        return Err(answer.error(ErrorKind::Unexpected, "the file is not as long as the forge says"));
    }
    Ok(Some(File { content, sha: body.sha }))
}

/// Reads a folder. GitHub lists no more than 1,000 entries, so a list of that length may lack some.
pub(super) async fn folder(
    client: &Client,
    request: &Request,
    root: &Request,
    max: usize,
) -> Result<Option<Vec<Entry>>, ForgeError> {
    let Some(answer) = contents(client, request, root).await? else { return Ok(None) };
    match answer.json()? {
        ContentsBody::One(body) => {
            Err(answer.error(ErrorKind::Unexpected, format!("expected a folder, found a {}", body.kind)))
        }
        ContentsBody::Folder(entries) if entries.len() >= max => {
            Err(answer.error(ErrorKind::TooLarge, format!("the folder has {max} entries or more")))
        }
        ContentsBody::Folder(entries) => Ok(Some(entries.into_iter().map(entry).collect())),
    }
}

fn entry(body: EntryBody) -> Entry {
    let kind = match body.kind.as_str() {
        "file" => EntryKind::File,
        "dir" => EntryKind::Folder,
        "symlink" => EntryKind::Symlink,
        "submodule" => EntryKind::Submodule,
        _ => EntryKind::Other(body.kind),
    };
    Entry { name: body.name, kind, sha: body.sha, size: body.size }
}

/// Decodes base64 with line ends, as GitHub sends it.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    BASE64.decode(text).ok()
}

/// Encodes a file.
pub(super) fn encode(content: &[u8]) -> String {
    BASE64.encode(content)
}
