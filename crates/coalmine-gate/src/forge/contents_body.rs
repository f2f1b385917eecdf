//! Files and folders, as both APIs send them.

use base64::{
    Engine, alphabet,
    engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;

use super::{
    body::or_default,
    client::{Answer, Client, Request},
    error::{ErrorKind, ForgeError},
    types::{Entry, EntryKind, File},
};

const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new());

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

/// Asks `contents` about a path. A commit without it is distinguished from a repository or a branch that
/// is missing: both are 404, but the root of a commit is always there.
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
