//! Files that a person wrote: TOML in which unknown keys are errors, and errors with their place in the file.

use std::ops::Range;

use serde::de::DeserializeOwned;

use super::{
    parse_error::{reword, visible},
    problem::{self, Problem},
};

/// A problem with a file that a person wrote, and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    /// The path of the file, as the user gave it.
    pub file: String,
    /// The whole text of the file.
    pub text: String,
    /// The place of the problem, as a range of bytes of `text`; `0..0` if it is unknown.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl SourceError {
    /// Returns an error about a file as a whole.
    pub(super) fn whole(file: &str, text: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), span: 0..0, message: message.into(), help: None }
    }

    /// Returns an error about a place in the text.
    pub(super) fn placed(file: &str, text: &str, problem: Problem) -> Self {
        let span = problem::span(text, &problem.path, &problem.needle);
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            span,
            message: problem.message,
            help: problem.help,
        }
    }

    /// Returns an error about the value at a path of keys and indexes, such as `build/context`.
    pub fn at(file: &str, text: &str, path: &str, message: impl Into<String>, help: &str) -> Self {
        Self::placed(file, text, Problem::at(path, message).help(help))
    }

    /// Returns the line and the column of the place, from 1. Columns count characters.
    pub fn position(&self) -> (usize, usize) {
        let before = self.text.get(..self.span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// Parses a TOML file. `file` only names it in errors.
///
/// # Errors
/// Returns the first problem with its place and, for a misspelled key, the most similar known one.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, SourceError> {
    toml::from_str(text).map_err(|error| {
        let span = error.span().map_or(0..0, |span| visible(text, span));
        let reworded = reword(error.message().trim(), &text[span.clone()]);
        SourceError {
            file: file.to_owned(),
            text: text.to_owned(),
            span,
            message: reworded.message,
            help: reworded.help,
        }
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[expect(dead_code, reason = "only its name matters")]
        contains: String,
    }

    #[test]
    fn misspelled_key_is_shown_with_a_suggestion() {
        let error = parse::<Thing>("x.toml", "# comment\ncontians = \"a\"\n").unwrap_err();
        assert_eq!(error.message, "unknown key `contians`");
        assert_eq!(error.position(), (2, 1));
        assert_eq!(error.help.as_deref(), Some("did you mean `contains`?"));
    }
}
