//! Files that a person wrote: TOML, unknown keys refused, with the place and the nearest known key.

use std::ops::Range;

use serde::de::DeserializeOwned;

use super::{
    explain::{explain, visible},
    problem::{self, Problem},
};

/// What is wrong with a file that a person wrote, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    /// The file as the user named it.
    pub file: String,
    /// Its whole text.
    pub text: String,
    /// Bytes of `text` that are meant; empty at 0 where no place is known.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl SourceError {
    /// An error about a file as a whole.
    pub(super) fn whole(file: &str, text: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), span: 0..0, message: message.into(), help: None }
    }

    /// An error about a place in the text.
    pub(super) fn placed(file: &str, text: &str, wrong: Problem) -> Self {
        let span = problem::span(text, &wrong.path, &wrong.needle);
        Self { file: file.to_owned(), text: text.to_owned(), span, message: wrong.message, help: wrong.help }
    }

    /// Line and column of the place, from 1; columns count characters.
    pub fn position(&self) -> (usize, usize) {
        let before = self.text.get(..self.span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// Parses a TOML file.
///
/// # Errors
/// The first thing that is wrong with it, with the place and, for a misspelt key, the nearest known one.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, SourceError> {
    toml::from_str(text).map_err(|error| {
        let span = error.span().map_or(0..0, |span| visible(text, span));
        let (message, help) = explain(error.message().trim(), &text[span.clone()]);
        SourceError { file: file.to_owned(), text: text.to_owned(), span, message, help }
    })
}

/// The known name that is nearest to a misspelt one, if any is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|k| (strsim::normalized_damerau_levenshtein(name, k), k));
    // a name that only lacks its beginning or end is meant as well
    let scored = scored
        .map(|(score, k)| if k.contains(name) && name.len() > 2 { (score.max(0.7), k) } else { (score, k) });
    scored.filter(|(score, _)| *score >= 0.5).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, k)| k)
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
    fn a_misspelt_key_is_shown_with_its_place_and_the_nearest_one() {
        let error = parse::<Thing>("x.toml", "# comment\ncontians = \"a\"\n").unwrap_err();
        assert_eq!(error.message, "unknown key `contians`");
        assert_eq!(error.position(), (2, 1));
        assert_eq!(error.help.as_deref(), Some("did you mean `contains`?"));
    }

    #[test]
    fn nothing_near_is_nothing() {
        assert_eq!(nearest("zebra", ["name-recall", "file-only"]), None);
        assert_eq!(nearest("name", ["name-recall", "file-only"]), Some("name-recall"));
    }
}
