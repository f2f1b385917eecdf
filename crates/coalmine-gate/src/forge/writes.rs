//! Commits of files to a new branch, and the end of branches. No write is ever tried twice, and each is read back.

use super::{Call, Commit, ErrorKind, Forge, ForgeError, NewCommit, RepositoryName, ask, path::Path};

impl Forge {
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

    /// Deletes a branch. Returns whether there was one.
    ///
    /// # Errors
    /// The forge does not answer or refuses.
    pub async fn delete_branch(&self, repository: &RepositoryName, name: &str) -> Result<bool, ForgeError> {
        ask!(self, api => api.delete_branch(repository, name))
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
