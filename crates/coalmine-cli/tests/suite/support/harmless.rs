//! Assertions that output is harmless for terminals, CI logs and XML readers.

use quick_xml::{Reader, events::Event};

/// Asserts that a text contains nothing that a terminal or a CI log interprets.
#[track_caller]
pub(crate) fn assert_harmless(text: &str) {
    assert_no_control(text);
    for line in text.lines() {
        let line = line.trim_start();
        assert!(!line.starts_with("::"), "{line}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
    }
}

/// Asserts that a text contains no control characters except line breaks, and none that change the writing
/// direction.
#[track_caller]
pub(crate) fn assert_no_control(text: &str) {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let found = text.char_indices().find(|(_, c)| (c.is_control() && *c != '\n') || turns(*c));
    if let Some((at, found)) = found {
        let around: String =
            text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{found:?} after {around:?}");
    }
}

/// Asserts that a text is well-formed XML 1.0 with one root and this many test cases.
#[track_caller]
pub(crate) fn assert_junit(text: &str, cases: usize) {
    let illegal = |c: &char| (*c < ' ' && !"\t\n\r".contains(*c)) || matches!(*c, '\u{fffe}' | '\u{ffff}');
    assert_eq!(text.chars().find(illegal), None, "{text}");
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots, mut found) = (0_usize, 0_usize, 0_usize);
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error} in\n{text}"));
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                roots += usize::from(depth == 0);
                found += usize::from(tag.name().as_ref() == b"testcase");
                for attribute in tag.attributes() {
                    attribute.unwrap_or_else(|error| panic!("{error} in\n{text}"));
                }
                depth += usize::from(matches!(event, Event::Start(_)));
            }
            Event::End(_) => depth -= 1,
            Event::Text(words) if depth == 0 => assert_eq!(words.trim_ascii(), b"", "{text}"),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, roots, found), (0, 1, cases), "{text}");
}
