//! Files and folders of a commit.

use super::{
    Api, Entry, File, Forge, ForgeError, RepositoryName,
    client::Request,
    contents_body::{file, folder},
    path::Path,
};

/// As many entries as GitHub lists; there can be more.
const MAX_LISTED: usize = 1000;

impl Forge {
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
        let request = contents(repository, reference, path);
        file(self.client(), &request, &contents(repository, reference, "")).await
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
        let request = contents(repository, reference, path);
        let max = if matches!(self.api, Api::GitHub(_)) { MAX_LISTED } else { usize::MAX };
        folder(self.client(), &request, &contents(repository, reference, ""), max).await
    }
}

/// Returns the request for a path of a commit; the empty path is the root.
pub(super) fn contents(repository: &RepositoryName, reference: &str, path: &str) -> Request {
    let root = Path::repository(repository).then("contents");
    let path = if path.is_empty() { root } else { root.below(path) };
    Request::get(path).query("ref", reference)
}
