//! Text as a terminal, a CI log or an XML reader may safely show it: escaped, without color.

use crate::{
    escape, escape_bounded,
    text::{Block, Text},
};

/// Returns one piece of text, escaped.
pub(crate) fn plain(text: &Text) -> String {
    match text {
        Text::Words(words) => escape(words),
        Text::Excerpt(excerpt) => escape_bounded(&excerpt.text, excerpt.max),
        Text::Command(command) => command.shell(),
    }
}

/// Returns blocks as lines of text, each `indent` columns in.
pub(crate) fn plain_blocks(blocks: &[Block], indent: usize) -> String {
    let mut page = String::new();
    for line in blocks.iter().flat_map(|block| block.lines(None)) {
        let text: String = line.spans.iter().map(|span| plain(&span.text)).collect();
        page.extend(std::iter::repeat_n(' ', indent + line.indent));
        page.push_str(text.trim_end());
        page.push('\n');
    }
    page
}
