//! What the gate writes. No write is ever tried twice, and each is read back; of a comment, the answer says what is
//! stored.

use super::{
    Api, Call, Comment, Commit, ErrorKind, Forge, ForgeError, NewCommit, NewPull, OpenedPull, Protection,
    ProtectionChange, ProtectionWrite, Pull, RepositoryName, path::Path,
};

macro_rules! ask {
    ($self:ident, $api:ident => $call:expr) => {
        match &$self.api {
            Api::Gitea($api) => $call.await,
            Api::GitHub($api) => $call.await,
        }
    };
}

impl Forge {
    /// Changes the required contexts of a branch and nothing else of its protection, and reads it back. `seen` is
    /// what the decision was made from: the protection is read again right before the write, and nothing is
    /// written if it is another one by now. A forge has no lock, so a change by somebody else between this
    /// reading and the write can be overwritten if it is about contexts; one that is about other fields is
    /// found when the protection is read back.
    ///
    /// # Errors
    /// The forge does not answer or refuses; [`ErrorKind::Changed`](super::ErrorKind::Changed) if somebody else
    /// changed the protection meanwhile, or if what was read back is not what was written.
    pub async fn change_protection(
        &self,
        repository: &RepositoryName,
        branch: &str,
        seen: Option<&Protection>,
        change: &ProtectionChange,
    ) -> Result<ProtectionWrite, ForgeError> {
        let version = self.version().await?;
        ask!(self, api => api.change_protection(version, repository, branch, seen, change))
    }

    /// Commits files to a new branch. Nothing is left if the forge refuses.
    ///
    /// # Errors
    /// The forge does not answer or refuses: the branch exists, a file that is to be created exists, or one that
    /// is to be replaced is another one by now.
    pub async fn commit_files(
        &self,
        repository: &RepositoryName,
        commit: &NewCommit,
    ) -> Result<Commit, ForgeError> {
        check(commit)?;
        ask!(self, api => api.commit_files(repository, commit))
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
        ask!(self, api => api.open_pull(repository, pull))
    }

    /// Closes a pull request without merging it. One that is closed or merged already stays as it is.
    ///
    /// # Errors
    /// The forge does not answer or refuses.
    pub async fn close_pull(&self, repository: &RepositoryName, number: u64) -> Result<Pull, ForgeError> {
        ask!(self, api => api.close_pull(repository, number))
    }

    /// Deletes a branch. Returns whether there was one.
    ///
    /// # Errors
    /// The forge does not answer or refuses.
    pub async fn delete_branch(&self, repository: &RepositoryName, name: &str) -> Result<bool, ForgeError> {
        ask!(self, api => api.delete_branch(repository, name))
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
        ask!(self, api => api.create_comment(repository, number, body))
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
        ask!(self, api => api.edit_comment(repository, id, body))
    }
}

/// Refuses a commit that cannot be meant. Gitea would commit to the base if the new branch had its name.
fn check(commit: &NewCommit) -> Result<(), ForgeError> {
    let call = || Call { method: "POST".to_owned(), path: "contents".to_owned() };
    let invalid = |message: &str| Err(ForgeError::new(call(), ErrorKind::Invalid, message));
    Path::default().below(&commit.branch).segments("POST")?;
    for file in &commit.files {
        Path::default().below(&file.path).segments("POST")?;
    }
    if commit.branch == commit.base {
        return invalid("a commit goes to a new branch, not to its base");
    }
    if commit.files.is_empty() {
        return invalid("a commit needs a file");
    }
    Ok(())
}
