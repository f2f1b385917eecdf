//! A canary and the file in which it stands, so that what is wrong among several can be shown in its place.

use super::{
    Canary, SourceError,
    canary::check::vacuity,
    problem::{self, Problem},
};

/// A canary and its file.
#[derive(Debug, Clone)]
pub struct LoadedCanary {
    /// The canary.
    pub canary: Canary,
    /// The file as the user named it.
    pub file: String,
    /// Whether it is compiled into the binary.
    pub(super) built_in: bool,
    text: String,
}

impl LoadedCanary {
    /// Reads a canary as [`Canary::read`] does, and looks whether it judges anything.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn read(file: &str, text: &str) -> Result<Self, SourceError> {
        let canary = Canary::read(file, text)?;
        vacuity::check(&canary).map_err(|wrong| SourceError::placed(file, text, wrong))?;
        Ok(Self { canary, file: file.to_owned(), built_in: false, text: text.to_owned() })
    }

    /// Reads one that is compiled into the binary, and that the tests have checked.
    ///
    /// # Errors
    /// As [`Canary::checked_before`].
    pub(super) fn compiled_in(file: &str, text: &str) -> Result<Self, SourceError> {
        let canary = Canary::checked_before(file, text)?;
        Ok(Self { canary, file: file.to_owned(), built_in: true, text: text.to_owned() })
    }

    /// Whether it is compiled into the binary, from a file with the text of this one.
    pub fn is_built_in_as(&self, file: &Self) -> bool {
        self.built_in && self.text == file.text
    }

    /// What stands at a path of the file, to the letter.
    pub(super) fn literal(&self, path: &str) -> &str {
        self.text.get(problem::span(&self.text, path, "")).unwrap_or_default()
    }

    /// Something wrong with it.
    pub(super) fn wrong(&self, wrong: Problem) -> SourceError {
        SourceError::placed(&self.file, &self.text, wrong)
    }
}
