//! Reading: from the parser's events to a tree.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Options, Parser, ScalarStyle, options};

use super::{
    Entry, Node, Scalar, Span, Style, Value,
    bounds::{Anchored, MAX_BYTES, MAX_DEPTH, MAX_KEY, Size},
};

/// The first document of a file, which is the only one that forges read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The outermost value.
    pub root: Node,
    /// The places of keys that the same map has already.
    pub duplicates: Vec<Span>,
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
    Ok(Document { root, duplicates: builder.duplicates })
}

fn limits() -> Options {
    options! { emit_comments: false, flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH }
}

/// Returns the last place up to `at` that a character begins at.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// A list or a map that is not finished.
#[derive(Debug)]
struct Open {
    start: usize,
    anchor: usize,
    size: Size,
    items: Vec<Node>,
    is_map: bool,
}

#[derive(Debug, Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    anchored: Option<Size>,
    root: Option<Node>,
    duplicates: Vec<Span>,
}

impl Builder {
    /// Takes an event, and returns whether the document is complete.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<bool, YamlError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain if tag.is_some_and(|tag| tag.core_suffix() == Some("str")) => {
                        Style::Quoted
                    }
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let size = Size::scalar(&text);
                let value = Value::Scalar(Scalar { text: text.into_owned(), style });
                self.add(Node { span, value }, size, anchor)?;
            }
            Event::SequenceStart(_, anchor, _) => self.begin(span.start, anchor, false),
            Event::MappingStart(_, anchor, _) => self.begin(span.start, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(span.end)?,
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let known = known
                    .ok_or_else(|| YamlError::new(span.start, "an alias stands inside its own anchor"))?;
                self.add(Node { span, value: known.value }, known.size, 0)?;
            }
            Event::DocumentEnd => return Ok(true),
            _ => {}
        }
        Ok(false)
    }

    fn begin(&mut self, start: usize, anchor: usize, is_map: bool) {
        self.open.push(Open { start, anchor, size: Size::EMPTY, items: vec![], is_map });
    }

    fn end(&mut self, end: usize) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = if open.is_map { self.map(open.items)? } else { Value::List(open.items) };
        let span = open.start..end.max(open.start);
        self.add(Node { span, value }, open.size, open.anchor)
    }

    fn map(&mut self, items: Vec<Node>) -> Result<Value, YamlError> {
        let mut entries: Vec<Entry> = vec![];
        let mut seen = HashSet::new();
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            if key.text().is_some_and(|text| text.len() > MAX_KEY) {
                return Err(YamlError::new(key.span.start, format!("a key is longer than {MAX_KEY} bytes")));
            }
            if let Some(text) = key.text()
                && text != "<<"
                && !seen.insert(text.to_owned())
            {
                self.duplicates.push(key.span.clone());
            }
            entries.push(Entry { key, value });
        }
        Ok(Value::Map(merged(entries)))
    }

    fn add(&mut self, node: Node, size: Size, anchor: usize) -> Result<(), YamlError> {
        if anchor != 0 {
            // what anchors keep is bounded like the document
            let mut all = self.anchored.unwrap_or(Size::EMPTY);
            all.add(Size { depth: 0, ..size }, node.span.start)?;
            self.anchored = Some(all);
            self.anchors.insert(anchor, Anchored::of(&node, size));
        }
        match self.open.last_mut() {
            Some(open) => {
                open.size.add(size, node.span.start)?;
                open.items.push(node);
            }
            None => self.root = Some(node),
        }
        Ok(())
    }
}

/// Replaces `<<` with the entries of the map that it stands for, unless the map has them itself.
fn merged(mut entries: Vec<Entry>) -> Vec<Entry> {
    let Some(at) = entries.iter().position(|entry| entry.key.text() == Some("<<")) else { return entries };
    let merge = entries.remove(at).value;
    let sources = if merge.is_map() { std::slice::from_ref(&merge) } else { merge.items() };
    let mut known: HashSet<String> =
        entries.iter().filter_map(|entry| entry.key.text().map(str::to_owned)).collect();
    for entry in sources.iter().flat_map(Node::entries) {
        if entry.key.text().is_some_and(|key| known.insert(key.to_owned())) {
            entries.push(entry.clone());
        }
    }
    entries
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
        assert_eq!(read(text).unwrap().duplicates, [10..11]);
    }

    #[test]
    fn a_colon_in_a_plain_scalar_is_refused_where_it_stands() {
        let text = "a:\n  - run: echo a: b\n";
        let error = read(text).unwrap_err();
        assert_eq!(&text[error.at..=error.at], ":", "{error:?}");
    }
}
