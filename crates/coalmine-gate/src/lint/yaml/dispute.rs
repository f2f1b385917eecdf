//! What the parser of Gitea refuses, or reads otherwise than this one.

use super::Span;

/// Something that parsers disagree about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispute {
    /// A tab that indents a line.
    Tab,
    /// A sign that YAML 1.1 takes for a line break, and YAML 1.2 for a letter.
    Break,
    /// A character that YAML does not allow.
    Control,
    /// A directive other than `%YAML 1.1` and `%TAG`.
    Directive,
    /// A key that is empty, a list or a map.
    Key,
    /// A tag that asks for another type than a string.
    Tag,
}

/// Returns the disputed signs of a text. Tabs at the beginning of a line are fine inside `quiet`: scalars, and what stands in
/// brackets.
pub(super) fn in_text(text: &str, quiet: &[Span]) -> Vec<(Span, Dispute)> {
    let mut quiet: Vec<&Span> = quiet.iter().filter(|span| text[(*span).clone()].contains('\n')).collect();
    quiet.sort_by_key(|span| span.start);
    let mut all: Vec<(Span, Dispute)> = directives(text);
    let (mut start, mut next, mut quiet_end) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line[..blanks].find('\t') {
            let at = start + tab;
            while let Some(span) = quiet.get(next).filter(|span| span.start <= at) {
                quiet_end = quiet_end.max(span.end);
                next += 1;
            }
            if at >= quiet_end {
                all.push((at..at + 1, Dispute::Tab));
            }
        }
        start += line.len();
    }
    let breaks = ['\u{85}', '\u{2028}', '\u{2029}'];
    all.extend(text.match_indices(breaks).map(|(at, sign)| (at..at + sign.len(), Dispute::Break)));
    let control = |letter: char| letter.is_control() && !"\t\n\r\u{85}".contains(letter);
    all.extend(text.match_indices(control).map(|(at, sign)| (at..at + sign.len(), Dispute::Control)));
    // one place is enough, and a file may be full of them
    all.truncate(100);
    all
}

/// Returns the directives that a parser of YAML 1.1 refuses. They stand before the first `---`.
fn directives(text: &str) -> Vec<(Span, Dispute)> {
    let mut start = 0;
    let mut all = vec![];
    for line in text.split_inclusive('\n') {
        let words = line.trim_start_matches('\u{feff}').trim_end();
        let is_blank = words.trim_start().is_empty() || words.trim_start().starts_with('#');
        if !is_blank && !words.starts_with('%') {
            break;
        }
        let mut parts = words.split_whitespace();
        let is_known = match (parts.next(), parts.next()) {
            (Some("%YAML"), version) => version == Some("1.1"),
            (Some("%TAG"), _) => true,
            _ => is_blank,
        };
        if !is_known {
            all.push((start..start + line.trim_end().len(), Dispute::Directive));
        }
        start += line.len();
    }
    all
}
