//! A canary together with its file, so that conflicts between canaries can be shown in place.

use super::{
    Canary, SourceError,
    canary::check::vacuity,
    problem::{self, Problem},
};

/// A canary and the file that it was read from.
#[derive(Debug, Clone)]
pub struct LoadedCanary {
    /// The canary.
    pub canary: Canary,
    /// The path of the file, as the user gave it.
    pub file: String,
    /// Whether the canary is compiled into the binary.
    pub(super) built_in: bool,
    text: String,
}

impl LoadedCanary {
    /// Reads a canary as [`Canary::read`] does, and checks that it can fail.
    ///
    /// # Errors
    /// Returns the first problem, with its place in the file.
    pub fn read(file: &str, text: &str) -> Result<Self, SourceError> {
        let canary = Canary::read(file, text)?;
        vacuity::check(&canary).map_err(|problem| SourceError::placed(file, text, problem))?;
        Ok(Self { canary, file: file.to_owned(), built_in: false, text: text.to_owned() })
    }

    /// Reads a canary that is compiled into the binary, and that the tests have checked.
    ///
    /// # Errors
    /// Fails as [`Canary::read_unchecked`] does.
    pub(super) fn compiled_in(file: &str, text: &str) -> Result<Self, SourceError> {
        let canary = Canary::read_unchecked(file, text)?;
        Ok(Self { canary, file: file.to_owned(), built_in: true, text: text.to_owned() })
    }

    /// Returns the text of the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether this canary is compiled into the binary from the same text as `other`.
    pub fn is_built_in_as(&self, other: &Self) -> bool {
        self.built_in && self.text == other.text
    }

    /// Returns the text at a path of the file, as it is written there.
    pub(super) fn literal(&self, path: &str) -> &str {
        self.text.get(problem::span(&self.text, path, "")).unwrap_or_default()
    }

    /// Returns a problem of this canary as an error with its place in the file.
    pub(super) fn error(&self, problem: Problem) -> SourceError {
        SourceError::placed(&self.file, &self.text, problem)
    }
}
