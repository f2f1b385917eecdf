//! Patterns of branches and paths, which stop at `/`. Those of required contexts do not: see [`crate::forge::RequiredContext`].

use regex::{Regex, RegexBuilder};

/// Returns whether the last of the patterns that matches a name is not negated, as `branches` and `paths` are read.
pub(super) fn selects(patterns: &[&str], name: &str) -> bool {
    patterns.iter().fold(false, |selected, pattern| {
        let (negated, pattern) = pattern.strip_prefix('!').map_or((false, *pattern), |rest| (true, rest));
        let matched = regex(&of_filter(pattern)).is_some_and(|pattern| pattern.is_match(name));
        if matched { !negated } else { selected }
    })
}

fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})$")).dot_matches_new_line(true).size_limit(1 << 20).build().ok()
}

fn of_filter(text: &str) -> String {
    let mut pattern = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' if letters.next_if_eq(&'*').is_some() => {
                // `**/` also matches no folder at all
                let folder = letters.next_if_eq(&'/').is_some();
                pattern.push_str(if folder { "(?:.*/)?" } else { ".*" });
            }
            '*' => pattern.push_str("[^/]*"),
            '?' | '+' if !pattern.is_empty() => pattern.push(letter),
            '[' => push_class(&mut pattern, &mut letters),
            '\\' => letters.next().into_iter().for_each(|letter| push_literal(&mut pattern, letter)),
            letter => push_literal(&mut pattern, letter),
        }
    }
    pattern
}

fn push_literal(pattern: &mut String, letter: char) {
    pattern.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
}

/// Adds a class of letters such as `[a-c]` or `[!x]`, up to its bracket.
fn push_class(pattern: &mut String, letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    pattern.push('[');
    if letters.next_if(|letter| *letter == '!' || *letter == '^').is_some() {
        pattern.push('^');
    }
    for letter in letters.by_ref() {
        match letter {
            ']' => break,
            '-' => pattern.push('-'),
            letter if letter.is_alphanumeric() => pattern.push(letter),
            letter => pattern.extend(['\\', letter]),
        }
    }
    pattern.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_select_by_the_last_match() {
        assert!(selects(&["main", "release/**"], "release/1/x"));
        assert!(!selects(&["release/*"], "release/1/x"));
        assert!(!selects(&["**", "!docs/**"], "docs/a.md") && selects(&["**/a.md"], "a.md"));
        assert!(!selects(&["nothing/**"], "README.md"));
    }

    #[test]
    fn unreadable_patterns_select_nothing() {
        assert!(!selects(&["[z-a]"], "b"));
    }
}
