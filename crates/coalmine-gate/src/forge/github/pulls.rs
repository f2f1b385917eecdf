//! Pull requests and their comments.

use reqwest::Method;
use serde_json::json;

use super::GitHub;
use crate::forge::{
    Comment, ErrorKind, ForgeError, NewPull, OpenedPull, Pull, PullFilter, PullState, RepositoryName,
    body::{CommentBody, CommitBody, PullBody},
    client::Request,
    path::Path,
};

impl GitHub {
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
        let request = Request::get(path)
            .query("state", filter.parameter())
            .query("sort", "created")
            .query("direction", "desc");
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
        let listing = self.listing(Request::get(path), true);
        listing.read(CommitBody::shas, String::clone, |_| false).await
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
        match self.client.read::<PullBody>(&Request::write(Method::POST, path, Some(body))).await {
            Ok(opened) => Ok(OpenedPull { pull: self.pull(repository, opened.number).await?, created: true }),
            // 422 also means that there is one already
            Err(error) if error.kind == ErrorKind::Refused => {
                let pull = self.find(repository, new).await?.ok_or(error)?;
                Ok(OpenedPull { pull, created: false })
            }
            Err(error) => Err(error),
        }
    }

    /// Finds the open pull request between two branches.
    async fn find(&self, repository: &RepositoryName, new: &NewPull) -> Result<Option<Pull>, ForgeError> {
        let path = Path::repository(repository).then("pulls");
        let request = Request::get(path)
            .query("state", "open")
            .query("head", format!("{}:{}", repository.owner(), new.head))
            .query("base", &new.base);
        let pulls: Vec<PullBody> = self.client.read(&request).await?;
        let is_it = |pull: &Pull| {
            pull.state == PullState::Open && pull.head_ref == new.head && pull.base_ref == new.base
        };
        Ok(pulls.into_iter().map(Pull::from).find(is_it))
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

    pub(in crate::forge) async fn comments(
        &self,
        repository: &RepositoryName,
        number: u64,
    ) -> Result<Vec<Comment>, ForgeError> {
        let path = Path::repository(repository).then("issues").then(number).then("comments");
        self.listing(Request::get(path), false)
            .read(
                |answer| {
                    let comments: Vec<CommentBody> = answer.json()?;
                    Ok((comments.into_iter().map(Comment::from).collect(), None))
                },
                |comment: &Comment| comment.id,
                |_| false,
            )
            .await
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
