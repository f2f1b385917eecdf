//! Names that become parts of a URL: validated, and encoded by segment.

use std::{
    fmt::{Display, Formatter, Result as Formatted},
    str::FromStr,
};

use super::error::{Call, ErrorKind, ForgeError};

/// The longest segment of a path, in bytes.
const MAX_SEGMENT: usize = 1024;

/// A repository's owner and name, such as `acme/hermes`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryName {
    owner: String,
    name: String,
}

impl RepositoryName {
    /// Returns the owner's login.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Returns the name without the owner.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Display for RepositoryName {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Formatted {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

/// The text is not a repository's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid repository `{0}`: expected an owner and a name, such as `acme/hermes`")]
pub struct InvalidRepositoryName(String);

impl FromStr for RepositoryName {
    type Err = InvalidRepositoryName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').filter(|(owner, name)| is_name(owner) && is_name(name));
        let (owner, name) = parts.ok_or_else(|| InvalidRepositoryName(text.to_owned()))?;
        Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=100).contains(&text.len()) && text.bytes().all(allowed) && text != "." && text != ".."
}

/// The path of a call under the API's root, as segments that are not yet encoded.
#[derive(Debug, Clone, Default)]
pub(super) struct Path(Vec<String>);

impl Path {
    /// Returns the path of a repository.
    pub(super) fn repository(repository: &RepositoryName) -> Self {
        Self(vec!["repos".to_owned(), repository.owner.clone(), repository.name.clone()])
    }

    /// Adds one segment; a slash in it is encoded.
    pub(super) fn then(mut self, segment: impl Display) -> Self {
        self.0.push(segment.to_string());
        self
    }

    /// Adds a path; its slashes stay.
    pub(super) fn below(mut self, path: &str) -> Self {
        self.0.extend(path.split('/').map(str::to_owned));
        self
    }

    /// Returns the segments, once all of them can stand in a URL as they are meant.
    ///
    /// # Errors
    /// A segment that is empty, that a URL would resolve (`.`, `..`), that contains control characters, or that
    /// is very long.
    pub(super) fn segments(&self, method: &str) -> Result<&[String], ForgeError> {
        let is_bad = |segment: &&String| {
            segment.is_empty()
                || segment.len() > MAX_SEGMENT
                || *segment == "."
                || *segment == ".."
                || segment.chars().any(char::is_control)
        };
        let Some(bad) = self.0.iter().find(is_bad) else { return Ok(&self.0) };
        let call = Call { method: method.to_owned(), path: self.0.join("/") };
        Err(ForgeError::new(call, ErrorKind::Invalid, format!("invalid name `{bad}` in a path")))
    }
}

/// Returns the path that asks about a commit.
///
/// # Errors
/// The text is not the id of a commit: a branch name there would be answered for another commit later.
pub(super) fn commit_id(sha: &str) -> Result<&str, ForgeError> {
    let is_id = (sha.len() == 40 || sha.len() == 64) && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    let call = || Call { method: "GET".to_owned(), path: "commits".to_owned() };
    is_id.then_some(sha).ok_or_else(|| {
        ForgeError::new(call(), ErrorKind::Invalid, format!("invalid commit `{sha}`: expected its whole id"))
    })
}
