//! What the pages of the codes advise, as far as their Markdown goes: headings, paragraphs, lists, blocks of code, and code in a line.

use super::shown::Shown;

/// A paragraph, a list or a block of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    Paragraph(Vec<Span>),
    List(Vec<Vec<Span>>),
    Code(String),
}

/// Words, or code among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Span {
    Words(String),
    Code(String),
}

/// A sentence of the events, with code where it quotes something.
pub(crate) type Sentence = Vec<Span>;

/// Returns at most `max` characters of a sentence, in which nothing is hidden.
pub(crate) fn sentence(text: &str, max: usize) -> Sentence {
    let shown = Shown::new(text, max);
    if shown.as_str().matches('`').count() % 2 == 1 {
        return vec![Span::Words(shown.to_string())];
    }
    spans(shown.as_str())
}

/// What a page advises: what to change in the runtime, and what to say in the profile.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Advice {
    pub(crate) runtime: Vec<Block>,
    pub(crate) profile: Vec<Vec<Span>>,
}

/// Returns what a page says under a heading.
pub(crate) fn section(page: &str, heading: &str) -> Vec<Block> {
    let lines = page.lines().skip_while(|line| line.strip_prefix("## ") != Some(heading)).skip(1);
    let mut blocks: Vec<Raw> = Vec::new();
    let mut in_code = false;
    for line in lines.take_while(|line| !line.starts_with("## ")) {
        if line.starts_with("```") {
            in_code = !in_code;
            blocks.push(if in_code { Raw::Code(String::new()) } else { Raw::End });
            continue;
        }
        match (blocks.last_mut(), line.trim()) {
            (Some(Raw::Code(code)), _) if in_code => {
                code.push_str(line);
                code.push('\n');
            }
            (_, "") => blocks.push(Raw::End),
            (Some(Raw::List(items)), text) => match (text.strip_prefix("- "), items.last_mut()) {
                (Some(item), _) => items.push(item.to_owned()),
                (None, Some(item)) => join(item, text),
                (None, None) => {}
            },
            (_, text) if text.starts_with("- ") => blocks.push(Raw::List(vec![text[2..].to_owned()])),
            (Some(Raw::Paragraph(words)), text) => join(words, text),
            (_, text) => blocks.push(Raw::Paragraph(text.to_owned())),
        }
    }
    blocks.into_iter().filter_map(Raw::block).collect()
}

/// Returns what a page says under `How to fix`. What is about the profile stands apart.
pub(crate) fn advice(page: &str) -> Advice {
    let mut advice = Advice::default();
    for block in section(page, "How to fix") {
        let Block::List(items) = block else {
            advice.runtime.push(block);
            continue;
        };
        let (profile, runtime): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| is_about_profile(item));
        advice.profile.extend(profile);
        if !runtime.is_empty() {
            advice.runtime.push(Block::List(runtime));
        }
    }
    advice
}

fn is_about_profile(item: &[Span]) -> bool {
    item.iter().any(|span| matches!(span, Span::Words(words) if words.contains("profile")))
}

fn join(text: &mut String, more: &str) {
    text.push(' ');
    text.push_str(more);
}

enum Raw {
    Paragraph(String),
    List(Vec<String>),
    Code(String),
    /// The end of a block: what follows begins another one.
    End,
}

impl Raw {
    fn block(self) -> Option<Block> {
        match self {
            Self::Paragraph(text) => Some(Block::Paragraph(spans(&unstressed(&text)))),
            Self::List(items) => {
                Some(Block::List(items.iter().map(|item| spans(&unstressed(item))).collect()))
            }
            Self::Code(code) => Some(Block::Code(code.trim_end().to_owned())),
            Self::End => None,
        }
    }
}

/// Returns a text without its stress.
fn unstressed(text: &str) -> String {
    text.replace("**", "")
}

fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    for (position, part) in text.split('`').enumerate() {
        match (position % 2, part) {
            (_, "") => {}
            (0, words) => spans.push(Span::Words(words.to_owned())),
            (_, code) => spans.push(Span::Code(code.to_owned())),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use coalmine::event::{Code, CodeKind};

    use super::*;

    #[test]
    fn the_page_of_every_diagnosis_has_its_sections() {
        for code in Code::ALL.iter().filter(|code| code.kind() == CodeKind::Diagnosis) {
            for heading in ["What it means", "Usual causes", "How to fix"] {
                assert!(!section(code.page(), heading).is_empty(), "{code} {heading}");
            }
            let advice = advice(code.page());
            assert!(!advice.runtime.is_empty() || !advice.profile.is_empty(), "{code}");
        }
    }

    #[test]
    fn sentences_quote() {
        let (words, code) = (|text: &str| Span::Words(text.into()), |text: &str| Span::Code(text.into()));
        assert_eq!(sentence("holds `a\u{202e}`", 99), [words("holds "), code("a\\u{202e}")]);
        assert_eq!(sentence("one ` alone", 99), [words("one ` alone")]);
        assert_eq!(sentence("holds `abc`", 9), [words("holds `ab…")]);
    }

    #[test]
    fn lists_code_and_paragraphs_are_read() {
        let page = "# t\n\n## How to fix\n\nFirst `a`\nand more.\n\n- one\n  goes on\n- **two**: say `x = 1` in the profile\n```\nlet x;\n\ny\n```\nlast\n## Next\nno\n";
        let words = |text: &str| Span::Words(text.into());
        let code = |text: &str| Span::Code(text.into());
        let profile = vec![words("two: say "), code("x = 1"), words(" in the profile")];
        let first = Block::Paragraph(vec![words("First "), code("a"), words(" and more.")]);
        let rest = [Block::Code("let x;\n\ny".into()), Block::Paragraph(vec![words("last")])];
        let one = vec![words("one goes on")];
        let all =
            [vec![first.clone(), Block::List(vec![one.clone(), profile.clone()])], rest.to_vec()].concat();
        assert_eq!(section(page, "How to fix"), all);
        let runtime = [vec![first, Block::List(vec![one])], rest.to_vec()].concat();
        assert_eq!(advice(page), Advice { runtime, profile: vec![profile] });
    }
}
