//! The lines around a place, cut so that a line of a megabyte does not fill the screen.

use coalmine_gate::lint::position;
use coalmine_report::mask;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// The most bytes of a line that are shown before and behind a place.
const MAX_BEFORE: usize = 60;
const MAX_BEHIND: usize = 100;

/// The line of a place. Hidden characters are masked.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    /// The line and the column of the beginning of the text in the file, from 0.
    line: usize,
    column: usize,
    span: SourceSpan,
}

impl Snippet {
    /// Returns the line that a span begins in, and the part of the span in it.
    pub(super) fn new(name: String, text: &str, span: std::ops::Range<usize>) -> Self {
        let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[span.start..].find(['\n', '\r']).map_or(text.len(), |at| span.start + at);
        let start = ceil(text, line_start.max(span.start.saturating_sub(MAX_BEFORE)));
        let end = ceil(text, line_end.min(span.start + MAX_BEHIND));
        let at = position(text, start);
        let length = span.end.min(end).saturating_sub(span.start);
        Self {
            name,
            text: mask(&text[start..end.max(start)]),
            line: at.line - 1,
            column: at.column - 1,
            span: SourceSpan::from((span.start - start, length)),
        }
    }

    /// Returns the place in the snippet.
    pub(super) fn span(&self) -> SourceSpan {
        self.span
    }
}

/// Returns the first place from `at` on that a character begins at.
fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            self.line + contents.line(),
            self.column + contents.column(),
            contents.line_count(),
        )))
    }
}
