//! The names of an image that do not move.

use bollard::errors::Error;

use super::connect;
use crate::deploy::{HostEnvironment, TargetError};

/// The digests under which an engine knows an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDigests {
    /// The id, `sha256:…`.
    pub id: String,
    /// The digests of its manifests, as `repository@sha256:…`; none if the image was built here and never pushed.
    pub manifests: Vec<String>,
}

/// Asks the engine for the digests of an image, by its name or its id. `None` if the engine has no such image.
///
/// # Errors
/// Fails if no engine answers.
pub async fn image_digests(host: &HostEnvironment, image: &str) -> Result<Option<ImageDigests>, TargetError> {
    let engine = connect(&host.engine_addresses()).await?;
    match engine.inspect_image(image).await {
        Ok(found) => {
            let id = with_algorithm(found.id.unwrap_or_default());
            Ok(Some(ImageDigests { id, manifests: found.repo_digests.unwrap_or_default() }))
        }
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        Err(error) => Err(TargetError::engine("inspect the image")(error)),
    }
}

/// Some engines write the id without its algorithm.
fn with_algorithm(id: String) -> String {
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        format!("sha256:{id}")
    } else {
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_names_its_algorithm() {
        let digits = "0f".repeat(32);
        assert_eq!(with_algorithm(digits.clone()), format!("sha256:{digits}"));
        assert_eq!(with_algorithm(format!("sha256:{digits}")), format!("sha256:{digits}"));
        assert_eq!(with_algorithm(String::new()), "");
    }
}
