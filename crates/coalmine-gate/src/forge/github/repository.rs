//! The server, the user and repositories.

use serde::Deserialize;

use super::GitHub;
use crate::forge::{
    ForgeError, Repository, RepositoryName, User, Version,
    body::{RepositoryBody, UserBody},
    client::Request,
    path::Path,
};

#[derive(Debug, Deserialize)]
struct MetaBody {
    #[serde(default)]
    installed_version: Option<String>,
}

impl GitHub {
    pub(in crate::forge) async fn version(&self) -> Result<Version, ForgeError> {
        let body: MetaBody = self.client.read(&Request::get(Path::default().then("meta"))).await?;
        Ok(Version::github(body.installed_version.as_deref()))
    }

    pub(in crate::forge) async fn whoami(&self) -> Result<User, ForgeError> {
        let body: UserBody = self.client.read(&Request::get(Path::default().then("user"))).await?;
        Ok(body.into())
    }

    pub(in crate::forge) async fn repository(
        &self,
        repository: &RepositoryName,
    ) -> Result<Repository, ForgeError> {
        let body: RepositoryBody = self.client.read(&Request::get(Path::repository(repository))).await?;
        Ok(body.into())
    }
}
