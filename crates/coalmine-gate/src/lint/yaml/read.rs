//! Reading: from the parser's events to a tree.

use granit_parser::{Options, Parser, options};

use super::{
    Dispute, Node, Span,
    bounds::{MAX_BYTES, MAX_DEPTH},
    builder::Builder,
    dispute,
};

/// The first document of a file, which is the only one that forges read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The outermost value.
    pub root: Node,
    /// The places of keys that the same map has already.
    pub duplicates: Vec<Span>,
    /// The places of aliases.
    pub aliases: Vec<Span>,
    /// What other parsers refuse or read otherwise, and where.
    pub disputed: Vec<(Span, Dispute)>,
}

/// Why a text is not YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Where the parser stopped, in bytes.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
}

impl YamlError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// Reads the first document of a text, within bounds.
///
/// # Errors
/// Fails if the text is not YAML, holds no document, or exceeds a bound: 1 MiB, 50,000 values (those behind aliases
/// included), 4 MiB of text in them, 100 levels, and 4 KiB for a key.
pub fn read(text: &str) -> Result<Document, YamlError> {
    if text.len() > MAX_BYTES {
        return Err(YamlError::new(0, format!("the file is longer than {} KiB", MAX_BYTES >> 10)));
    }
    let mut builder = Builder::default();
    for next in Parser::new_from_str_with_options(text, limits()) {
        let (event, span) = next.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or_default();
            YamlError::new(floor(text, at), error.info())
        })?;
        let span = span.byte_range().unwrap_or_default();
        let span = floor(text, span.start)..floor(text, span.end.max(span.start));
        if builder.take(event, span)? {
            break;
        }
    }
    let root = builder.root.ok_or_else(|| YamlError::new(0, "the file holds no document"))?;
    let mut disputed = builder.disputed;
    disputed.extend(dispute::in_text(text, &builder.quiet));
    Ok(Document { root, duplicates: builder.duplicates, aliases: builder.aliases, disputed })
}

fn limits() -> Options {
    options! { emit_comments: false, flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH }
}

/// Returns the last place up to `at` that a character begins at.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_places() {
        let text = "on: [push]\njobs:\n  a: {run: \"x\"}\n";
        let root = read(text).unwrap().root;
        let run = root.get("jobs").and_then(|jobs| jobs.get("a")).and_then(|a| a.entry("run")).unwrap();
        assert_eq!((&text[run.key.span.clone()], &text[run.value.span.clone()]), ("run", "\"x\""));
        assert_eq!(root.get("on").unwrap().items()[0].text(), Some("push"));
    }

    #[test]
    fn aliases_and_merges_are_resolved() {
        let root = read("a: &a {x: 1, y: 2}\nb: *a\nc:\n  <<: *a\n  y: 3\n").unwrap().root;
        assert_eq!(root.get("b").unwrap().get("x").unwrap().text(), Some("1"));
        let c = root.get("c").unwrap();
        assert_eq!((c.get("x").unwrap().text(), c.get("y").unwrap().text()), (Some("1"), Some("3")));
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut text = String::from("a0: &a0 [x, x]\n");
        for level in 1..40 {
            text.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1));
        }
        assert!(read(&text).unwrap_err().message.contains("more than 50000 values"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(read(&"[".repeat(5_000)).is_err());
        let mut text = format!("a0: &a0 {}{}\n", "[".repeat(60), "]".repeat(60));
        text.push_str(&format!("a1: {}*a0{}\n", "[".repeat(60), "]".repeat(60)));
        assert!(read(&text).unwrap_err().message.contains("nested deeper"));
    }

    #[test]
    fn recursion_and_duplicates_are_seen() {
        assert!(read("a: &a [*a]\n").is_err());
        let text = "a: 1\nb: 2\na: 3\n";
        let duplicates = read(text).unwrap().duplicates;
        assert_eq!((duplicates.len(), duplicates[0].clone()), (1, 10..11));
    }

    #[test]
    fn a_colon_in_a_plain_scalar_is_refused_where_it_stands() {
        let text = "a:\n  - run: echo a: b\n";
        let error = read(text).unwrap_err();
        assert_eq!(&text[error.at..=error.at], ":", "{error:?}");
    }
}
