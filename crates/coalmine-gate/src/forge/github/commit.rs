//! Commits of files to a new branch, and the end of branches.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::GitHub;
use crate::forge::{
    Commit, ErrorKind, FileChange, ForgeError, NewCommit, RepositoryName, client::Request,
    contents_body::file, files::contents, path::Path,
};

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
        change: &FileChange,
    ) -> Result<(), ForgeError> {
        let request = contents(repository, parent, &change.path);
        let root = contents(repository, parent, "");
        let found = file(&self.client, &request, &root).await?.map(|found| found.sha);
        if found == change.replaces {
            return Ok(());
        }
        let call = self.client.call(&request)?;
        let message = match found {
            Some(_) if change.replaces.is_none() => format!("the file `{}` exists", change.path),
            _ => format!("the file `{}` has changed", change.path),
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

/// Returns the entry of a tree, whose content has to be text.
fn entry(file: &FileChange, path: &Path, client: &crate::forge::client::Client) -> Result<Value, ForgeError> {
    let Ok(content) = std::str::from_utf8(&file.content) else {
        let call = client.call(&Request::write(Method::POST, path.clone(), None))?;
        let message = format!("the file `{}` is not text", file.path);
        return Err(ForgeError::new(call, ErrorKind::Unsupported, message));
    };
    Ok(json!({ "path": file.path, "mode": "100644", "type": "blob", "content": content }))
}
