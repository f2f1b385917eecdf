//! Commits of files to a new branch, and the end of branches.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::Gitea;
use crate::forge::{
    Commit, ErrorKind, FileChange, ForgeError, NewCommit, RepositoryName, body::exists, client::Request,
    contents_body::encode, path::Path,
};

#[derive(Debug, Deserialize)]
struct CommitBody {
    sha: String,
}

#[derive(Debug, Deserialize)]
struct CommittedBody {
    commit: CommitBody,
}

impl Gitea {
    /// One call makes the branch and the commit, so there are both or none.
    pub(in crate::forge) async fn commit_files(
        &self,
        repository: &RepositoryName,
        commit: &NewCommit,
    ) -> Result<Commit, ForgeError> {
        let files: Vec<_> = commit.files.iter().map(operation).collect();
        let body = json!({
            "branch": commit.base,
            "new_branch": commit.branch,
            "message": commit.message,
            "files": files,
        });
        let path = Path::repository(repository).then("contents");
        let request = Request::write(Method::POST, path, Some(body));
        let made: CommittedBody = self.client.read(&request).await?;
        let head = self.branch(repository, &commit.branch).await.map_err(ForgeError::after_write)?;
        let head = head.map(|branch| branch.head);
        if head.as_ref() != Some(&made.commit.sha) {
            let message = "the commit was made, but the new branch does not end with it";
            return Err(ForgeError::new(self.client.call(&request)?, ErrorKind::Changed, message));
        }
        Ok(Commit { sha: made.commit.sha, branch: commit.branch.clone() })
    }

    pub(in crate::forge) async fn delete_branch(
        &self,
        repository: &RepositoryName,
        name: &str,
    ) -> Result<bool, ForgeError> {
        let path = Path::repository(repository).then("branches").below(name);
        let request = Request::write(Method::DELETE, path, None);
        match self.client.send(&request).await {
            Ok(_) if self.branch_body(repository, name).await?.is_some() => {
                let message = "the branch was deleted, but it is there again";
                Err(ForgeError::new(self.client.call(&request)?, ErrorKind::Changed, message))
            }
            Ok(_) => Ok(true),
            Err(error) if error.is_missing() => exists(&self.client, repository).await.map(|()| false),
            Err(error) => Err(error),
        }
    }
}

fn operation(file: &FileChange) -> serde_json::Value {
    let content = encode(&file.content);
    match &file.replaces {
        Some(sha) => json!({ "operation": "update", "path": file.path, "content": content, "sha": sha }),
        None => json!({ "operation": "create", "path": file.path, "content": content }),
    }
}
