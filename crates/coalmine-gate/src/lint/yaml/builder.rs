//! Building a tree from the events of the parser.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, ScalarStyle, StructureStyle};

use super::{
    Dispute, Entry, Node, Scalar, Span, Style, Value, YamlError,
    bounds::{Anchored, MAX_KEY, Size},
};

/// A list or a map that is not finished.
#[derive(Debug)]
struct Open {
    start: usize,
    anchor: usize,
    size: Size,
    items: Vec<Node>,
    is_map: bool,
    is_flow: bool,
}

#[derive(Debug, Default)]
pub(super) struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    anchored: Option<Size>,
    pub(super) root: Option<Node>,
    pub(super) duplicates: Vec<Span>,
    pub(super) aliases: Vec<Span>,
    pub(super) disputed: Vec<(Span, Dispute)>,
    /// What may hold tabs at the beginning of a line.
    pub(super) quiet: Vec<Span>,
}

impl Builder {
    /// Takes an event, and returns whether the document is complete.
    pub(super) fn take(&mut self, event: Event<'_>, span: Span) -> Result<bool, YamlError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if tag.as_ref().and_then(|tag| tag.core_suffix()).is_some_and(|suffix| suffix != "str") {
                    self.disputed.push((span.clone(), Dispute::Tag));
                }
                self.quiet.push(span.clone());
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
            Event::SequenceStart(style, anchor, _) => self.begin(span.start, anchor, style, false),
            Event::MappingStart(style, anchor, _) => self.begin(span.start, anchor, style, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(span.end)?,
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let known = known
                    .ok_or_else(|| YamlError::new(span.start, "an alias stands inside its own anchor"))?;
                self.aliases.push(span.clone());
                self.add(Node { span, value: known.value }, known.size, 0)?;
            }
            Event::DocumentEnd => return Ok(true),
            _ => {}
        }
        Ok(false)
    }

    fn begin(&mut self, start: usize, anchor: usize, style: StructureStyle, is_map: bool) {
        let is_flow = style == StructureStyle::Flow;
        self.open.push(Open { start, anchor, size: Size::EMPTY, items: vec![], is_map, is_flow });
    }

    fn end(&mut self, end: usize) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = if open.is_map { self.map(open.items)? } else { Value::List(open.items) };
        let span = open.start..end.max(open.start);
        if open.is_flow {
            self.quiet.push(span.clone());
        }
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
            if key.scalar().is_none() || key.is_null() {
                self.disputed.push((key.span.clone(), Dispute::Key));
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
