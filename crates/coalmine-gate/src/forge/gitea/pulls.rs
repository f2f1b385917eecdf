//! Pull requests and their comments.

use reqwest::Method;
use serde_json::json;

use super::Gitea;
use crate::forge::{
    Comment, ErrorKind, ForgeError, NewPull, OpenedPull, Pull, PullFilter, PullState, RepositoryName,
    body::{CommentBody, CommitBody, PullBody},
    client::Request,
    path::Path,
};

/// How many open pull requests are searched for one that the forge says exists.
const MAX_SEARCHED: usize = 1000;

impl Gitea {
    pub(in crate::forge) async fn pull(
        &self,
        repository: &RepositoryName,
        number: u64,
    ) -> Result<Pull, ForgeError> {
        let path = Path::repository(repository).then("pulls").then(number);
        Ok(self.client.read::<PullBody>(&Request::get(path)).await?.into())
    }

    pub(in crate::forge) async fn pulls(
        &self,
        repository: &RepositoryName,
        filter: PullFilter,
        limit: usize,
    ) -> Result<Vec<Pull>, ForgeError> {
        let path = Path::repository(repository).then("pulls");
        let request = Request::get(path).query("state", filter.parameter());
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

    pub(in crate::forge) async fn pull_commits(
        &self,
        repository: &RepositoryName,
        number: u64,
    ) -> Result<Vec<String>, ForgeError> {
        let path = Path::repository(repository).then("pulls").then(number).then("commits");
        // what is left out is a head that nobody sees
        let listing = self.listing(Request::get(path), true);
        listing.read(CommitBody::shas, String::clone, |_| false).await
    }

    pub(in crate::forge) async fn comments(
        &self,
        repository: &RepositoryName,
        number: u64,
    ) -> Result<Vec<Comment>, ForgeError> {
        let path = Path::repository(repository).then("issues").then(number).then("comments");
        let comments = self
            .listing(Request::get(path), false)
            .read(
                |answer| {
                    let comments: Vec<CommentBody> = answer.json()?;
                    Ok((comments.into_iter().map(Comment::from).collect(), None))
                },
                |comment: &Comment| comment.id,
                |_| false,
            )
            .await?;
        Ok(comments)
    }

    pub(in crate::forge) async fn open_pull(
        &self,
        repository: &RepositoryName,
        new: &NewPull,
    ) -> Result<OpenedPull, ForgeError> {
        if let Some(pull) = self.find(repository, new).await? {
            return Ok(OpenedPull { pull, created: false });
        }
        let path = Path::repository(repository).then("pulls");
        let body = json!({ "head": new.head, "base": new.base, "title": new.title, "body": new.body });
        let opened = self.client.read::<PullBody>(&Request::write(Method::POST, path, Some(body))).await;
        match opened {
            Ok(opened) => Ok(OpenedPull { pull: self.pull(repository, opened.number).await?, created: true }),
            // somebody else was faster, or the forge finds only by other rules
            Err(error) if error.kind == ErrorKind::Conflict => {
                let open = self.pulls(repository, PullFilter::Open, MAX_SEARCHED).await?;
                let pull = open.into_iter().find(|pull| is_between(pull, repository, new)).ok_or(error)?;
                Ok(OpenedPull { pull, created: false })
            }
            Err(error) => Err(error),
        }
    }

    /// Finds the open pull request between two branches.
    async fn find(&self, repository: &RepositoryName, new: &NewPull) -> Result<Option<Pull>, ForgeError> {
        let path = Path::repository(repository).then("pulls").then(&new.base).below(&new.head);
        match self.client.read::<PullBody>(&Request::get(path)).await {
            Ok(body) => Ok(Some(Pull::from(body)).filter(|pull| is_between(pull, repository, new))),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(in crate::forge) async fn close_pull(
        &self,
        repository: &RepositoryName,
        number: u64,
    ) -> Result<Pull, ForgeError> {
        let pull = self.pull(repository, number).await?;
        if pull.state == PullState::Closed {
            return Ok(pull);
        }
        let path = Path::repository(repository).then("pulls").then(number);
        let request = Request::write(Method::PATCH, path, Some(json!({ "state": "closed" })));
        self.client.send(&request).await?;
        let pull = self.pull(repository, number).await?;
        if pull.state == PullState::Open {
            let message = "it was closed, but it is open again";
            return Err(ForgeError::new(self.client.call(&request)?, ErrorKind::Changed, message));
        }
        Ok(pull)
    }

    pub(in crate::forge) async fn create_comment(
        &self,
        repository: &RepositoryName,
        number: u64,
        body: &str,
    ) -> Result<Comment, ForgeError> {
        let path = Path::repository(repository).then("issues").then(number).then("comments");
        let request = Request::write(Method::POST, path, Some(json!({ "body": body })));
        Ok(self.client.read::<CommentBody>(&request).await?.into())
    }

    pub(in crate::forge) async fn edit_comment(
        &self,
        repository: &RepositoryName,
        id: u64,
        body: &str,
    ) -> Result<Comment, ForgeError> {
        let path = Path::repository(repository).then("issues").then("comments").then(id);
        let request = Request::write(Method::PATCH, path, Some(json!({ "body": body })));
        Ok(self.client.read::<CommentBody>(&request).await?.into())
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
