//! Files that a person wrote: TOML, unknown keys refused, with the place and the nearest known key.

use std::ops::Range;

use serde::de::DeserializeOwned;

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
    /// An error about a text as a whole, or about the first place where `needle` stands in it.
    pub fn at(file: &str, text: &str, needle: &str, message: impl Into<String>) -> Self {
        let start = if needle.is_empty() { None } else { text.find(needle) };
        let span = start.map_or(0..0, |start| start..start + needle.len());
        Self { file: file.to_owned(), text: text.to_owned(), span, message: message.into(), help: None }
    }

    /// An error about the `number`th block that begins with `head`, from 1: about `needle` where that stands in it.
    pub(super) fn in_block(
        file: &str,
        text: &str,
        (head, number): (&str, usize),
        needle: &str,
        message: String,
    ) -> Self {
        let lines = text.split_inclusive('\n').scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start, line))
        });
        let mut heads = lines.filter(|(_, line)| line.trim_start().starts_with(head)).map(|(start, _)| start);
        let Some(start) = heads.nth(number - 1) else { return Self::at(file, text, needle, message) };
        let start = start + text[start..].find(head).unwrap_or(0);
        let end = heads.next().unwrap_or(text.len());
        let block = &text[start..end];
        let span = match block.find(needle).filter(|_| !needle.is_empty()) {
            Some(at) => start + at..start + at + needle.len(),
            None => start..start + head.len(),
        };
        Self { file: file.to_owned(), text: text.to_owned(), span, message, help: None }
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
        let message = error.message().trim().to_owned();
        let (message, help) = explain_unknown(&message).unwrap_or((message, None));
        SourceError {
            file: file.to_owned(),
            text: text.to_owned(),
            span: error.span().unwrap_or(0..0),
            message,
            help,
        }
    })
}

/// Turns serde's "unknown field `x`, expected one of `a`, `b`" into a sentence with the nearest name.
fn explain_unknown(message: &str) -> Option<(String, Option<String>)> {
    let (kind, rest) = [("key", "unknown field `"), ("value", "unknown variant `")]
        .into_iter()
        .find_map(|(kind, prefix)| Some((kind, message.strip_prefix(prefix)?)))?;
    let (name, expected) = rest.split_once('`')?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            format!("known here: {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", "))
        }
    };
    Some((format!("unknown {kind} `{name}`"), (!known.is_empty()).then_some(help)))
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
