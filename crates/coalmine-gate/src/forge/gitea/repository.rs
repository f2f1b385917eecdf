//! The server and branches.

use serde::Deserialize;

use super::Gitea;
use crate::forge::{
    Branch, ForgeError, RepositoryName, RequiredContext, Version,
    body::{exists, or_default},
    client::Request,
    path::Path,
};

#[derive(Debug, Deserialize)]
struct VersionBody {
    version: String,
}

#[derive(Debug, Deserialize)]
struct CommitBody {
    id: String,
}

/// A branch as any reader sees it.
#[derive(Debug, Deserialize)]
pub(super) struct BranchBody {
    name: String,
    commit: CommitBody,
    #[serde(default)]
    pub(super) protected: bool,
    #[serde(default)]
    enable_status_check: bool,
    #[serde(default, deserialize_with = "or_default")]
    status_check_contexts: Vec<String>,
    /// The rule that applies, which only a repository admin sees.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) effective_branch_protection_name: String,
}

impl Gitea {
    pub(in crate::forge) async fn version(&self) -> Result<Version, ForgeError> {
        let body: VersionBody = self.client.read(&Request::get(Path::default().then("version"))).await?;
        Ok(Version::gitea(&body.version))
    }

    pub(in crate::forge) async fn branch(
        &self,
        repository: &RepositoryName,
        name: &str,
    ) -> Result<Option<Branch>, ForgeError> {
        Ok(self.branch_body(repository, name).await?.map(|body| Branch {
            name: body.name,
            head: body.commit.id,
            protected: body.protected,
            enforced: body.protected && body.enable_status_check,
            contexts: body.status_check_contexts.into_iter().map(RequiredContext::glob).collect(),
        }))
    }

    /// Reads a branch. A missing one is distinguished from a missing repository.
    pub(super) async fn branch_body(
        &self,
        repository: &RepositoryName,
        name: &str,
    ) -> Result<Option<BranchBody>, ForgeError> {
        let request = Request::get(Path::repository(repository).then("branches").below(name));
        match self.client.read(&request).await {
            Ok(body) => Ok(Some(body)),
            Err(error) if error.is_missing() => exists(&self.client, repository).await.map(|()| None),
            Err(error) => Err(error),
        }
    }
}
