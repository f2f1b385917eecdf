//! The version of the server.

use serde::Deserialize;

use super::GitHub;
use crate::forge::{ForgeError, Version, client::Request, path::Path};

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
}
