//! The questions of the gate.

use jiff::Timestamp;

use super::{
    Api, Branch, ErrorKind, Forge, ForgeError, ProvenRuns, Repository, RepositoryName, RequiredContext,
    Statuses, User, Version, ask,
    body::{RepositoryBody, UserBody},
    capabilities::{Capability, Support},
    client::Request,
    context::escape,
    path::Path,
};

impl Forge {
    /// Returns the version of the forge, which is asked once.
    ///
    /// # Errors
    /// The forge does not answer. A server that does not know this question is not a forge, or the forge has another address.
    pub async fn version(&self) -> Result<&Version, ForgeError> {
        let version = self.version.get_or_try_init(|| async { ask!(self, api => api.version()) }).await;
        version.map_err(|error| match error.kind {
            ErrorKind::Missing | ErrorKind::Unsupported => {
                ForgeError { kind: ErrorKind::Unexpected, ..error }
            }
            _ => error,
        })
    }

    /// Returns the user whose token this is. The token of a job of GitHub's Actions does not belong to a user.
    ///
    /// # Errors
    /// The forge does not answer, or knows no such token.
    pub async fn whoami(&self) -> Result<User, ForgeError> {
        let body: UserBody = self.client().read(&Request::get(Path::default().then("user"))).await?;
        Ok(body.into())
    }

    /// Returns a repository.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such repository for this token.
    pub async fn repository(&self, name: &RepositoryName) -> Result<Repository, ForgeError> {
        let body: RepositoryBody = self.client().read(&Request::get(Path::repository(name))).await?;
        Ok(body.into())
    }

    /// Returns a branch, or `None` if the repository has no such branch. No admin's token is needed.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such repository.
    pub async fn branch(
        &self,
        repository: &RepositoryName,
        name: &str,
    ) -> Result<Option<Branch>, ForgeError> {
        ask!(self, api => api.branch(repository, name))
    }

    /// Returns all statuses of a commit, GitHub's check runs included. They are read to the last page, because
    /// what a forge combines itself counts single pages.
    ///
    /// # Errors
    /// The forge does not answer, `sha` is not the whole id of a commit, or the list keeps changing.
    pub async fn statuses(&self, repository: &RepositoryName, sha: &str) -> Result<Statuses, ForgeError> {
        ask!(self, api => api.statuses(repository, sha))
    }

    /// Returns the runs for some commits that the forge itself lists. On Gitea, one list holds those of the whole
    /// repository: it is read from the newest back to `since`, and those for other commits are returned too. Only
    /// they show a head that a force push replaced.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such repository.
    pub async fn proven_runs(
        &self,
        repository: &RepositoryName,
        heads: &[&str],
        since: Option<Timestamp>,
    ) -> Result<ProvenRuns, ForgeError> {
        let support = self.version().await?.capabilities().support(Capability::ProvenRuns);
        if let Support::No(_) = support {
            return Ok(ProvenRuns::NotAvailable);
        }
        ask!(self, api => api.proven_runs(repository, heads, since))
    }

    /// Returns the entry of a protection that requires one context, in the forge's spelling: globs are escaped
    /// where entries are globs.
    pub fn required_context(&self, context: &str) -> RequiredContext {
        match &self.api {
            Api::Gitea(_) => RequiredContext::glob(escape(context)),
            Api::GitHub(_) => RequiredContext::name(context, None),
        }
    }
}
