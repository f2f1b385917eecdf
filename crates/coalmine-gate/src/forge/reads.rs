//! The questions of the gate.

use jiff::Timestamp;

use super::{
    Api, Branch, Comment, Entry, ErrorKind, File, Forge, ForgeError, Protection, ProvenRuns, Pull,
    PullFilter, Repository, RepositoryName, RequiredContext, Statuses, User, Version,
    capabilities::{Capability, Support},
    context::escape,
};

/// Asks the API in use.
macro_rules! ask {
    ($self:ident, $api:ident => $call:expr) => {
        match &$self.api {
            Api::Gitea($api) => $call.await,
            Api::GitHub($api) => $call.await,
        }
    };
}

impl Forge {
    /// Returns the version of the forge, which is asked once.
    ///
    /// # Errors
    /// The forge does not answer. A server that does not know the question is none, or is one at another address.
    pub async fn version(&self) -> Result<&Version, ForgeError> {
        let version = self.version.get_or_try_init(|| async { ask!(self, api => api.version()) }).await;
        version.map_err(|error| match error.kind {
            ErrorKind::Missing | ErrorKind::Unsupported => {
                ForgeError { kind: ErrorKind::Unexpected, ..error }
            }
            _ => error,
        })
    }

    /// Returns the user whose token this is. The token of a job of GitHub's Actions is no user's.
    ///
    /// # Errors
    /// The forge does not answer, or knows no such token.
    pub async fn whoami(&self) -> Result<User, ForgeError> {
        ask!(self, api => api.whoami())
    }

    /// Returns a repository.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such repository for this token.
    pub async fn repository(&self, name: &RepositoryName) -> Result<Repository, ForgeError> {
        ask!(self, api => api.repository(name))
    }

    /// Returns a file of a branch or a commit, or `None` if the commit has no such file.
    ///
    /// # Errors
    /// The forge does not answer; there is no such repository or branch; the path is not a file, or it is
    /// larger than [`Options::max_file`](super::Options::max_file).
    pub async fn read_file(
        &self,
        repository: &RepositoryName,
        reference: &str,
        path: &str,
    ) -> Result<Option<File>, ForgeError> {
        ask!(self, api => api.read_file(repository, reference, path))
    }

    /// Returns the entries of a folder of a branch or a commit, or `None` if the commit has no such folder.
    /// The empty path is the root.
    ///
    /// # Errors
    /// The forge does not answer; there is no such repository or branch; the path is not a folder.
    pub async fn list_folder(
        &self,
        repository: &RepositoryName,
        reference: &str,
        path: &str,
    ) -> Result<Option<Vec<Entry>>, ForgeError> {
        ask!(self, api => api.list_folder(repository, reference, path))
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

    /// Returns the protection of a branch, or `None` if it has none. A repository admin's token is needed.
    ///
    /// # Errors
    /// The forge does not answer, the token may not read protections, or there is no such branch.
    pub async fn protection(
        &self,
        repository: &RepositoryName,
        branch: &str,
    ) -> Result<Option<Protection>, ForgeError> {
        let version = self.version().await?;
        ask!(self, api => api.protection(version, repository, branch))
    }

    /// Returns the newest pull requests, the newest first.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such repository.
    pub async fn pulls(
        &self,
        repository: &RepositoryName,
        filter: PullFilter,
        limit: usize,
    ) -> Result<Vec<Pull>, ForgeError> {
        ask!(self, api => api.pulls(repository, filter, limit))
    }

    /// Returns one pull request.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such pull request.
    pub async fn pull(&self, repository: &RepositoryName, number: u64) -> Result<Pull, ForgeError> {
        ask!(self, api => api.pull(repository, number))
    }

    /// Returns the commits of a pull request, in no particular order. Those that a force push removed are not among them.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such pull request.
    pub async fn pull_commits(
        &self,
        repository: &RepositoryName,
        number: u64,
    ) -> Result<Vec<String>, ForgeError> {
        ask!(self, api => api.pull_commits(repository, number))
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

    /// Returns the comments on a pull request, the oldest first.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such pull request.
    pub async fn comments(
        &self,
        repository: &RepositoryName,
        number: u64,
    ) -> Result<Vec<Comment>, ForgeError> {
        ask!(self, api => api.comments(repository, number))
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
