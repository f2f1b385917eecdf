//! Pull requests.

use reqwest::Method;
use serde_json::json;

use super::{
    Api, ErrorKind, Forge, ForgeError, NewPull, OpenedPull, Pull, PullFilter, PullState, RepositoryName,
    body::{CommitBody, PullBody},
    client::Request,
    path::Path,
};

/// How many open pull requests are searched for one that the forge says exists.
const MAX_SEARCHED: usize = 1000;

impl Forge {
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
        let path = Path::repository(repository).then("pulls");
        let mut request = Request::get(path).query("state", filter.parameter());
        if matches!(self.api, Api::GitHub(_)) {
            request = request.query("sort", "created").query("direction", "desc");
        }
        let pulls = self
            .listing(request, false)
            .read(
                |answer| Ok((answer.json::<Vec<PullBody>>()?, None)),
                |pull| pull.number,
                |all| all.len() >= limit,
            )
            .await?;
        Ok(pulls.into_iter().rev().take(limit).map(Pull::from).collect())
    }

    /// Returns one pull request.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such pull request.
    pub async fn pull(&self, repository: &RepositoryName, number: u64) -> Result<Pull, ForgeError> {
        let path = Path::repository(repository).then("pulls").then(number);
        Ok(self.client().read::<PullBody>(&Request::get(path)).await?.into())
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
        let path = Path::repository(repository).then("pulls").then(number).then("commits");
        // what is left out is a head that nobody sees
        let listing = self.listing(Request::get(path), true);
        listing.read(CommitBody::shas, String::clone, |_| false).await
    }

    /// Opens a pull request, unless one between the same branches is open already.
    ///
    /// # Errors
    /// The forge does not answer or refuses.
    pub async fn open_pull(
        &self,
        repository: &RepositoryName,
        pull: &NewPull,
    ) -> Result<OpenedPull, ForgeError> {
        if let Some(pull) = self.find_pull(repository, pull).await? {
            return Ok(OpenedPull { pull, created: false });
        }
        let path = Path::repository(repository).then("pulls");
        let body = json!({ "head": pull.head, "base": pull.base, "title": pull.title, "body": pull.body });
        match self.client().read::<PullBody>(&Request::write(Method::POST, path, Some(body))).await {
            Ok(opened) => Ok(OpenedPull { pull: self.pull(repository, opened.number).await?, created: true }),
            // somebody else was faster, or the forge finds only by other rules
            Err(error) if matches!(error.kind, ErrorKind::Conflict | ErrorKind::Refused) => {
                let mut open = self.pulls(repository, PullFilter::Open, MAX_SEARCHED).await?.into_iter();
                let pull = open.find(|found| is_between(found, repository, pull)).ok_or(error)?;
                Ok(OpenedPull { pull, created: false })
            }
            Err(error) => Err(error),
        }
    }

    /// Closes a pull request without merging it. One that is closed or merged already stays as it is.
    ///
    /// # Errors
    /// The forge does not answer or refuses.
    pub async fn close_pull(&self, repository: &RepositoryName, number: u64) -> Result<Pull, ForgeError> {
        let pull = self.pull(repository, number).await?;
        if pull.state == PullState::Closed {
            return Ok(pull);
        }
        let path = Path::repository(repository).then("pulls").then(number);
        let request = Request::write(Method::PATCH, path, Some(json!({ "state": "closed" })));
        self.client().send(&request).await?;
        let pull = self.pull(repository, number).await?;
        if pull.state == PullState::Open {
            let message = "it was closed, but it is open again";
            return Err(ForgeError::new(self.client().call(&request)?, ErrorKind::Changed, message));
        }
        Ok(pull)
    }

    /// Finds the open pull request between two branches.
    async fn find_pull(
        &self,
        repository: &RepositoryName,
        new: &NewPull,
    ) -> Result<Option<Pull>, ForgeError> {
        let path = Path::repository(repository).then("pulls");
        let found: Vec<PullBody> = match &self.api {
            Api::Gitea(_) => {
                let request = Request::get(path.then(&new.base).below(&new.head));
                match self.client().read(&request).await {
                    Ok(body) => vec![body],
                    Err(error) if error.is_missing() => vec![],
                    Err(error) => return Err(error),
                }
            }
            Api::GitHub(_) => {
                let head = format!("{}:{}", repository.owner(), new.head);
                let request = Request::get(path).query("state", "open").query("head", head);
                self.client().read(&request.query("base", &new.base)).await?
            }
        };
        Ok(found.into_iter().map(Pull::from).find(|pull| is_between(pull, repository, new)))
    }
}

/// Returns whether an open pull request goes from one branch of the repository to another.
fn is_between(pull: &Pull, repository: &RepositoryName, new: &NewPull) -> bool {
    let own = repository.to_string();
    pull.state == PullState::Open
        && pull.head_ref == new.head
        && pull.base_ref == new.base
        && pull.head_repository.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&own))
}
