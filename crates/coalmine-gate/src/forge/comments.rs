//! Comments on pull requests. Of a comment that is written, the answer says what is stored.

use reqwest::Method;
use serde_json::json;

use super::{Comment, Forge, ForgeError, RepositoryName, body::CommentBody, client::Request, path::Path};

impl Forge {
    /// Returns the comments on a pull request, the oldest first.
    ///
    /// # Errors
    /// The forge does not answer, or there is no such pull request.
    pub async fn comments(
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

    /// Writes a comment on a pull request.
    ///
    /// # Errors
    /// The forge does not answer or refuses.
    pub async fn create_comment(
        &self,
        repository: &RepositoryName,
        number: u64,
        body: &str,
    ) -> Result<Comment, ForgeError> {
        let path = Path::repository(repository).then("issues").then(number).then("comments");
        self.write_comment(Method::POST, path, body).await
    }

    /// Replaces the text of a comment. A forge lets anybody with write access edit anybody's, so look at its author
    /// first.
    ///
    /// # Errors
    /// The forge does not answer or refuses.
    pub async fn edit_comment(
        &self,
        repository: &RepositoryName,
        id: u64,
        body: &str,
    ) -> Result<Comment, ForgeError> {
        let path = Path::repository(repository).then("issues").then("comments").then(id);
        self.write_comment(Method::PATCH, path, body).await
    }

    async fn write_comment(&self, method: Method, path: Path, body: &str) -> Result<Comment, ForgeError> {
        let request = Request::write(method, path, Some(json!({ "body": body })));
        Ok(self.client().read::<CommentBody>(&request).await?.into())
    }
}
