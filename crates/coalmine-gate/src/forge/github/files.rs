//! Files of a repository.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::GitHub;
use crate::forge::{
    Commit, Entry, ErrorKind, File, FileChange, ForgeError, NewCommit, RepositoryName,
    body::{file, folder},
    client::Request,
    path::Path,
};

/// As many entries as GitHub lists; there can be more.
const MAX_ENTRIES: usize = 1000;

#[derive(Debug, Deserialize)]
struct ObjectBody {
    sha: String,
}

#[derive(Debug, Deserialize)]
struct ReferenceBody {
    object: ObjectBody,
}

#[derive(Debug, Deserialize)]
struct CommitBody {
    tree: ObjectBody,
}

impl GitHub {
    pub(in crate::forge) async fn read_file(
        &self,
        repository: &RepositoryName,
        reference: &str,
        path: &str,
    ) -> Result<Option<File>, ForgeError> {
        let request = contents(repository, reference, path);
        file(&self.client, &request, &contents(repository, reference, "")).await
    }

    pub(in crate::forge) async fn list_folder(
        &self,
        repository: &RepositoryName,
        reference: &str,
        path: &str,
    ) -> Result<Option<Vec<Entry>>, ForgeError> {
        let request = contents(repository, reference, path);
        folder(&self.client, &request, &contents(repository, reference, ""), MAX_ENTRIES).await
    }

    /// A tree, a commit and at last the branch: until then, nobody sees anything.
    pub(in crate::forge) async fn commit_files(
        &self,
        repository: &RepositoryName,
        commit: &NewCommit,
    ) -> Result<Commit, ForgeError> {
        let git = |kind: &str| Path::repository(repository).then("git").then(kind);
        let base = Request::get(git("ref").then("heads").below(&commit.base));
        let base: ReferenceBody = self.client.read(&base).await?;
        let parent = base.object.sha;
        for file in &commit.files {
            self.check_replaced(repository, &parent, file).await?;
        }
        let before: CommitBody = self.client.read(&Request::get(git("commits").then(&parent))).await?;
        let files = commit
            .files
            .iter()
            .map(|file| entry(file, &git("trees"), &self.client))
            .collect::<Result<Vec<_>, _>>()?;
        let body = json!({ "base_tree": before.tree.sha, "tree": files });
        let tree: ObjectBody = self.write(git("trees"), body).await?;
        let body = json!({ "message": commit.message, "tree": tree.sha, "parents": [parent] });
        let made: ObjectBody = self.write(git("commits"), body).await?;
        let body = json!({ "ref": format!("refs/heads/{}", commit.branch), "sha": made.sha });
        let reference: ReferenceBody = self.write(git("refs"), body).await?;
        if reference.object.sha != made.sha {
            let call = self.client.call(&Request::write(Method::POST, git("refs"), None))?;
            let message = "the commit was made, but the new branch does not end with it";
            return Err(ForgeError::new(call, ErrorKind::Changed, message));
        }
        Ok(Commit { sha: made.sha, branch: commit.branch.clone() })
    }

    /// Checks that a file is still the one to replace: a tree would replace any.
    async fn check_replaced(
        &self,
        repository: &RepositoryName,
        parent: &str,
        file: &FileChange,
    ) -> Result<(), ForgeError> {
        let found = self.read_file(repository, parent, &file.path).await?.map(|found| found.sha);
        if found == file.replaces {
            return Ok(());
        }
        let call = self.client.call(&contents(repository, parent, &file.path))?;
        let message = match found {
            Some(_) if file.replaces.is_none() => format!("the file `{}` exists", file.path),
            _ => format!("the file `{}` has changed", file.path),
        };
        Err(ForgeError::new(call, ErrorKind::Conflict, message))
    }

    async fn write<T: serde::de::DeserializeOwned>(&self, path: Path, body: Value) -> Result<T, ForgeError> {
        self.client.read(&Request::write(Method::POST, path, Some(body))).await
    }

    pub(in crate::forge) async fn delete_branch(
        &self,
        repository: &RepositoryName,
        name: &str,
    ) -> Result<bool, ForgeError> {
        if self.branch(repository, name).await?.is_none() {
            return Ok(false);
        }
        let path = Path::repository(repository).then("git").then("refs").then("heads").below(name);
        self.client.send(&Request::write(Method::DELETE, path, None)).await.map(|_| true)
    }
}

fn contents(repository: &RepositoryName, reference: &str, path: &str) -> Request {
    let root = Path::repository(repository).then("contents");
    let path = if path.is_empty() { root } else { root.below(path) };
    Request::get(path).query("ref", reference)
}

/// Returns the entry of a tree, whose content has to be text.
fn entry(file: &FileChange, path: &Path, client: &crate::forge::client::Client) -> Result<Value, ForgeError> {
    let Ok(content) = std::str::from_utf8(&file.content) else {
        let call = client.call(&Request::write(Method::POST, path.clone(), None))?;
        let message = format!("the file `{}` is not text", file.path);
        return Err(ForgeError::new(call, ErrorKind::Unsupported, message));
    };
    Ok(json!({ "path": file.path, "mode": "100644", "type": "blob", "content": content }))
}
