use coalmine::event::is_hidden;
use proptest::prelude::*;

use crate::{escape, escape_bounded, mask};

#[test]
fn shows_what_a_terminal_would_act_on() {
    assert_eq!(escape("\x1b[31mred\x1b[0m\u{9b}2J\x07"), r"\x1b[31mred\x1b[0m\x9b2J\x07");
    assert_eq!(escape("one\r\ntwo\tthree"), r"one\r\ntwo\tthree");
    assert_eq!(escape("a\u{202e}b\u{2066}c\u{200b}d\u{feff}"), r"a\u{202e}b\u{2066}c\u{200b}d\u{feff}");
    assert_eq!(escape("\0\u{fffe}\u{ffff}\u{1fffe}"), r"\x00\u{fffe}\u{ffff}\u{1fffe}");
}

#[test]
fn breaks_up_the_commands_of_ci_logs() {
    assert_eq!(escape("::set-output name=a::b"), r":\x3aset-output name=a:\x3ab");
    assert_eq!(escape("x ##[group]y"), r"x #\x23[group]y");
    assert_eq!(escape("##vso[task.setvariable]"), r"#\x23vso[task.setvariable]");
    assert_eq!(escape("##teamcity[x]"), r"#\x23teamcity[x]");
    assert_eq!(escape("## A heading [1]"), "## A heading [1]");
    assert_eq!(escape("12:30: `a:b` C:\\temp #1"), "12:30: `a:b` C:\\temp #1");
}

#[test]
fn masked_text_keeps_its_places() {
    assert_eq!(
        mask("a\x1b[31m\r\n\tb\u{9b}\u{202e}\u{e0001}c\r##[group]"),
        "a?[31m\r\n\tb¿\u{fffd}\u{fffd}?c?#?[group]"
    );
}

#[test]
fn a_cut_text_ends_with_an_ellipsis() {
    assert_eq!(escape_bounded("abcdef", 6), "abcdef");
    assert_eq!(escape_bounded("abcdefg", 6), "abcde…");
    assert_eq!(escape_bounded("äöü", 2), "ä…");
    assert_eq!((escape_bounded("abc", 1), escape_bounded("abc", 0)), ("…".into(), String::new()));
}

fn is_safe(text: &str) -> bool {
    let command = text.match_indices("##").any(|(at, _)| {
        text[at + 2..].trim_start_matches(|letter: char| letter.is_ascii_alphanumeric()).starts_with('[')
    });
    !text.chars().any(is_hidden) && !text.contains("::") && !command
}

/// Any characters, with many of those that matter.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[:#\\[a-c\\x00-\\x20\\x7f-\\x9f\u{200b}-\u{206f}\u{fff0}-\u{ffff}]{0,60}",
        "(##|::|\\[|vso|\x1b|#|:){0,30}",
    ]
}

proptest! {
    #[test]
    fn the_result_is_safe(text in hostile()) {
        let escaped = escape(&text);
        prop_assert!(is_safe(&escaped), "{escaped:?}");
        prop_assert!(!escaped.chars().any(char::is_control));
    }

    #[test]
    fn masked_text_is_as_long_and_hides_nothing(text in hostile()) {
        let masked = mask(&text);
        let places = |text: &str| text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
        prop_assert_eq!(masked.len(), text.len());
        prop_assert!(places(&text).iter().all(|at| places(&masked).contains(at)));
        prop_assert!(!masked.chars().any(|letter| is_hidden(letter) && !matches!(letter, '\r' | '\n' | '\t')));
        prop_assert_eq!(mask(&masked), masked);
    }

    #[test]
    fn escaping_twice_changes_nothing(text in hostile()) {
        let escaped = escape(&text);
        prop_assert_eq!(escape(&escaped), escaped);
    }

    #[test]
    fn the_bound_holds_and_bounding_twice_changes_nothing(text in hostile(), limit in 0_usize..40) {
        let bounded = escape_bounded(&text, limit);
        prop_assert!(bounded.chars().count() <= limit);
        prop_assert!(is_safe(&bounded));
        prop_assert_eq!(escape_bounded(&bounded, limit), bounded);
    }

    #[test]
    fn a_bound_that_is_wide_enough_changes_nothing(text in hostile()) {
        let escaped = escape(&text);
        prop_assert_eq!(escape_bounded(&text, escaped.chars().count()), escaped);
    }

    #[test]
    fn plain_ascii_is_unchanged(text in "[ !-9;-~&&[^#]]{0,80}") {
        prop_assert_eq!(escape(&text), text);
    }
}
